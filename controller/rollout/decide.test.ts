import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

const STEPS = [{ setWeight: 20 }, { pause: {} }, { setWeight: 50 }, { pause: { duration: '1m' } }];

function routed(change: Partial<RolloutSpec> = {}, replicas = 10): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, { ...ROUTED, steps: STEPS }, change), decideRollout);
  stage.run();
  stage.wait(60);
  stage.takeReasons();
  return stage;
}

/** A rollout of v2 that waits at 20 %. */
function paused(change: Partial<RolloutSpec> = {}): Stage {
  const stage = routed(change);
  stage.setImage('v2');
  stage.run();
  return stage;
}

describe('a first version', () => {
  it('comes up at once and then serves', () => {
    const stage = routed();
    expect(stage.pods).toEqual({ v1: 10 });
    expect(stage.status).toMatchObject({ phase: 'Healthy', step: '4/4' });
    expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v1', 'v1']);
  });

  it('takes the Services only when all its pods serve', () => {
    const stage = new Stage(rolloutSpec('v1', 3, { ...ROUTED, steps: STEPS }), decideRollout);
    stage.decide();
    expect(stage.pods).toEqual({ v1: 3 });
    expect(stage.behind('stable')).toBe('all');
    stage.run();
    expect(stage.behind('stable')).toBe('v1');
  });

  it('is replaced by a second one before it ever served, without steps', () => {
    const stage = new Stage(rolloutSpec('v1', 4, { ...ROUTED, steps: STEPS }), decideRollout);
    stage.decide();
    stage.setImage('v2');
    stage.run();
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v2', 'Healthy']);
    stage.wait(31);
    expect(stage.pods).toEqual({ v2: 4 });
  });
});

describe('a canary with traffic routing', () => {
  it('goes through its steps and is promoted', () => {
    const stage = paused();
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
    expect(stage.weight).toBe(20);
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'CanaryPauseStep', step: '1/4' });
    stage.promote();
    expect(stage.pods).toEqual({ v1: 10, v2: 5 });
    expect(stage.weight).toBe(50);
    stage.wait(59);
    expect(stage.status.phase).toBe('Paused');
    stage.wait(1);
    expect(stage.weight).toBe(0);
    expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v2', 'v2']);
    expect(stage.pods).toEqual({ v1: 10, v2: 10 });
    stage.wait(31);
    expect(stage.pods).toEqual({ v2: 10 });
    expect(stage.status).toMatchObject({ phase: 'Healthy', step: '4/4' });
  });

  it('tells what it does by Events', () => {
    const stage = paused();
    stage.promote();
    stage.wait(61);
    stage.wait(31);
    const said = stage.takeReasons();
    const order = [
      'RolloutUpdated',
      'NewReplicaSetCreated',
      'ScalingReplicaSet',
      'SwitchService',
      'TrafficWeightUpdated',
    ];
    expect(said.filter((reason, i) => said.indexOf(reason) === i)).toEqual([
      ...order,
      'RolloutStepCompleted',
      'RolloutPaused',
      'RolloutResumed',
      'RolloutCompleted',
    ]);
    expect(said.filter((reason) => reason === 'RolloutStepCompleted')).toHaveLength(4);
  });

  it('names numbers in its Events', () => {
    const stage = routed();
    stage.setImage('v2');
    stage.run();
    const messages = stage.events.map(({ message }) => message);
    expect(messages).toContainEqual(
      expect.stringMatching(/^Scaled up ReplicaSet fraud-\w+ from 0 to 2 \(20 % of 10\)$/),
    );
    expect(messages).toContainEqual(expect.stringMatching(/^Traffic weight of fraud-\w+ updated from 0 to 20$/));
    expect(messages).toContainEqual('Completed step 1/4 (setWeight: 20)');
  });

  it('adds pods, waits for them, points the Service, and only then sends requests', () => {
    const stage = routed();
    stage.setImage('v2');
    stage.decide();
    expect([stage.pods['v2'], stage.behind('canary'), stage.weight]).toEqual([2, 'v1', 0]);
    const name = `fraud-${stage.status.currentPodHash}`;
    stage.world.syncReplicaSet(name);
    stage.world.becomeReady(name);
    stage.world.syncReplicaSet(name);
    stage.decide();
    expect([stage.behind('canary'), stage.weight]).toEqual(['v2', 0]);
    stage.world.becomeReady(name);
    stage.world.syncReplicaSet(name);
    stage.decide();
    expect([stage.weight, stage.status.step]).toEqual([20, '0/4']);
    stage.world.answerRoute('yes');
    stage.decide();
    expect(stage.status.step).toBe('1/4');
  });

  it('does not pass a step that the router refuses, and says so', () => {
    const stage = routed();
    stage.setImage('v2');
    stage.decide();
    const name = `fraud-${stage.status.currentPodHash}`;
    stage.world.syncReplicaSet(name);
    while (stage.world.becomeReady(name)) stage.world.syncReplicaSet(name);
    stage.decide();
    stage.world.answerRoute('refused');
    stage.decide();
    expect(stage.status.step).toBe('0/4');
    expect(stage.condition('TrafficRouted')).toMatchObject({ status: 'False', reason: 'TrafficRoutingError' });
    expect(stage.takeReasons()).toContain('TrafficRoutingError');
  });

  it('without steps is promoted when all its pods serve, without a weight in between', () => {
    const stage = routed();
    stage.setCanary({ steps: [] });
    stage.setImage('v2');
    stage.run();
    expect(stage.takeReasons()).not.toContain('TrafficWeightUpdated');
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v2', 'Healthy']);
  });

  it('keeps the split while an autoscaler works', () => {
    const stage = paused();
    stage.scale(20);
    stage.decide();
    expect(stage.pods).toEqual({ v1: 20, v2: 4 });
    expect(stage.weight).toBe(20);
    stage.scale(5);
    stage.run();
    expect(stage.pods).toEqual({ v1: 5, v2: 1 });
    expect(stage.status.step).toBe('1/4');
  });

  it('follows a third version: the second loses its requests at once and its pods after the delay', () => {
    const stage = paused();
    stage.setImage('v3');
    stage.decide();
    expect(stage.weight).toBe(0);
    expect(stage.pods).toEqual({ v1: 10, v2: 2, v3: 2 });
    stage.run();
    expect(stage.weight).toBe(20);
    expect(stage.behind('canary')).toBe('v3');
    expect(stage.pods).toEqual({ v1: 10, v2: 2, v3: 2 });
    stage.wait(31);
    expect(stage.pods).toEqual({ v1: 10, v3: 2 });
  });

  it('begins anew when its steps change', () => {
    const stage = paused();
    stage.setCanary({ steps: [{ setWeight: 10 }, { pause: {} }] });
    stage.run();
    expect(stage.weight).toBe(10);
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/2' });
  });

  it('is promoted in full by request: at the weight that it has until all its pods serve', () => {
    const stage = paused();
    stage.cluster.patchStatus({ promoteFull: true });
    stage.decide();
    expect([stage.weight, stage.pods['v2']]).toEqual([20, 10]);
    stage.run();
    expect([stage.behind('stable'), stage.weight]).toEqual(['v2', 0]);
    expect(stage.status.promoteFull).toBeUndefined();
  });
});

