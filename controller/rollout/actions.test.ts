import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutStatus } from '../api/generated/rollout.ts';
import { abort, promote, restart, retry } from './actions.ts';

function rollout(status: RolloutStatus | undefined, paused?: boolean): Rollout {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud', namespace: 'ml' },
    spec: {
      replicas: 2,
      selector: {},
      template: {},
      ...(paused === undefined ? {} : { paused }),
      strategy: { canary: { steps: [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }] } },
    },
    ...(status === undefined ? {} : { status }),
  };
}

const updating: RolloutStatus = { currentPodHash: 'new', stableRS: 'old', currentStepIndex: 1 };
const at = '2026-01-01T00:00:00Z';

describe('promote', () => {
  it('removes the pause and leaves controllerPause to the controller', () => {
    const paused: RolloutStatus = {
      ...updating,
      controllerPause: true,
      pauseConditions: [{ reason: 'CanaryPauseStep', startTime: at }],
    };
    expect(promote(rollout(paused), false).status).toEqual({ pauseConditions: null });
  });

  it('skips the step after an inconclusive analysis', () => {
    const paused: RolloutStatus = {
      ...updating,
      pauseConditions: [{ reason: 'InconclusiveAnalysisRun', startTime: at }],
    };
    expect(promote(rollout(paused), false).status).toEqual({
      pauseConditions: null,
      controllerPause: false,
      currentStepIndex: 2,
    });
  });

  it('moves on by one step in the middle of a step', () => {
    expect(promote(rollout(updating), false).status).toEqual({ currentStepIndex: 2 });
  });

  it('resumes a rollout that was paused by hand, and nothing else', () => {
    const action = promote(rollout(updating, true), false);
    expect(action).toEqual({ spec: { paused: false }, said: 'rollout "fraud" promoted' });
  });

  it('skips everything with full', () => {
    expect(promote(rollout(updating), true).status).toEqual({ promoteFull: true });
  });

  it.each([
    ['nothing is in progress', { currentPodHash: 'a', stableRS: 'a' }, false, /nothing to promote/],
    ['already promoted', { currentPodHash: 'a', stableRS: 'a' }, true, /already fully promoted/],
    ['aborted', { ...updating, abort: true }, false, /kubectl slipway retry fraud/],
    ['all steps done', { ...updating, currentStepIndex: 3 }, false, /all its steps/],
    ['never reconciled', undefined, false, /nothing to promote/],
  ] as const)('refuses when %s', (_, status, full, message) => {
    expect(() => promote(rollout(status), full)).toThrow(message);
  });
});

describe('abort and retry', () => {
  it('abort an update, and only an update', () => {
    expect(abort(rollout(updating)).status).toEqual({ abort: true });
    expect(() => abort(rollout({ currentPodHash: 'a', stableRS: 'a' }))).toThrow(/nothing to abort/);
  });

  it('retry what is aborted, and only that', () => {
    expect(retry(rollout({ ...updating, abort: true })).status).toEqual({ abort: false });
    expect(() => retry(rollout(updating))).toThrow(/not aborted/);
  });
});

describe('of a blue-green Rollout', () => {
  const blueGreen = (status: RolloutStatus): Rollout => {
    const one = rollout(status);
    return { ...one, spec: { ...one.spec, strategy: { blueGreen: { activeService: 'fraud' } } } };
  };
  const inPause = (reason: 'BlueGreenPause' | 'InconclusiveAnalysisRun'): RolloutStatus => ({
    currentPodHash: 'new',
    stableRS: 'old',
    controllerPause: true,
    pauseConditions: [{ reason, startTime: at }],
  });

  it.each(['BlueGreenPause', 'InconclusiveAnalysisRun'] as const)('promote ends %s and counts no steps', (reason) => {
    expect(promote(blueGreen(inPause(reason)), false).status).toEqual({ pauseConditions: null });
  });

  it('promote refuses what is not paused, and full works', () => {
    const going = blueGreen({ currentPodHash: 'new', stableRS: 'old' });
    expect(() => promote(going, false)).toThrow(/not paused/);
    expect(promote(going, true).status).toEqual({ promoteFull: true });
  });
});

describe('restart', () => {
  it('asks for pods that are younger than now, to the second', () => {
    expect(restart(rollout(updating), Date.UTC(2026, 0, 1, 0, 0, 0, 1)).spec).toEqual({
      restartAt: '2026-01-01T00:00:01Z',
    });
  });
});
