import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileGlob } from './glob.ts';

const matchesGlob = (pattern: string, text: string) => compileGlob(pattern)(text);

it.each([
  ['*.yaml', 'a.yaml', true],
  ['*.yaml', 'sub/a.yaml', true],
  ['*.yaml', 'a.yml', false],
  ['{*.yml,*.yaml}', 'x/a.yml', true],
  ['{a,b{c,d}}.yaml', 'bd.yaml', true],
  ['{a,b{c,d}}.yaml', 'b.yaml', false],
  ['env-*/**', 'env-prod/a/b.yaml', true],
  ['config-?.yaml', 'config-1.yaml', true],
  ['config-[0-9a].yaml', 'config-a.yaml', true],
  ['config-[!0-9].yaml', 'config-7.yaml', false],
  ['a\\*.yaml', 'a*.yaml', true],
  ['a\\*.yaml', 'ab.yaml', false],
  ['a{b.yaml', 'a{b.yaml', true],
  ['[a', '[a', true],
  ['', '', true],
  ['', 'a', false],
])('%s on %s', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

it('matches every text with itself escaped, and with a star', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(matchesGlob(text.replace(/[\\*?[\]{},!]/g, '\\$&'), text)).toBe(true);
      expect(matchesGlob('*', text)).toBe(true);
    }),
  );
});

it('ends on patterns that are exponential for a backtracking matcher', () => {
  expect(matchesGlob('*a'.repeat(50), `${'a'.repeat(2000)}b`)).toBe(false);
  expect(matchesGlob('{a,b}'.repeat(40), 'ab'.repeat(20))).toBe(true);
});

it('takes any pattern', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', ',', '[', ']', '*', '?', '\\', 'a', '-', '!') }),
      fc.string(),
      (pattern, text) => {
        expect(typeof matchesGlob(pattern, text)).toBe('boolean');
      },
    ),
  );
});
