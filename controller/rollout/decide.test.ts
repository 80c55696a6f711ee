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
