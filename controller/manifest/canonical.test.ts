import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, sha256Hex } from './canonical.ts';

it('does not depend on the order of keys', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: undefined }], a: null })).toBe('{"a":null,"b":[1,{"d":1}]}');
  expect(canonicalJson([undefined, { a: undefined }])).toBe('[null,{}]');
});

it('means the same as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('hashes as published', () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
