import { describe, expect, it } from 'vitest';
import { fencepostProblem, fenceposts } from './fenceposts.ts';

describe('limits of the number of pods', () => {
  it.each<[unknown, unknown, number, number, number]>([
    [undefined, undefined, 10, 3, 2],
    [undefined, undefined, 1, 1, 0],
    [undefined, undefined, 3, 1, 0],
    ['50%', '50%', 3, 2, 1],
    [2, 1, 10, 2, 1],
    ['2', '1', 10, 2, 1],
    [0, 0, 5, 0, 1],
    ['0%', '0%', 5, 0, 1],
    ['1%', '1%', 10, 1, 0],
    [0, 20, 5, 0, 5],
    ['7%', 1, 100, 7, 1],
    ['junk', -3, 10, 3, 2],
    [1.5, null, 10, 3, 2],
  ])('maxSurge %s, maxUnavailable %s of %i → +%i −%i', (surge, unavailable, n, up, down) => {
    expect(fenceposts(surge, unavailable, n)).toEqual({ surge: up, unavailable: down });
  });

  it('are complained about when they make no sense', () => {
    expect(fencepostProblem('25%')).toBeUndefined();
    expect(fencepostProblem(undefined)).toBeUndefined();
    expect(fencepostProblem('a lot')).toBe('"a lot" is neither a number of pods nor a percentage such as 25%');
    expect(fencepostProblem(-1)).toBeDefined();
  });
});
