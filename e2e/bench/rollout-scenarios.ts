import { setTimeout as delay } from 'node:timers/promises';
import { ROLLOUT_RESOURCE } from '../../controller/api/generated/rollout.ts';
import { mapLimited } from '../../controller/platform/concurrent.ts';
import { countRequests } from '../cluster/audit.ts';
import { CONTROLLER_USER } from '../journeys/controller-process.ts';
import { idleRequests, writesPer } from './api-cost.ts';
import { isHealthy, rollout, rolloutName, versionPatch } from './rollout-workload.ts';
import type { Result, Say } from './scenarios.ts';
import { NAMESPACE } from './workload.ts';
import type { World } from './world.ts';

const TIMEOUT_MS = 3_600_000;
/** Requests of the benchmark itself at the same time. */
const CONCURRENCY = 16;

/** Creates Rollouts until all are healthy. */
export function create(world: World, count: number, say: Say): Promise<Result> {
  return measured(world, `create ${count}`, count, 1, say, async (n) => {
    await world.observer.client.create(ROLLOUT_RESOURCE, rollout(n));
  });
}

/** Asks for another version of all Rollouts at once, until all have taken their steps and are healthy. */
export function update(world: World, count: number, say: Say): Promise<Result> {
  return measured(world, `update ${count}`, count, 2, say, async (n) => {
    const key = `${NAMESPACE}/${rolloutName(n)}`;
    await world.observer.client.patch(ROLLOUT_RESOURCE, key, 'application/json-patch+json', versionPatch(2));
  });
}

/** Nothing happens. */
export async function idle(world: World, count: number, minutes: number): Promise<Result> {
  const since = Date.now();
  const meter = await world.meter();
  await delay(minutes * 60_000);
  const measurement = await meter.stop();
  const requests = await countRequests(world.cluster.stateDir, { since, user: CONTROLLER_USER });
  const percent = (100 * measurement.cpuSeconds) / measurement.seconds;
  return {
    scenario: `idle ${count}`,
    ...measurement,
    details: { ...idleRequests(requests), 'percent of a core': percent },
  };
}

/**
 * Does something to every Rollout and waits until all are healthy at a generation. The time ends with the last of them; what
 * is counted ends when the controller has nothing more to say.
 */
async function measured(
  world: World,
  scenario: string,
  count: number,
  generation: number,
  say: Say,
  act: (n: number) => Promise<void>,
): Promise<Result> {
  const since = Date.now();
  const meter = await world.meter();
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let told = 0;
  const all = world.observer.untilCount(
    'Rollout',
    count,
    (object) => isHealthy(object, generation),
    TIMEOUT_MS,
    (healthy) => {
      if (healthy < told + count / 10) return;
      told = healthy;
      say(`${scenario}: ${healthy} are healthy after ${seconds().toFixed(1)} s`);
    },
  );
  const numbers = Array.from({ length: count }, (_, n) => n);
  const asked = mapLimited(numbers, CONCURRENCY, act).then(seconds);
  const [end, asking] = await Promise.all([all, asked]);
  const measurement = await meter.stop((end - started) / 1000);
  const requests = await countRequests(world.cluster.stateDir, { since, user: CONTROLLER_USER });
  return {
    scenario,
    ...measurement,
    details: {
      'seconds until the last was asked for': asking,
      'CPU milliseconds per Rollout': (1000 * measurement.cpuSeconds) / count,
      ...writesPer('Rollout', count, requests),
    },
  };
}
