import { describe, expect, it } from 'vitest';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import type { RolloutSpec, RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import { decideRollout } from './decide.ts';

const PAUSE = { pause: {} };

/** v1 serves; nothing is under way. */
function serving(replicas: number, canary: RolloutSpecStrategyCanary, more: Partial<RolloutSpec> = {}): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, canary, more), decideRollout);
  stage.run();
  stage.wait(60);
  return stage;
}

/** Goes on decision by decision, with pods that serve at once, and notes each new look. */
function walk(stage: Stage, look: (stage: Stage) => string): string {
  const seen = [look(stage)];
  for (let i = 0; i < 200; i += 1) {
    stage.reconciler.deliverAll();
    const before = stage.reconciler.writes;
    stage.reconciler.reconcile();
    const now = look(stage);
    if (now !== seen.at(-1)) seen.push(now);
    if (!stage.world.settle() && stage.reconciler.writes === before) return seen.join(' → ');
  }
  throw new Error(`no end: ${seen.join(' → ')}`);
}

/** Wanted pods: new version/old version. */
const split = (stage: Stage): string => `${stage.pods['v2'] ?? 0}/${stage.pods['v1'] ?? 0}`;
/** The same with the weight of the new version. */
const routed = (stage: Stage): string => `${split(stage)} ${stage.weight}%`;

/** The walks of a whole Rollout, not only of the maths: every pass is a decision on what the one before has left. */
describe('a canary without traffic routing walks (canary/stable)', () => {
  it.each<[number, number | string, number | string, number, string]>([
    [10, 1, 0, 20, '0/10 → 1/10 → 1/9 → 2/9 → 2/8'],
    [10, '25%', '25%', 20, '0/10 → 0/8 → 2/8'],
    [10, 0, 1, 20, '0/10 → 0/9 → 1/9 → 1/8 → 2/8'],
    [5, '25%', '25%', 50, '0/5 → 0/4 → 3/4 → 3/3'],
    [1, 1, 0, 50, '0/1 → 1/1'],
    [1, 0, 1, 50, '0/1 → 0/0 → 1/0'],
    [3, 1, 0, 50, '0/3 → 1/3 → 1/2 → 2/2'],
  ])('%i pods, surge %s, unavailable %s, to %i %%', (replicas, maxSurge, maxUnavailable, weight, expected) => {
    const stage = serving(replicas, { maxSurge, maxUnavailable, steps: [{ setWeight: weight }, PAUSE] });
    stage.setImage('v2');
    expect(walk(stage, split)).toBe(expected);
    expect(stage.status).toMatchObject({ phase: 'Paused', currentStepIndex: 1 });
  });

  it('from 2/8 to the promotion', () => {
    const stage = serving(10, { steps: [{ setWeight: 20 }, PAUSE] });
    stage.setImage('v2');
    stage.run();
    stage.cluster.patchStatus({ pauseConditions: null });
    expect(walk(stage, split)).toBe('2/8 → 2/6 → 7/6 → 7/1 → 10/1 → 10/0');
  });

  it.each<[number | string, number | string, string]>([
    ['25%', '25%', '5/5 → 5/8 → 0/8 → 0/10'],
    [1, 0, '5/5 → 5/6 → 4/6 → 4/7 → 3/7 → 3/8 → 2/8 → 2/9 → 1/9 → 1/10 → 0/10'],
  ])('back from 5/5 after an abort, surge %s, unavailable %s', (maxSurge, maxUnavailable, expected) => {
    const stage = serving(10, { maxSurge, maxUnavailable, steps: [{ setWeight: 50 }, PAUSE] });
    stage.setImage('v2');
    stage.run();
    stage.cluster.patchStatus({ abort: true });
    expect(walk(stage, split)).toBe(expected);
  });

  it('with an autoscaler: 25 % of 8 is 2 and 6, of 4 it is 1 and 3', () => {
    const stage = serving(4, { steps: [{ setWeight: 25 }, PAUSE] });
    stage.setImage('v2');
    stage.run();
    const looks = [4, 8, 4].map((replicas) => {
      stage.scale(replicas);
      stage.run();
      return split(stage);
    });
    expect(looks).toEqual(['1/3', '2/6', '1/3']);
  });
});

describe('a canary with traffic routing walks (canary/stable pods, weight)', () => {
  const steps = [{ setWeight: 25 }, PAUSE, { setWeight: 50 }, PAUSE];

  it('pods first, then the weight; at the end the Services, then the pods', () => {
    const stage = serving(10, { ...ROUTED, steps });
    stage.setImage('v2');
    expect(walk(stage, routed)).toBe('0/10 0% → 3/10 0% → 3/10 25%');
    stage.cluster.patchStatus({ pauseConditions: null });
    expect(walk(stage, routed)).toBe('3/10 25% → 5/10 25% → 5/10 50%');
    stage.cluster.patchStatus({ pauseConditions: null });
    expect(walk(stage, routed)).toBe('5/10 50% → 10/10 50% → 10/10 100% → 10/10 0%');
    expect([stage.behind('stable'), stage.status.phase]).toEqual(['v2', 'Healthy']);
    stage.cluster.now += 31_000;
    expect(walk(stage, routed)).toBe('10/10 0% → 10/0 0%');
  });

  it('without steps at weight 0 until the promotion', () => {
    const stage = serving(4, { ...ROUTED });
    stage.setImage('v2');
    expect(walk(stage, routed)).toBe('0/4 0% → 4/4 0%');
    expect([stage.behind('stable'), stage.behind('canary')]).toEqual(['v2', 'v2']);
  });

  it('after an abort the weight first, the pods after the delay', () => {
    const stage = serving(10, { ...ROUTED, steps });
    stage.setImage('v2');
    stage.run();
    stage.cluster.patchStatus({ abort: true });
    expect(walk(stage, routed)).toBe('3/10 25% → 3/10 0%');
    stage.cluster.now += 31_000;
    expect(walk(stage, routed)).toBe('3/10 0% → 0/10 0%');
  });

  it.each<[string, RolloutSpecStrategyCanary, string]>([
    ['setCanaryScale.replicas', { steps: [{ setCanaryScale: { replicas: 4 } }, { setWeight: 10 }, PAUSE] }, '4/10 10%'],
    ['setCanaryScale.weight', { steps: [{ setCanaryScale: { weight: 25 } }, { setWeight: 10 }, PAUSE] }, '3/10 10%'],
    ['minPodsPerReplicaSet', { minPodsPerReplicaSet: 2, steps: [{ setWeight: 10 }, PAUSE] }, '2/10 10%'],
    ['the share alone, rounded up', { steps: [{ setWeight: 11 }, PAUSE] }, '2/10 11%'],
    ['nothing at weight 0', { minPodsPerReplicaSet: 2, steps: [{ setWeight: 0 }, PAUSE] }, '0/10 0%'],
  ])('to what %s wants', (_what, canary, expected) => {
    const stage = serving(10, { ...ROUTED, ...canary });
    stage.setImage('v2');
    stage.run();
    expect(routed(stage)).toBe(expected);
  });
});
