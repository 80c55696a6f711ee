import { APPLICATION_RESOURCE } from '../../controller/api/generated/application.ts';
import { KINDS } from './observer.ts';
import type { Bench } from './run.ts';
import * as scenario from './scenarios.ts';
import { fileOf, manifests } from './workload.ts';
import type { World } from './world.ts';

/** Which part is measured: Applications that share a repository, or that have one each. */
export type Part = 'one' | 'many';

export interface GitopsOptions {
  readonly applications: number;
  /** Minutes. */
  readonly idle: number;
  readonly only?: Part;
}

/** Applications of 4 objects each: created, changed by commits, drifting, at rest, after a restart. */
export async function gitops(bench: Bench, options: GitopsOptions): Promise<void> {
  const where = { profile: 'api', observed: [APPLICATION_RESOURCE, ...KINDS] } as const;
  if (options.only !== 'one') await bench.inWorld(where, (world) => manyRepositories(world, options, bench));
  if (options.only !== 'many') await bench.inWorld(where, (world) => oneRepository(world, options, bench));
}

async function manyRepositories(world: World, options: GitopsOptions, { say, results }: Bench): Promise<void> {
  const scale = { applications: options.applications, say };
  await scenario.seedMany(world, scale);
  results.push(await scenario.create(world, scale, 'each from its own', scenario.fromMany(world)));
  if (options.idle > 0) {
    say(`own repositories: idle for ${options.idle} minutes`);
    results.push(await scenario.idle(world, 'idle, own repositories', options.idle));
  }
}

async function oneRepository(world: World, options: GitopsOptions, { say, results }: Bench): Promise<void> {
  const scale = { applications: options.applications, say };
  await scenario.seedOne(world, scale);
  results.push(await scenario.create(world, scale, 'all from one repository', scenario.fromOne(world)));
  say('a commit that changes one directory');
  results.push(
    await scenario.push(world, scale, 'one value changed', new Map([[fileOf(0), manifests(0, '1', '2')]]), '2'),
  );
  say('a commit that changes all');
  results.push(
    await scenario.push(world, scale, 'all objects changed', scenario.filesOf(scale.applications, '3'), '3'),
  );
  say('drift');
  results.push(await scenario.drift(world, scale, '3'));
  if (options.idle > 0) {
    say(`one repository: idle for ${options.idle} minutes`);
    results.push(await scenario.idle(world, 'idle, one repository', options.idle));
  }
  say('restart');
  results.push(await scenario.restart(world));
}
