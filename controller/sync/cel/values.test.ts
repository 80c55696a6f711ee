import { describe, expect, it } from 'vitest';
import { CelLimitError, celValue } from './values.ts';

describe('a value for CEL', () => {
  it('has whole numbers as integers, and maps whose keys are only keys', () => {
    const parsed: unknown = JSON.parse('{"a": 1, "b": 1.5, "c": 1e300, "__proto__": {"d": [null, true, "x"]}}');
    expect(celValue(parsed)).toEqual(
      new Map<string, unknown>([
        ['a', 1n],
        ['b', 1.5],
        ['c', 1e300],
        ['__proto__', new Map([['d', [null, true, 'x']]])],
      ]),
    );
  });

  it('has bounds', () => {
    expect(() => celValue(new Array(60_000).fill(0))).toThrow(CelLimitError);
    const deep: unknown = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`);
    expect(() => celValue(deep)).toThrow('nested deeper than 64 levels');
  });
});
