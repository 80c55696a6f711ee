import { expect, it } from 'vitest';
import { type Fact, Facts } from './facts.ts';

it('compares by value, says what was expected, and knows the failed ones of a journey', () => {
  const told: Fact[] = [];
  const facts = new Facts((fact) => told.push(fact));
  facts.begin('1 merge');
  facts.equals('weights', [10, 50], [10, 50]);
  facts.equals('phase', undefined, 'Healthy');
  facts.begin('2 abort');
  facts.holds('reason', true, 'error-rate 0.4');
  expect(told.map(({ holds, seen }) => [holds, seen])).toEqual([
    [true, '[10,50]'],
    [false, 'nothing, expected Healthy'],
    [true, 'error-rate 0.4'],
  ]);
  expect(facts.failed('1 merge')).toEqual(['phase: nothing, expected Healthy']);
  expect(facts.failed('2 abort')).toEqual([]);
});
