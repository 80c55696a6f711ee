import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { equalJson } from './equal-json.ts';

it('finds equal what has the same canonical JSON, and nothing else', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (a, b) => {
      expect(equalJson(a, structuredClone(a))).toBe(true);
      expect(equalJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
    }),
  );
});

it('takes no notice of the order of members and of members that are undefined', () => {
  expect(equalJson({ a: 1, b: { c: [1] } }, { b: { c: [1], d: undefined }, a: 1 })).toBe(true);
  expect(equalJson({ a: undefined }, { b: 1 })).toBe(false);
  expect(equalJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(equalJson([1, 2], [1])).toBe(false);
  expect(equalJson([], {})).toBe(false);
  expect(equalJson({}, null)).toBe(false);
});
