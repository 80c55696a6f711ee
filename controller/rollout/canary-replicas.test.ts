import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Count, canaryPass, type Pair, targetPair } from './canary-replicas.ts';
import { fenceposts } from './fenceposts.ts';

describe('the split of pods for a weight', () => {
  const table: [replicas: number, surge: number, weights: number[], canary: number, stable: number][] = [
    [1, 1, [1, 25, 50, 99], 1, 1],
    [1, 1, [100], 1, 0],
    [1, 1, [0], 0, 1],
    [1, 0, [1, 20, 33], 0, 1],
    [1, 0, [50, 67, 99, 100], 1, 0],
    [2, 1, [1, 10, 25, 33], 1, 2],
    [2, 1, [50], 1, 1],
    [2, 1, [67, 75, 90, 99], 2, 1],
    [3, 1, [1, 10, 20, 25], 1, 3],
    [3, 1, [33], 1, 2],
    [3, 1, [50], 2, 2],
    [3, 1, [67], 2, 1],
    [3, 1, [75, 90, 99], 3, 1],
    [3, 0, [1, 10, 25, 33], 1, 2],
    [3, 0, [50, 67, 75, 99], 2, 1],
    [4, 1, [10, 20], 1, 4],
    [4, 1, [25], 1, 3],
    [4, 1, [33], 2, 3],
    [4, 1, [50], 2, 2],
    [4, 1, [67], 3, 2],
    [4, 1, [75], 3, 1],
    [4, 1, [90], 4, 1],
    [5, 2, [10], 1, 5],
    [5, 2, [20], 1, 4],
    [5, 2, [33], 2, 4],
    [5, 2, [50], 3, 3],
    [5, 2, [67], 4, 2],
    [5, 2, [75], 4, 1],
    [5, 2, [90], 5, 1],
    [10, 3, [1], 1, 10],
    [10, 3, [10], 1, 9],
    [10, 3, [20], 2, 8],
    [10, 3, [25], 3, 8],
    [10, 3, [33], 3, 7],
    [10, 3, [50], 5, 5],
    [10, 3, [75], 8, 3],
    [10, 3, [90], 9, 1],
    [10, 3, [99], 10, 1],
    [10, 0, [1], 1, 9],
    [10, 0, [25], 3, 7],
    [10, 0, [75], 8, 2],
    [10, 0, [99], 9, 1],
    [8, 2, [25], 2, 6],
    [4, 1, [25], 1, 3],
    [0, 0, [0, 50, 100], 0, 0],
  ];
  for (const [replicas, surge, weights, canary, stable] of table) {
    it(`${replicas} pods, surge ${surge}, ${weights.join(', ')} % → ${canary} + ${stable}`, () => {
      for (const weight of weights) expect(targetPair(replicas, weight, surge)).toEqual({ canary, stable });
    });
  }
});

/** Runs passes with pods that serve at once, until nothing changes. */
function walk(
  replicas: number,
  surge: number | string,
  unavailable: number | string,
  from: Pair,
  weight: number,
): string {
  const posts = fenceposts(surge, unavailable, replicas);
  const target = targetPair(replicas, weight, posts.surge);
  const seen = [`${from.canary}/${from.stable}`];
  let { canary, stable } = from;
  const ready = (wanted: number): Count => ({ wanted, available: wanted, floor: 0 });
  for (let i = 0; i < 100; i += 1) {
    const next = canaryPass(replicas, posts, target, ready(canary), ready(stable), []);
    if (next.canary === canary && next.stable === stable) return seen.join(' → ');
    ({ canary, stable } = next);
    seen.push(`${canary}/${stable}`);
  }
  throw new Error(`no end: ${seen.join(' → ')}`);
}

