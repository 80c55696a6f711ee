import { describe, expect, it } from 'vitest';
import type { RolloutSpec, RolloutStatus } from '../api/generated/rollout.ts';
import { phaseOf } from './phase.ts';
import { settingsOf } from './settings.ts';
import type { WantedVersion } from './wanted-version.ts';

const condition = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const known: WantedVersion = {
  state: 'known',
  template: {},
  model: undefined,
  identity: { state: 'new', hash: 'b', digest: '', collisions: 0 },
};
const blocked = (by: 'pending' | 'unavailable' | 'refused'): WantedVersion => ({
  state: 'blocked',
  by,
  code: 'C',
  message: 'm',
});
const healthy: RolloutStatus = {
  replicas: 4,
  updatedReplicas: 4,
  availableReplicas: 4,
  currentPodHash: 'b',
  stableRS: 'b',
};
const weights = (canary: number, behindStable: string) => ({
  canary: { weights: { canary: { weight: canary }, stable: { weight: 100 - canary, podTemplateHash: behindStable } } },
});
const ROUTED = { trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'r' }] } } };
const INVALID = condition('InvalidSpec', 'True', 'InvalidSpec', 'spec.x: bad');
const ABORTED = condition('Progressing', 'False', 'RolloutAborted', 'why');
const PAUSE = { pauseConditions: [{ reason: 'CanaryPauseStep' as const, startTime: '2026-01-01T00:00:00Z' }] };

/** The rules in their order: each row has all that the rows below it have, too, and still shows its own phase. */
describe('the phase', () => {
  it.each<
    [string, RolloutStatus, { paused?: boolean; wanted?: WantedVersion; routed?: boolean }, string, string | undefined]
  >([
    [
      'an invalid spec',
      { ...PAUSE, conditions: [ABORTED, INVALID] },
      { paused: true, wanted: blocked('refused') },
      'Degraded',
      'InvalidSpec: spec.x: bad',
    ],
    [
      'a refused model',
      { ...PAUSE, conditions: [ABORTED] },
      { paused: true, wanted: blocked('refused') },
      'Degraded',
      'C: m',
    ],
    [
      'an abort',
      { ...PAUSE, conditions: [ABORTED] },
      { paused: true, wanted: blocked('pending') },
      'Degraded',
      'RolloutAborted: why',
    ],
    [
      'a passed deadline',
      { ...PAUSE, conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'late')] },
      { paused: true },
      'Degraded',
      'ProgressDeadlineExceeded: late',
    ],
    ['spec.paused', PAUSE, { paused: true, wanted: blocked('pending') }, 'Paused', 'manually paused'],
    ['a pause', PAUSE, { wanted: blocked('pending') }, 'Paused', 'CanaryPauseStep'],
    [
      'a model that is being asked for',
      { updatedReplicas: 1 },
      { wanted: blocked('unavailable') },
      'Progressing',
      'C: m',
    ],
    [
      'missing pods',
      { updatedReplicas: 3, availableReplicas: 1 },
      {},
      'Progressing',
      'more replicas need to be updated',
    ],
    [
      'pods that do not serve',
      { availableReplicas: 3, replicas: 6 },
      {},
      'Progressing',
      'updated replicas are still becoming available',
    ],
    [
      'old pods',
      { replicas: 5, availableReplicas: 5, stableRS: 'a' },
      {},
      'Progressing',
      'old replicas are pending termination',
    ],
    [
      'old pods behind a router',
      { replicas: 8, availableReplicas: 8, ...weights(0, 'b') },
      { routed: true },
      'Healthy',
      undefined,
    ],
    ['steps that are not done', { stableRS: 'a' }, {}, 'Progressing', 'waiting for all steps to complete'],
    ['no stable version', { stableRS: '' }, {}, 'Progressing', 'waiting for all steps to complete'],
    [
      'requests at the canary Service',
      weights(100, 'b'),
      { routed: true },
      'Progressing',
      'waiting for the requests to go to the stable Service',
    ],
    [
      'a stable Service at the old version',
      weights(0, 'a'),
      { routed: true },
      'Progressing',
      'waiting for the requests to go to the stable Service',
    ],
    ['nothing', {}, {}, 'Healthy', undefined],
  ])('with %s', (_what, change, { paused = false, wanted = known, routed = false }, phase, message) => {
    const spec = { replicas: 4, paused, strategy: { canary: routed ? ROUTED : {} } } as unknown as RolloutSpec;
    expect(phaseOf({ ...healthy, ...change }, settingsOf(spec), wanted)).toEqual({ phase, message });
  });
});
