import { describe, expect, it } from 'vitest';
import { comparableQuantity } from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['1', '1000m'],
    ['1', '1.0'],
    [1, '1e0'],
    [0.5, '500m'],
    ['1Gi', '1024Mi'],
    ['1G', '1000M'],
    ['1k', '1e3'],
    ['.5', '0.5'],
    ['1E', '1000P'],
    ['0', '0Mi'],
    ['1.5Gi', '1536Mi'],
    ['100n', '.1u'],
    ['+1', '1'],
    ['-0', '0'],
  ])('%s equals %s', (a, b) => {
    expect(comparableQuantity(a)).toBe(comparableQuantity(b));
  });

  it.each([
    ['1', '1m'],
    ['1G', '1Gi'],
    ['1', '-1'],
    ['1m', '1M'],
  ])('%s differs from %s', (a, b) => {
    expect(comparableQuantity(a)).not.toBe(comparableQuantity(b));
  });

  it('leaves alone what is none', () => {
    for (const value of ['', 'many', '1 Gi', '1ki', undefined, null, {}, '1e', 'e3']) {
      expect(comparableQuantity(value)).toBe(value);
    }
  });
});
