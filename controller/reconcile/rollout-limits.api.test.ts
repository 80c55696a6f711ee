import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { BROKEN_ANNOTATION, fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  imageOf,
  isHealthy,
  isPausedAt,
  REPLICA_SET,
  ROLLOUT,
  rollout,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const STEPS = [{ setWeight: 50 }, { pause: {} }];

describe('the limits of a Rollout', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController();
  });
  afterEach(() => world.close());

  /** Another template as a whole: what it does not have goes. */
  const change = (image: string, annotations: Record<string, string> | null = null) => {
    const { metadata, spec } = template('fraud', image);
    return world.patch(FRAUD, { spec: { template: { metadata: { ...(metadata as object), annotations }, spec } } });
  };
  /** Wanted pods by image. */
  const pods = async (): Promise<Record<string, number>> => {
    const sets = await world.list<ReplicaSet>(REPLICA_SET(''));
    return Object.fromEntries(sets.map((rs) => [String(imageOf(rs)), rs.spec.replicas ?? 0]));
  };
  const settled = (r: Rollout): boolean => isHealthy(r) && condition(r, 'Healthy')?.status === 'True';

  it('progressDeadlineSeconds says that an update is stuck, and its pods stay', async () => {
    await world.create(rollout({ routed: false, steps: STEPS, spec: { progressDeadlineSeconds: 2 } }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:bad', { [BROKEN_ANNOTATION]: '' });
    const stuck = await world.see<Rollout>(FRAUD, (r) => r.status?.phase === 'Degraded', 'stuck');
    expect(condition(stuck, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    await world.seeEvent('Warning', 'ProgressDeadlineExceeded', 'made no progress for 2 s');
    expect(stuck.status?.abort).toBeUndefined();
    expect((await pods())['server:bad']).toBeGreaterThan(0);
    await change('server:3');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'going on with a version that starts');
  });

  it('progressDeadlineAbort takes the stuck update back, and a retry tries it again', async () => {
    const spec = { progressDeadlineSeconds: 2, progressDeadlineAbort: true };
    await world.create(rollout({ routed: false, steps: STEPS, spec }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:bad', { [BROKEN_ANNOTATION]: '' });
    const aborted = (r: Rollout): boolean => r.status?.abort === true && r.status.availableReplicas === 2;
    const { status } = await world.see<Rollout>(FRAUD, aborted, 'aborted');
    expect(status?.message).toBe('RolloutAborted: Rollout aborted after 2 s without progress');
    await world.seeEvent('Warning', 'RolloutAborted', 'after 2 s without progress');
    await world.see<ReplicaSet>(
      REPLICA_SET(`fraud-${status?.currentPodHash}`),
      (rs) => rs.spec.replicas === 0 && rs.status?.replicas === 0,
      'without pods',
    );
    await world.patch(FRAUD, { status: { abort: false } }, 'status');
    await world.seeEvent('Normal', 'RolloutRetry', 'started over');
  });

  it('spec.paused starts nothing, scales, and goes on when it is lifted', async () => {
    await world.create(rollout({ routed: false, steps: STEPS }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { paused: true } });
    await world.see<Rollout>(FRAUD, (r) => r.status?.message === 'manually paused', 'paused');
    await world.seeEvent('Normal', 'RolloutPaused', 'spec.paused is true');
    await change('server:2');
    await world.patch(FRAUD, { spec: { replicas: 3 } });
    await world.see<Rollout>(
      FRAUD,
      (r) => r.status?.availableReplicas === 3 && r.status.observedGeneration === r.metadata.generation,
      'scaled',
    );
    expect(await pods()).toEqual({ 'server:1': 3 });
    await world.patch(FRAUD, { spec: { paused: false } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'at the pause of its steps');
    await world.seeEvent('Normal', 'RolloutResumed', 'spec.paused is no longer true');
  });

  it('revisionHistoryLimit keeps so many old ReplicaSets, the newest', async () => {
    await world.create(rollout({ routed: false, spec: { revisionHistoryLimit: 1 } }));
    for (const image of ['server:1', 'server:2', 'server:3', 'server:4']) {
      await change(image);
      await world.see<Rollout>(FRAUD, settled, `healthy on ${image}`);
    }
    const kept = await world.list<ReplicaSet>(REPLICA_SET(''));
    expect(kept.map((rs) => String(imageOf(rs))).sort()).toEqual(['server:3', 'server:4']);
    await change('server:3');
    await world.see<Rollout>(FRAUD, settled, 'back on server:3');
    const again = (await world.list<ReplicaSet>(REPLICA_SET(''))).find((rs) => imageOf(rs) === 'server:3');
    expect(again?.metadata.annotations?.['slipway.dev/revision']).toBe('5');
  });
});
