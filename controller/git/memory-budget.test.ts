import { expect, it } from 'vitest';
import { MemoryBudget } from './memory-budget.ts';

it('gives no more than there is, and again what came back', () => {
  const budget = new MemoryBudget(10);
  expect(budget.take(6)).toBe(true);
  expect(budget.take(5)).toBe(false);
  expect(budget.take(4)).toBe(true);
  expect(budget.take(0)).toBe(true);
  budget.give(6);
  expect(budget.take(6)).toBe(true);
});