describe('scaling pass by pass (canary/stable)', () => {
  it.each([
    [10, 1, 0, '0/10', 20, '0/10 → 1/10 → 1/9 → 2/9 → 2/8'],
    [10, '25%', '25%', '0/10', 20, '0/10 → 0/8 → 2/8'],
    [10, 0, 1, '0/10', 20, '0/10 → 0/9 → 1/9 → 1/8 → 2/8'],
    [5, '25%', '25%', '0/5', 50, '0/5 → 0/4 → 3/4 → 3/3'],
    [1, 1, 0, '0/1', 50, '0/1 → 1/1'],
    [1, 0, 1, '0/1', 50, '0/1 → 0/0 → 1/0'],
    [3, 1, 0, '0/3', 50, '0/3 → 1/3 → 1/2 → 2/2'],
    [10, '25%', '25%', '2/8', 100, '2/8 → 2/6 → 7/6 → 7/1 → 10/1 → 10/0'],
    [10, '25%', '25%', '5/5', 0, '5/5 → 5/8 → 0/8 → 0/10'],
    [10, 1, 0, '5/5', 0, '5/5 → 5/6 → 4/6 → 4/7 → 3/7 → 3/8 → 2/8 → 2/9 → 1/9 → 1/10 → 0/10'],
  ])('n %i surge %s unavailable %s from %s to %i %%', (n, surge, unavailable, from, weight, expected) => {
    const [canary = 0, stable = 0] = from.split('/').map(Number);
    expect(walk(n, surge, unavailable, { canary, stable }, weight)).toBe(expected);
  });

  it('drains older versions before it takes pods from the stable one', () => {
    const count = (wanted: number, available = wanted): Count => ({ wanted, available, floor: 0 });
    const posts = { surge: 3, unavailable: 2 };
    const pass = canaryPass(10, posts, { canary: 5, stable: 5 }, count(3, 0), count(5), [count(5)]);
    expect(pass).toEqual({ canary: 3, stable: 5, older: [3] });
  });

  it('takes broken pods of older versions first, whatever serves', () => {
    const count = (wanted: number, available = wanted): Count => ({ wanted, available, floor: 0 });
    const pass = canaryPass(4, { surge: 1, unavailable: 0 }, { canary: 0, stable: 4 }, count(0), count(4, 3), [
      count(1, 0),
    ]);
    expect(pass.older).toEqual([0]);
  });

  it('lets a new version replace a stable one that does not start', () => {
    const pass = canaryPass(
      2,
      { surge: 1, unavailable: 0 },
      { canary: 2, stable: 0 },
      { wanted: 1, available: 1, floor: 0 },
      { wanted: 2, available: 0, floor: 0 },
      [],
    );
    expect(pass).toMatchObject({ canary: 1, stable: 1 });
  });

  it('keeps a pod behind a Service', () => {
    const pass = canaryPass(
      4,
      { surge: 1, unavailable: 1 },
      { canary: 4, stable: 0 },
      { wanted: 4, available: 4, floor: 0 },
      { wanted: 1, available: 1, floor: 1 },
      [],
    );
    expect(pass).toMatchObject({ canary: 4, stable: 1 });
  });
});

describe('limits in every state', () => {
  const count = fc.record({ wanted: fc.nat(12), available: fc.nat(12), floor: fc.nat(1) });
  it('never adds a pod above replicas + surge, never takes a serving pod that is needed', () => {
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.nat(4),
        fc.nat(4),
        fc.integer({ min: 0, max: 100 }),
        count,
        count,
        fc.array(count, { maxLength: 2 }),
        (replicas, surge, unavailable, weight, canary, stable, older) => {
          const posts = fenceposts(surge, unavailable, replicas);
          const pass = canaryPass(replicas, posts, targetPair(replicas, weight, posts.surge), canary, stable, older);
          const before = canary.wanted + stable.wanted + older.reduce((sum, rs) => sum + rs.wanted, 0);
          const after = pass.canary + pass.stable + pass.older.reduce((sum, wanted) => sum + wanted, 0);
          expect(after).toBeLessThanOrEqual(Math.max(before, replicas + posts.surge));
          const all = [canary, stable, ...older];
          const wanted = [pass.canary, pass.stable, ...pass.older];
          expect(wanted.filter((pods, i) => pods !== all[i]?.wanted).length).toBeLessThanOrEqual(
            Math.max(1, older.length),
          );
          for (const pods of wanted) expect(pods).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
