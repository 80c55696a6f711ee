import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import { decideRollout } from './decide.ts';

const STEPS = [{ setWeight: 20 }, { pause: {} }, { setWeight: 50 }, { pause: { duration: '1m' } }];

function routed(replicas = 10): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, { ...ROUTED, steps: STEPS }), decideRollout);
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
});

describe('a canary with traffic routing', () => {
  it('goes through its steps and is promoted', () => {
    const stage = routed();
    stage.setImage('v2');
    stage.run();
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
    expect(stage.weight).toBe(20);
    expect(stage.status).toMatchObject({ phase: 'Paused', message: 'CanaryPauseStep', step: '1/4' });
    stage.cluster.patchStatus({ pauseConditions: null });
    stage.run();
    expect(stage.pods).toEqual({ v1: 10, v2: 5 });
    expect(stage.weight).toBe(50);
    stage.wait(61);
    expect(stage.weight).toBe(0);
    expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v2', 'v2']);
    expect(stage.pods).toEqual({ v1: 10, v2: 10 });
    stage.wait(31);
    expect(stage.pods).toEqual({ v2: 10 });
    expect(stage.status).toMatchObject({ phase: 'Healthy', step: '4/4' });
  });

  it('gives all requests back at once when it is aborted, and keeps the pods for the delay', () => {
    const stage = routed();
    stage.setImage('v2');
    stage.run();
    stage.cluster.patchStatus({ abort: true });
    stage.reconciler.deliverAll();
    stage.reconciler.reconcile();
    expect(stage.weight).toBe(0);
    expect(stage.pods).toEqual({ v1: 10, v2: 2 });
    stage.run();
    expect(stage.behind('canary')).toBe('v1');
    expect(stage.status).toMatchObject({ phase: 'Degraded', message: 'RolloutAborted: Rollout aborted by request' });
    stage.wait(31);
    expect(stage.pods).toEqual({ v1: 10 });
    stage.wait(3600);
    expect(stage.status.phase).toBe('Degraded');
  });
});
