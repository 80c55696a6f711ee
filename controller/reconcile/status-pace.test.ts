import { describe, expect, it } from 'vitest';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import type { RolloutDecision } from '../rollout/decision.ts';
import { isPressing, PACE_MS, StatusPace } from './status-pace.ts';

const condition = (type: string, status: string, message = '') => ({
  type,
  status: status as 'True',
  reason: 'A',
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const before = {
  phase: 'Progressing',
  replicas: 1,
  currentStepIndex: 1,
  conditions: [condition('Progressing', 'True', '0 of 2'), condition('TrafficRouted', 'True')],
} as RolloutStatus;
const quiet: RolloutDecision = { commands: [], status: {}, events: [] };
const pressing = (after: Partial<RolloutStatus>, decision = quiet) =>
  isPressing(before, { ...before, ...after }, decision);

describe('a status is not pressing', () => {
  it('when only pods and their wording differ', () => {
    expect(pressing({ replicas: 2, readyReplicas: 1, message: 'more' })).toBe(false);
    expect(
      pressing({ conditions: [condition('Progressing', 'True', '1 of 2'), condition('TrafficRouted', 'True')] }),
    ).toBe(false);
  });

  it('when an empty object comes or goes', () => {
    expect(pressing({ canary: {} })).toBe(false);
  });

  it('when pods were scaled, since the next decision does not scale them again', () => {
    const event = { type: 'Normal', reason: 'ScalingReplicaSet', message: '' } as const;
    const command = { type: 'deleteReplicaSet', name: 'a', uid: 'b' } as const;
    expect(pressing({ replicas: 2 }, { ...quiet, events: [event], commands: [command] })).toBe(false);
  });
});

describe('a status is pressing', () => {
  it.each<[string, Partial<RolloutStatus>]>([
    ['phase', { phase: 'Healthy' }],
    ['step', { currentStepIndex: 2 }],
    ['generation', { observedGeneration: 4 }],
    ['Available, which people and alerts wait for', { conditions: [condition('Available', 'False')] }],
    ['a condition of its own', { conditions: [condition('TrafficRouted', 'False')] }],
    ['a condition that is new', { conditions: [...(before.conditions ?? []), condition('InvalidSpec', 'True')] }],
  ])('for its %s', (_, after) => {
    expect(pressing(after)).toBe(true);
  });

  it('when it is the first', () => {
    expect(isPressing(undefined, {}, quiet)).toBe(true);
  });

  it('when an Event would be told again', () => {
    const event = { type: 'Warning', reason: 'TrafficRoutingError', message: '' } as const;
    expect(pressing({ replicas: 2 }, { ...quiet, events: [event] })).toBe(true);
  });
});

it('lags for a bounded time, however often it changes', () => {
  const pace = new StatusPace();
  expect(pace.waitMs('a', 100)).toBe(PACE_MS);
  expect(pace.waitMs('a', 100 + PACE_MS - 1)).toBe(1);
  expect(pace.waitMs('a', 100 + PACE_MS)).toBeUndefined();
  pace.forget('a');
  expect(pace.waitMs('a', 100 + PACE_MS)).toBe(PACE_MS);
});
