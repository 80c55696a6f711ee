import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { isHealthy, ROLLOUT, rollout } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';

const FRAUD = ROLLOUT('fraud');
const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'fraud' } };

describe('a restart on a real API server', () => {
  let world: World;
  let stopNodes: () => void;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    stopNodes = fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController();
    await world.create(rollout({ routed: false, replicas: 3 }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
  });
  afterEach(async () => {
    stopNodes();
    await world.close();
  });

  const podUids = async (): Promise<Set<string | undefined>> =>
    new Set((await world.list({ apiVersion: 'v1', kind: 'Pod' })).map(({ metadata }) => metadata.uid));
  /** Later than any pod that there is, to the second. */
  const restart = async (): Promise<string> => {
    const pods = await world.list({ apiVersion: 'v1', kind: 'Pod' });
    const newest = Math.max(...pods.map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '')));
    const restartAt = new Date(newest + 1000).toISOString();
    await world.patch(FRAUD, { spec: { restartAt } });
    return restartAt;
  };

  it('replaces every pod, and says when it is done', async () => {
    const before = await podUids();
    const restartAt = await restart();
    const done = await world.see<Rollout>(
      FRAUD,
      (r) => isHealthy(r) && Date.parse(r.status?.restartedAt ?? '') === Date.parse(restartAt),
      'restarted',
    );
    expect(done.status?.availableReplicas).toBe(3);
    const after = await podUids();
    expect([...before].filter((uid) => after.has(uid))).toEqual([]);
    await world.seeEvent('Normal', 'RolloutRestarted', 'no pod is older than');
  });

  it('takes no pod that a PodDisruptionBudget holds', async () => {
    await world.create({ ...BUDGET, spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'fraud' } } } });
    const before = await podUids();
    await restart();
    await world.seeEvent('Warning', 'EvictionRefused', 'disruption budget');
    const waiting = await world.see<Rollout>(FRAUD, (r) => r.status?.message === 'rollout is restarting', 'restarting');
    expect([await podUids(), waiting.status?.restartedAt]).toEqual([before, undefined]);

    await world.remove({ ...BUDGET, name: 'fraud' });
    await world.patch(FRAUD, { metadata: { annotations: { look: 'again' } } });
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.restartedAt !== undefined, 'restarted');
  });
});