describe('an abort', () => {
  it('gives all requests back in the same decision, and takes the pods after the delay', () => {
    const stage = paused();
    stage.cluster.patchStatus({ abort: true });
    stage.reconciler.deliverAll();
    const decision = stage.reconciler.reconcile();
    expect(decision?.commands[0]).toEqual({ type: 'setWeights', route: 'route', canaryWeight: 0 });
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
    stage.run();
    expect(stage.behind('canary')).toBe('v1');
    expect(stage.status).toMatchObject({ phase: 'Degraded', message: 'RolloutAborted: Rollout aborted by request' });
    stage.wait(29);
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
    stage.wait(2);
    expect(stage.pods).toEqual({ v1: 10 });
    stage.wait(36_000);
    expect(stage.status).toMatchObject({ phase: 'Degraded', abort: true });
  });

  it('keeps the pods for good with a delay of 0, also when the number of pods changes', () => {
    const stage = paused();
    stage.setCanary({ abortScaleDownDelaySeconds: 0 });
    stage.run();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.scale(12);
    stage.wait(3600);
    expect(stage.pods).toEqual({ v1: 12, v2: 2 });
  });

  it('is taken back by a retry, which starts over', () => {
    const stage = paused();
    stage.promote();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.cluster.patchStatus({ abort: false });
    stage.decide();
    expect(stage.condition('Progressing')).toMatchObject({ status: 'Unknown', reason: 'RolloutRetry' });
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/4' });
    expect(stage.weight).toBe(20);
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.wait(31);
    expect(stage.pods).toEqual({ v1: 10 });
  });

  it('of nothing is discarded', () => {
    const stage = routed();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Healthy' });
    expect(stage.status.abort).toBeUndefined();
  });

  it('can be overruled by a promotion in full', () => {
    const stage = paused();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.cluster.patchStatus({ promoteFull: true });
    stage.run();
    expect(stage.behind('stable')).toBe('v2');
    expect(stage.status.abort).toBeUndefined();
  });

  it('is for that version: another one is tried', () => {
    const stage = paused();
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    stage.setImage('v3');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/4' });
    expect(stage.weight).toBe(20);
  });

  it('comes from the progress deadline when the spec wants that, and names it', () => {
    const stage = routed({ progressDeadlineSeconds: 60, progressDeadlineAbort: true });
    stage.setImage('v2');
    stage.decide();
    stage.world.broken.add(stage.status.currentPodHash ?? '');
    stage.run();
    stage.wait(59);
    expect(stage.status.phase).toBe('Progressing');
    stage.wait(2);
    expect(stage.status).toMatchObject({ phase: 'Degraded', abort: true });
    expect(stage.status.message).toBe('RolloutAborted: Rollout aborted after 60 s without progress');
  });
});

