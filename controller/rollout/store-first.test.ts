import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutStatus } from '../api/generated/rollout.ts';
import type { Command } from './decision.ts';
import type { RolloutSnapshot, RouteState } from './snapshot.ts';
import type { Step } from './steps.ts';
import { storeFirst } from './store-first.ts';

const command: Command = { type: 'setWeights', route: 'fraud', canaryWeight: 50 };
const weights = (weight: number, verified = true) => ({
  canary: { weight, serviceName: 'c' },
  stable: { weight: 100 - weight, serviceName: 's' },
  verified,
});
const before: RolloutStatus = {
  phase: 'Paused',
  currentPodHash: 'new',
  stableRS: 'old',
  currentStepIndex: 1,
  pauseConditions: [{ reason: 'CanaryPauseStep', startTime: '2026-01-01T00:00:00Z' }],
  canary: { weights: weights(10) },
};
/** Not ended by time or people. */
const WEIGHTS: Step[] = [10, 20, 50].map((weight) => ({ kind: 'setWeight', weight }));
const PAUSE: Step = { kind: 'pause', durationMs: 2000 };
const advanced: RolloutStatus = {
  phase: 'Progressing',
  currentPodHash: 'new',
  stableRS: 'old',
  currentStepIndex: 2,
  canary: { weights: weights(50, false) },
};
const route = (canaryWeight: number, accepted: 'yes' | 'pending' = 'yes'): RouteState => ({
  name: 'fraud',
  state: 'present',
  canaryWeight,
  accepted,
});

function stored(
  status: RolloutStatus | undefined,
  after: RolloutStatus,
  {
    commands = [command],
    routes = [route(10)],
    steps = [],
  }: { commands?: Command[]; routes?: RouteState[]; steps?: Step[] } = {},
): RolloutStatus | undefined {
  const rollout = { metadata: { name: 'fraud' }, ...(status === undefined ? {} : { status }) } as Rollout;
  return storeFirst({ rollout, routes } as unknown as RolloutSnapshot, { commands, status: after, events: [] }, steps);
}

describe('what is stored before it is acted on', () => {
  it('is that a step is done, with the split and the phase as they are', () => {
    expect(stored(before, advanced, { steps: WEIGHTS })).toEqual({
      phase: 'Paused',
      currentPodHash: 'new',
      stableRS: 'old',
      currentStepIndex: 2,
      canary: { weights: weights(10) },
    });
  });

  it('is a promotion', () => {
    expect(stored(before, { ...before, stableRS: 'new' })).toMatchObject({ stableRS: 'new', phase: 'Paused' });
  });

  it('has the split that the routes show, if a process died before it recorded it', () => {
    const steps = WEIGHTS;
    expect(stored(before, advanced, { steps, routes: [route(50, 'pending')] })?.canary?.weights).toEqual(
      weights(50, false),
    );
    expect(stored(before, advanced, { steps, routes: [route(50), route(10)] })?.canary?.weights).toEqual(weights(10));
  });

  it.each<[string, RolloutStatus | undefined, RolloutStatus]>([
    ['the first status', undefined, advanced],
    ['an abort', before, { ...advanced, currentStepIndex: 0, abort: true, abortedAt: '2026-01-01T00:00:00Z' }],
    ['a new template', before, { ...advanced, currentPodHash: 'newer', currentStepIndex: 0 }],
    ['what concludes nothing', before, { ...before, phase: 'Progressing' }],
  ])('is not %s: commands come first', (_, status, after) => {
    expect(stored(status, after)).toBeUndefined();
  });

  it('is not the end of a pause, which the next process finds over as well, unless another step ended with it', () => {
    const [first, second, third] = WEIGHTS as [Step, Step, Step];
    expect(stored(before, advanced, { steps: [first, PAUSE, third] })).toBeUndefined();
    const further = { ...advanced, currentStepIndex: 3 };
    expect(stored(before, further, { steps: [first, PAUSE, second, third] })).toMatchObject({ currentStepIndex: 3 });
  });

  it('is nothing apart when there is no command', () => {
    expect(stored(before, advanced, { commands: [] })).toBeUndefined();
  });

  it('leaves the status that was read as it is', () => {
    const frozen = structuredClone(before);
    stored(before, advanced);
    expect(before).toEqual(frozen);
  });
});
