import { ROLLOUT_RESOURCE } from '../../controller/api/generated/rollout.ts';
import * as scenario from './rollout-scenarios.ts';
import type { Bench } from './run.ts';

export interface RolloutsOptions {
  /** How many at a time; each number has a cluster of its own. */
  readonly rollouts: readonly number[];
  /** Minutes. */
  readonly idle: number;
}

/** Rollouts of two pods on simulated nodes: all created, all updated at once, at rest. */
export async function rollouts(bench: Bench, { rollouts: counts, idle }: RolloutsOptions): Promise<void> {
  const { say, results } = bench;
  for (const count of counts) {
    await bench.inWorld({ profile: 'kwok', observed: [ROLLOUT_RESOURCE] }, async (world) => {
      say(`creating ${count} Rollouts`);
      results.push(await scenario.create(world, count, say));
      say(`updating ${count} Rollouts`);
      results.push(await scenario.update(world, count, say));
      if (idle === 0) return;
      say(`idle for ${idle} minutes`);
      results.push(await scenario.idle(world, count, idle));
    });
  }
}
