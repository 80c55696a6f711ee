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

  it.each([
    [1, 'v2', 'Healthy'],
    [1, 'v1', 'Paused'],
    [2, 'v1', 'Healthy'],
  ])('in a window of %i from v3 to %s is %s: one revision in between counts', (revisions, to, phase) => {
    const stage = routed({ rollbackWindow: { revisions } });
    for (const image of ['v2', 'v3']) {
      stage.setImage(image);
      stage.run();
      stage.cluster.patchStatus({ promoteFull: true });
      stage.wait(31);
    }
    expect(stage.behind('stable')).toBe('v3');
    stage.setImage(to);
    stage.run();
    expect(stage.status.phase).toBe(phase);
    expect(stage.behind('stable')).toBe(phase === 'Healthy' ? to : 'v3');
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

describe('a change right after a promotion', () => {
  it('keeps the pods that the stable Service still points at, although their version is now under test again', () => {
    const stage = routed();
    stage.setCanary({ steps: [] });
    stage.setImage('v2');
    stage.decide();
    const name = `fraud-${stage.status.currentPodHash}`;
    stage.world.syncReplicaSet(name);
    while (stage.world.becomeReady(name)) stage.world.syncReplicaSet(name);
    stage.reconciler.deliverAll();
    while (stage.status.stableRS !== stage.status.currentPodHash) {
      stage.reconciler.reconcile();
      stage.reconciler.deliverAll();
    }
    expect(stage.behind('stable')).toBe('v1');
    stage.world.fail(name);
    stage.world.syncReplicaSet(name);
    stage.setCanary({ steps: [{ pause: {} }] });
    stage.setImage('v1');
    stage.decide();
    expect([stage.behind('stable'), stage.pods['v1']]).toEqual(['v1', 10]);
    stage.run();
    expect([stage.behind('stable'), stage.pods]).toEqual(['v2', { v2: 10 }]);
  });
});