describe('going back', () => {
  it('to what serves, mid-canary, is at once and needs no step', () => {
    const stage = paused();
    stage.setImage('v1');
    stage.decide();
    expect([stage.weight, stage.behind('canary'), stage.status.step]).toEqual([0, 'v1', '4/4']);
    expect(stage.takeReasons()).toContain('SkipSteps');
    stage.run();
    expect(stage.status.phase).toBe('Healthy');
    stage.wait(31);
    expect(stage.pods).toEqual({ v1: 10 });
  });

  it('to the version before, within the rollback window, skips all steps but not the wait for its pods', () => {
    const stage = paused({ rollbackWindow: { revisions: 1 } });
    stage.promote();
    stage.wait(61);
    stage.wait(31);
    stage.setImage('v1');
    stage.decide();
    expect([stage.weight, stage.behind('stable')]).toEqual([0, 'v2']);
    stage.run();
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v1', 'Healthy']);
  });

  it('to the version before, without a window, takes the steps', () => {
    const stage = paused();
    stage.promote();
    stage.wait(61);
    stage.wait(31);
    stage.setImage('v1');
    stage.run();
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/4' });
  });
});

describe('spec.paused', () => {
  it('starts no version, but goes on scaling', () => {
    const stage = routed({ paused: true });
    expect(stage.pods).toEqual({});
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: false }));
    stage.run();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.setImage('v2');
    stage.scale(12);
    stage.run();
    expect(stage.pods).toEqual({ v1: 12 });
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'manually paused' });
  });

  it('takes no step, and lets an abort and a return through', () => {
    const stage = paused();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.promote();
    expect(stage.status.step).toBe('1/4');
    stage.setImage('v1');
    stage.run();
    expect([stage.weight, stage.behind('canary')]).toEqual([0, 'v1']);
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: false }));
    stage.setImage('v2');
    stage.run();
    stage.cluster.changeSpec((spec) => ({ ...spec, paused: true }));
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(stage.weight).toBe(0);
  });
});

describe('a canary without traffic routing', () => {
  function shared(replicas: number, canary: RolloutSpec['strategy']['canary']): Stage {
    const stage = new Stage(rolloutSpec('v1', replicas, canary), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.run();
    return stage;
  }

  it('splits the pods, and is promoted', () => {
    const stage = shared(10, { steps: [{ setWeight: 20 }, { pause: {} }] });
    expect(stage.pods).toEqual({ v1: 8, v2: 2 });
    expect(stage.status).toMatchObject({ phase: 'Paused', step: '1/2' });
    stage.promote();
    expect(stage.pods).toEqual({ v2: 10 });
    expect(stage.status.phase).toBe('Healthy');
    expect(stage.status.canary?.weights).toBeUndefined();
  });

  it('keeps the share of the pods when an autoscaler works', () => {
    const stage = shared(4, { steps: [{ setWeight: 25 }, { pause: {} }] });
    expect(stage.pods).toEqual({ v1: 3, v2: 1 });
    stage.scale(8);
    stage.run();
    expect(stage.pods).toEqual({ v1: 6, v2: 2 });
    stage.scale(4);
    stage.run();
    expect(stage.pods).toEqual({ v1: 3, v2: 1 });
  });

  it('goes back without a delay when it is aborted', () => {
    const stage = shared(10, { steps: [{ setWeight: 50 }, { pause: {} }] });
    stage.cluster.patchStatus({ abort: true });
    stage.run();
    expect(stage.pods).toEqual({ v1: 10 });
    expect(stage.status.phase).toBe('Degraded');
  });

  it('without steps is a rolling update', () => {
    const stage = shared(4, {});
    expect(stage.pods).toEqual({ v2: 4 });
    expect(stage.status.phase).toBe('Healthy');
  });

  it.each([
    [1, 0, 1],
    [2, 0, 1],
    [10, 0, 1],
    [1, 1, 0],
    [5, '100%', 0],
  ])(
    'replaces %i pods behind pinned Services with surge %s and unavailable %s',
    (replicas, maxSurge, maxUnavailable) => {
      const services = { canaryService: 'canary', stableService: 'stable' };
      const stage = shared(replicas, {
        ...services,
        maxSurge,
        maxUnavailable,
        steps: [{ setWeight: 50 }, { setWeight: 100 }],
      });
      expect(stage.pods).toEqual({ v2: replicas });
      expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v2', 'v2']);
    },
  );

  it('is not held up by a stable version that does not start', () => {
    const stage = new Stage(rolloutSpec('v1', 4, { steps: [{ setWeight: 50 }] }), decideRollout);
    stage.run();
    const stable = `fraud-${stage.status.stableRS}`;
    stage.world.broken.add(stage.status.stableRS ?? '');
    while (stage.world.fail(stable)) stage.world.syncReplicaSet(stable);
    stage.setImage('v2');
    stage.run();
    expect(stage.pods).toEqual({ v2: 4 });
  });
});
