import { describe, expect, it } from 'vitest';
import type { Route } from '../../test/simulate/model-cluster.ts';
import { blueGreenSpec, ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec, RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../api/names.ts';
import { decideRollout } from './decide.ts';
import type { ReplicaSet } from './snapshot.ts';

const STEPS = [{ setWeight: 20 }, { pause: {} }];

function canary(change: Partial<RolloutSpecStrategyCanary> = {}, more: Partial<RolloutSpec> = {}): Stage {
  const stage = new Stage(rolloutSpec('v1', 10, { ...ROUTED, steps: STEPS, ...change }, more), decideRollout);
  stage.run();
  stage.wait(60);
  return stage;
}

/** v2 waits at 20 %. */
function paused(change: Partial<RolloutSpecStrategyCanary> = {}, more: Partial<RolloutSpec> = {}): Stage {
  const stage = canary(change, more);
  stage.setImage('v2');
  stage.run();
  return stage;
}

function abort(stage: Stage): void {
  stage.cluster.patchStatus({ abort: true });
  stage.run();
}

/** All pods of the version that serves go bad. */
function breakStable(stage: Stage): void {
  const hash = stage.status.stableRS ?? '';
  stage.world.broken.add(hash);
  while (stage.world.fail(`fraud-${hash}`)) stage.world.syncReplicaSet(`fraud-${hash}`);
}

/** What users of Argo Rollouts report, by the number of the report; those that are not here are beside the feature that they are about. */
describe('reported of Argo Rollouts', () => {
  it('#3078: the canary Service does not flip after an abort while the pods wait for their delay', () => {
    const stage = paused();
    abort(stage);
    const writes = stage.reconciler.writes;
    for (let i = 0; i < 5; i += 1) stage.wait(5);
    expect([stage.behind('canary'), stage.reconciler.writes]).toEqual(['v1', writes]);
  });

  it('#4919: what somebody does to the weight after an abort is put right, also while an autoscaler works', () => {
    const stage = paused();
    abort(stage);
    const route = stage.cluster.get<Route>('route', 'route') as Route;
    stage.cluster.put('route', { ...route, canaryWeight: 40 });
    stage.scale(14);
    stage.run();
    expect([stage.weight, stage.pods['v1']]).toEqual([0, 14]);
  });

  it('#3275, #3565: replicas and template changed together never take pods from what serves', () => {
    const stage = canary();
    stage.cluster.changeSpec((spec) => ({ ...spec, replicas: 6 }));
    stage.setImage('v2');
    for (let i = 0; i < 20; i += 1) {
      stage.decide();
      expect(stage.pods['v1']).toBeGreaterThanOrEqual(6);
      stage.world.settle();
    }
    expect([stage.pods, stage.weight]).toEqual([{ v1: 6, v2: 2 }, 20]);
  });

  it('#3848: another number of replicas during the delay of the old pods does not keep it from being Healthy', () => {
    const stage = paused();
    stage.promote();
    stage.scale(12);
    stage.run();
    expect(stage.status.phase).toBe('Healthy');
    stage.wait(31);
    expect([stage.pods, stage.status.phase]).toEqual([{ v2: 12 }, 'Healthy']);
  });

  it('#2982, #4971: a deadline on a ReplicaSet that has no pods any more is nothing to come back for', () => {
    const stage = canary();
    const [rs] = stage.cluster.list<ReplicaSet>('replicaSet') as [ReplicaSet];
    const { uid: _, ...metadata } = rs.metadata;
    stage.cluster.put('replicaSet', {
      ...rs,
      metadata: {
        ...metadata,
        name: 'fraud-left',
        labels: { 'rollouts-pod-template-hash': 'left' },
        annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: new Date(stage.cluster.now - 60_000).toISOString() },
      },
      spec: { ...rs.spec, replicas: 0, template: {} },
      status: { replicas: 0 },
    });
    stage.run();
    stage.reconciler.deliverAll();
    const { commands, requeueAfterMs } = decideRollout(stage.reconciler.snapshot(), stage.cluster.now);
    expect([commands, requeueAfterMs]).toEqual([[], undefined]);
  });

  it('#2823: a blue-green Rollout that is Degraded is not looked at again without a reason', () => {
    const stage = new Stage(blueGreenSpec('v1', 3, {}, { progressDeadlineSeconds: 60 }), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.decide();
    stage.world.broken.add(stage.status.currentPodHash ?? '');
    stage.run();
    stage.wait(61);
    expect(stage.status.phase).toBe('Degraded');
    const writes = stage.reconciler.writes;
    const { commands, requeueAfterMs } = decideRollout(stage.reconciler.snapshot(), stage.cluster.now);
    expect([commands, requeueAfterMs]).toEqual([[], undefined]);
    stage.wait(600);
    expect(stage.reconciler.writes).toBe(writes);
  });

  it('#1624: progressDeadlineAbort aborts nothing when a pod goes bad long after the promotion', () => {
    const stage = canary({ steps: [] }, { progressDeadlineSeconds: 60, progressDeadlineAbort: true });
    stage.setImage('v2');
    stage.run();
    stage.wait(31);
    breakStable(stage);
    stage.run();
    stage.wait(600);
    expect(stage.status.abort).toBeUndefined();
    expect([stage.status.phase, stage.pods]).toEqual(['Progressing', { v2: 10 }]);
  });

  it('#3414, #214: a deadline that is shorter than the delay of the old pods is no trouble', () => {
    const stage = paused({ scaleDownDelaySeconds: 300 }, { progressDeadlineSeconds: 60, progressDeadlineAbort: true });
    stage.promote();
    for (let i = 0; i < 6; i += 1) {
      stage.wait(61);
      expect(stage.status.phase).toBe('Healthy');
    }
    expect(stage.pods).toEqual({ v2: 10 });
  });

  it('#3843, #1225: time in a pause does not count toward the deadline', () => {
    const stage = paused({}, { progressDeadlineSeconds: 60, progressDeadlineAbort: true });
    stage.wait(3600);
    expect(stage.status.phase).toBe('Paused');
    stage.promote();
    expect(stage.status.phase).toBe('Healthy');
  });

  it.each<[string, Partial<RolloutSpecStrategyCanary>]>([
    ['with steps', {}],
    ['without steps', { steps: [] }],
  ])('#1774, #995, #3110: a broken stable version does not block its repair, %s', (_what, change) => {
    const stage = canary(change);
    breakStable(stage);
    stage.setImage('v2');
    stage.run();
    if (stage.status.phase === 'Paused') stage.promote();
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v2', 'Healthy']);
  });

  it('#3082: a spec that was invalid for longer than the deadline is not aborted when it is corrected', () => {
    const stage = canary({}, { progressDeadlineSeconds: 60, progressDeadlineAbort: true });
    stage.setImage('v2');
    stage.decide();
    stage.setCanary({ maxSurge: 'lots' });
    stage.run();
    expect(stage.status.phase).toBe('Degraded');
    stage.wait(600);
    stage.setCanary({ maxSurge: '25%' });
    stage.run();
    expect([stage.status.phase, stage.weight]).toEqual(['Paused', 20]);
  });

  it('#2048: a version that comes after an abort keeps its pods when the delay of the aborted one is over', () => {
    const stage = paused();
    abort(stage);
    stage.wait(10);
    stage.setImage('v3');
    stage.run();
    stage.wait(60);
    expect([stage.pods, stage.weight]).toEqual([{ v1: 10, v3: 2 }, 20]);
  });

  it('#2648: a promotion in full in the middle of a pause goes to the end', () => {
    const stage = paused();
    stage.cluster.patchStatus({ promoteFull: true });
    stage.run();
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v2', 'Healthy']);
  });

  it('#4569: trafficRouting without a router that is known is InvalidSpec, and no pod starts', () => {
    const stage = canary();
    stage.setCanary({ trafficRouting: { istio: {} } as never });
    stage.setImage('v2');
    stage.reconciler.deliverAll();
    const { commands, status } = decideRollout({ ...stage.reconciler.snapshot(), routes: [] }, stage.cluster.now);
    expect(commands).toEqual([]);
    expect(status.message).toMatch(
      /^InvalidSpec: spec\.strategy\.canary\.trafficRouting\..*: name at least one HTTPRoute$/,
    );
  });
});
