import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowestWeight, podsForWeight } from './routed-replicas.ts';
import { type WeightInput, weightToWrite } from './routed-weight.ts';

const all: WeightInput = {
  replicas: 10,
  unavailable: 2,
  dynamic: false,
  enough: (pods) => pods,
  wanted: 50,
  recorded: 20,
  shown: 20,
  canaryReady: true,
  currentAvailable: 5,
  behindCanary: 5,
  stableReady: true,
  stableAvailable: 10,
};

describe('the weight of the version under test', () => {
  it.each<[string, Partial<WeightInput>, number]>([
    ['rises when all pods for it serve', {}, 50],
    ['stays when one is missing', { currentAvailable: 4, behindCanary: 4 }, 20],
    [
      'rises when those that the threshold asks for serve',
      { currentAvailable: 4, behindCanary: 4, enough: (pods) => pods - 1 },
      50,
    ],
    ['stays when the Service points elsewhere: it falls to 0', { canaryReady: false }, 0],
    ['falls at once', { wanted: 10 }, 10],
    ['falls to 0 when nothing serves any more', { currentAvailable: 0, behindCanary: 0 }, 0],
    ['stays where it is while nothing else is wanted', { wanted: undefined }, 20],
    [
      'falls for an abort although a tolerable part of the stable pods is missing',
      { canaryReady: false, stableAvailable: 8 },
      0,
    ],
    [
      'keeps what the stable pods cannot carry',
      { canaryReady: false, recorded: 80, shown: 80, stableAvailable: 4 },
      60,
    ],
    ['never rises because the stable pods fail', { canaryReady: false, stableAvailable: 1 }, 20],
    ['stays when no stable pod serves', { wanted: 0, stableAvailable: 0 }, 20],
    ['goes to the stable version when neither serves', { behindCanary: 0, currentAvailable: 0, stableAvailable: 0 }, 0],
    ['stays while the stable Service points elsewhere', { wanted: 0, stableReady: false, shown: 100 }, 100],
    ['is put right after somebody raised it', { wanted: 20, shown: 90 }, 20],
    ['rises at 0 replicas: nobody is served anyway', { replicas: 0, currentAvailable: 0, behindCanary: 0 }, 50],
  ])('%s', (_what, change, weight) => {
    expect(weightToWrite({ ...all, ...change })).toBe(weight);
  });

  it('is always a percentage, and is never raised without the pods for it', () => {
    const pods = fc.nat(12);
    const percent = fc.integer({ min: 0, max: 100 });
    const input = fc.record({
      replicas: pods,
      unavailable: fc.nat(3),
      wanted: fc.option(percent, { nil: undefined }),
      recorded: percent,
      shown: percent,
      dynamic: fc.boolean(),
      canaryReady: fc.boolean(),
      currentAvailable: pods,
      behindCanary: pods,
      stableReady: fc.boolean(),
      stableAvailable: pods,
    });
    fc.assert(
      fc.property(input, (some) => {
        // What is kept is never above what is shown.
        const given = { ...some, enough: all.enough, recorded: Math.min(some.recorded, some.shown) };
        const weight = weightToWrite(given);
        expect(Number.isInteger(weight) && weight >= 0 && weight <= 100).toBe(true);
        if (weight > given.shown)
          expect(given.currentAvailable).toBeGreaterThanOrEqual(podsForWeight(given.replicas, weight));
      }),
    );
  });
});

it.each([
  [10, 0, 0],
  [10, 1, 1],
  [10, 20, 2],
  [3, 50, 2],
  [7, 100, 7],
  [0, 100, 0],
  // 100 · 0.29 is 28.999… in floating point; 29 % of 100 pods are 29.
  [100, 29, 29],
])('%i replicas at %i %% need %i pods', (replicas, weight, pods) => {
  expect(podsForWeight(replicas, weight)).toBe(pods);
});

it.each([
  [10, 10, 0, 0],
  [10, 9, 1, 0],
  [10, 9, 0, 10],
  [10, 5, 2, 50],
  [3, 1, 0, 67],
  [10, 0, 10, 100],
  [0, 0, 0, 0],
])('of %i stable pods %i serve (%i may be missing): the other version keeps %i %%', (n, available, missing, weight) => {
  expect(lowestWeight(n, available, missing)).toBe(weight);
});
