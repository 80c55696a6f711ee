import { describe, expect, it } from 'vitest';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { hasProgress, type ProgressInput, progressClock } from './progress.ts';

const still: RolloutStatus = {
  replicas: 10,
  updatedReplicas: 2,
  readyReplicas: 9,
  availableReplicas: 9,
  stableRS: 'a',
  currentPodHash: 'b',
  currentStepIndex: 1,
  currentStepHash: 's',
};

describe('progress', () => {
  it.each<[string, RolloutStatus, boolean]>([
    ['nothing changes', still, false],
    ['more updated pods', { ...still, replicas: 11, updatedReplicas: 3 }, true],
    ['fewer updated pods', { ...still, replicas: 9, updatedReplicas: 1 }, true],
    ['fewer old pods', { ...still, replicas: 9 }, true],
    ['more old pods', { ...still, replicas: 11 }, false],
    ['more ready pods', { ...still, readyReplicas: 10 }, true],
    ['fewer ready pods', { ...still, readyReplicas: 8 }, false],
    ['more available pods', { ...still, availableReplicas: 10 }, true],
    ['another step', { ...still, currentStepIndex: 2 }, true],
    ['other steps', { ...still, currentStepHash: 't' }, true],
    ['a promotion', { ...still, stableRS: 'b' }, true],
    ['another version', { ...still, currentPodHash: 'c' }, true],
  ])('%s', (_what, after, expected) => {
    expect(hasProgress(still, after)).toBe(expected);
  });
});

describe('the clock of the deadline', () => {
  const base: ProgressInput = {
    before: still,
    after: still,
    since: 1000,
    timedOut: false,
    running: true,
    ranBefore: true,
    deadlineMs: 600,
    now: 1500,
  };
  const moved = { ...still, readyReplicas: 10 };

  it.each<[string, Partial<ProgressInput>, ReturnType<typeof progressClock>]>([
    ['runs', {}, { since: 1000, timedOut: false, leftMs: 100 }],
    ['passes', { now: 1600 }, { since: 1000, timedOut: true, leftMs: undefined }],
    ['begins anew with progress', { after: moved }, { since: 1500, timedOut: false, leftMs: 600 }],
    ['stays passed', { timedOut: true, now: 1400 }, { since: 1000, timedOut: true, leftMs: undefined }],
    ['is forgiven by progress', { timedOut: true, after: moved }, { since: 1500, timedOut: false, leftMs: 600 }],
    [
      'stands still while nobody is to move',
      { running: false, now: 9999 },
      { since: 1000, timedOut: false, leftMs: undefined },
    ],
    [
      'begins anew after it stood still',
      { ranBefore: false, now: 9999 },
      { since: 9999, timedOut: false, leftMs: 600 },
    ],
    ['begins when it is first needed', { since: undefined }, { since: 1500, timedOut: false, leftMs: 600 }],
  ])('%s', (_what, change, clock) => {
    expect(progressClock({ ...base, ...change })).toEqual(clock);
  });
});
