import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { isHealthy, isPausedAt, REPLICA_SET, ROLLOUT, rollout, template } from '../../test/rollouts/fixtures.ts';
import { openWorld, type RunningController, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');

describe('a version that was rejected', () => {
  let world: World;
  let controller: RunningController;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    controller = await world.startController();
  });
  afterEach(() => world.close());

  it('is not tried again by commits that say other things, nor by a restart, until its own content changes', async () => {
    await world.create(rollout({ routed: false, steps: [{ setWeight: 50 }, { pause: {} }] }));
    const stable = (await world.see<Rollout>(FRAUD, isHealthy, 'healthy')).status?.stableRS;
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:bad') } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused');
    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    const isRejected = ({ status }: Rollout): boolean => status?.abort === true && status.phase === 'Degraded';
    const { abortedAt, currentPodHash = '' } = (await world.see<Rollout>(FRAUD, isRejected, 'aborted')).status ?? {};
    const idle = (rs: ReplicaSet): boolean => rs.spec.replicas === 0;
    await world.see<ReplicaSet>(REPLICA_SET(`fraud-${currentPodHash}`), idle, 'without pods');

    const more = { progressDeadlineSeconds: 700, revisionHistoryLimit: 7 };
    await world.patch(FRAUD, { metadata: { labels: { team: 'risk' } }, spec: more });
    await controller.stop();
    await world.startController();
    await world.patch(FRAUD, { spec: { replicas: 3 } });
    const still = await world.see<Rollout>(
      FRAUD,
      (r) =>
        isRejected(r) &&
        r.status?.availableReplicas === 3 &&
        Number(r.status.observedGeneration) === r.metadata.generation,
      'still aborted, with three old pods',
    );
    expect(still.status).toMatchObject({ abortedAt, stableRS: stable, currentPodHash });
    expect((await world.list<ReplicaSet>(REPLICA_SET(''))).filter((rs) => !idle(rs))).toHaveLength(1);

    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:fixed') } });
    const fixed = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with the next version');
    expect(fixed.status?.abort ?? false).toBe(false);
  });
});
