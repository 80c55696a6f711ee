import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { ClusterError, describe } from '../cluster/errors.ts';
import { folders } from '../cluster/folders.ts';
import { removeCluster } from '../cluster/teardown.ts';
import { table } from './report.ts';
import * as scenario from './scenarios.ts';
import { fileOf, manifests } from './workload.ts';
import { World } from './world.ts';

interface Options {
  applications: number;
  idle: number;
  only?: Part;
  name: string;
  json?: string;
  cpuProf?: string;
  kubeQps?: string;
}

type Part = 'one' | 'many';

const started = performance.now();
const say = (line: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
};

const program = new Command('bench').description('Measures what the controller needs. It judges nothing.');
program
  .command('gitops')
  .description('Applications of 4 objects each: many from one repository, many from their own, commits, drift, rest')
  .option('--applications <number>', 'how many', whole, 1000)
  .option('--idle <minutes>', 'how long it is measured while nothing happens', minutes, 10)
  .option('--only <part>', 'one: all from one repository; many: each from its own', part)
  .option('--name <name>', 'name of the local cluster', 'bench')
  .option('--json <file>', 'write the numbers to this file too')
  .option('--cpu-prof <folder>', 'write CPU profiles of the controller to this folder')
  .option('--kube-qps <number>', 'the flag of the controller')
  .action(gitops);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    const { name } = program.commands[0]?.opts<Options>() ?? { name: 'bench' };
    void removeCluster(name, folders()).finally(() => process.exit(130));
  });
}
await program.parseAsync();
// What the clients still hold open must not keep the process.
process.exit();

async function gitops(options: Options): Promise<void> {
  const results: scenario.Result[] = [];
  try {
    if (options.only !== 'one') await inWorld(options, (world) => manyRepositories(world, options, results));
    if (options.only !== 'many') await inWorld(options, (world) => oneRepository(world, options, results));
  } catch (error) {
    console.error(`The benchmark failed: ${describe(error)}`);
    if (!(error instanceof ClusterError) && error instanceof Error) console.error(error.stack);
    process.exitCode = 1;
  }
  console.log(`\n${options.applications} Applications of 4 objects, ${cpus().length} cores\n\n${table(results)}`);
  if (options.json !== undefined) {
    const { applications } = options;
    writeFileSync(options.json, `${JSON.stringify({ applications, cores: cpus().length, results }, undefined, 2)}\n`);
  }
}

/** Each part has a cluster and a controller of its own, so that none carries what another has left. */
async function inWorld(options: Options, act: (world: World) => Promise<void>): Promise<void> {
  const flags = options.kubeQps === undefined ? {} : { 'kube-qps': options.kubeQps };
  const world = await World.start({ name: options.name, say, profileDir: options.cpuProf, flags });
  try {
    await act(world);
  } catch (error) {
    console.error(`The controller's last lines:\n${world.controller.logTail().join('\n')}`);
    throw error;
  } finally {
    await world.close();
  }
}

async function manyRepositories(world: World, options: Options, results: scenario.Result[]): Promise<void> {
  const scale = { applications: options.applications, say };
  await scenario.seedMany(world, scale);
  results.push(await scenario.create(world, scale, 'each from its own', scenario.fromMany(world)));
  if (options.idle > 0) {
    say(`own repositories: idle for ${options.idle} minutes`);
    results.push(await scenario.idle(world, 'idle, own repositories', options.idle));
  }
}

async function oneRepository(world: World, options: Options, results: scenario.Result[]): Promise<void> {
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

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1');
  return value;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('minutes, from 0');
  return value;
}

function part(text: string): Part {
  if (text !== 'one' && text !== 'many') throw new InvalidArgumentError('one or many');
  return text;
}
