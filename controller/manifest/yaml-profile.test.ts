import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical.ts';
import { ManifestError } from './errors.ts';
import { parseYaml } from './yaml-profile.ts';

/** cases.json is written by hand; kubectl.json is what tools/go-oracles/yaml makes of it. */
function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../test/fixtures/yaml/${name}`, import.meta.url), 'utf8')) as T;
}
const cases = fixture<{ name: string; yaml: string }[]>('cases.json');
const kubectl = new Map(
  fixture<{ name: string; json?: string; error?: string }[]>('kubectl.json').map((result) => [result.name, result]),
);

/** What kubectl accepts and we refuse, because the value would be rounded or guessed. */
const REFUSED = new Set(
  [
    ...['9007199254740992', '9007199254740993', '-9007199254740993', '9223372036854775807', '9223372036854775808'],
    ...['12345678901234567890', '18446744073709551615', '18446744073709551616', '0x7fffffffffffffff', '1e400', '!x'],
  ].map((scalar) => `scalar ${scalar}`),
);
for (const name of [
  ...['int like big negative', 'key 9007199254740993', 'key 1.5', 'key .5'],
  ...['custom tag', 'custom tag map', 'timestamp tag', 'set', 'omap'],
  ...[
    'duplicate key',
    'duplicate nested key',
    'duplicate after conversion',
    'duplicate quoted',
    'duplicate number and string key',
  ],
]) {
  REFUSED.add(name);
}
/** Escapes of JSON inside YAML: kubectl reads JSON files with a JSON parser, we read both with one. */
const JSON_ESCAPES = new Set(['quoted', 'json', 'surrogate escape']);
/** A key before `<<` wins over the merge in the YAML specification, not in kubectl's parser, which is stricter when asked. */
const OTHERWISE = new Map([['merge override before', { a: { k: 'v' }, b: { k: 'own' } }]]);

const read = (text: string): unknown => parseYaml(text, 'file.yaml')[0]?.value ?? null;

describe('as kubectl reads it', () => {
  it.each(cases.filter(({ name }) => !JSON_ESCAPES.has(name)))('$name', ({ name, yaml }) => {
    const expected = kubectl.get(name);
    if (expected?.json === undefined || REFUSED.has(name)) {
      expect(() => read(yaml)).toThrow(ManifestError);
    } else {
      expect(canonicalJson(read(yaml))).toBe(canonicalJson(OTHERWISE.get(name) ?? JSON.parse(expected.json)));
    }
  });

  it('reads JSON with its own escapes', () => {
    expect(read('{"a": "x\\u00e9\\/", "b": "\\ud83d\\ude00"}')).toEqual({ a: 'xé/', b: '😀' });
  });

  it('reads any JSON document as JSON does', () => {
    const safe = fc.jsonValue().filter((value) => !/\d{16}|e[+-]?\d|-0\b|__proto__/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(safe, (value) => {
        expect(canonicalJson(read(JSON.stringify(value, null, '\t')))).toBe(canonicalJson(value));
      }),
    );
  });
});

describe('errors', () => {
  const messageFor = (text: string): string => {
    try {
      parseYaml(text, 'apps/a.yaml');
    } catch (error) {
      expect(error).toBeInstanceOf(ManifestError);
      return (error as Error).message;
    }
    throw new Error('was accepted');
  };

  it.each([
    ['a: 1\nb: [1, 2\nc: 3\n', /^apps\/a\.yaml:3:\d+: /],
    ['a: 1\n---\nb:\n  c: 1\n  c: 2\n', 'apps/a.yaml:5:3: the same key stands twice in one map: remove one'],
    ['a: 1\nid: 12345678901234567890\n', /^apps\/a\.yaml:2:5: a number beyond 2\^53/],
    ['a:\n- .inf\n', /^apps\/a\.yaml:2:3: \.inf is no number in JSON/],
    ['a: !secret x\n', /^apps\/a\.yaml:1:4: Unresolved tag: tags of one's own/],
    ['a: {{ .Values.image }}\n', /^apps\/a\.yaml:1:5: a map or list cannot be a key/],
    ['%YAML 1.2\n---\na: 1\n', /^apps\/a\.yaml:2:1: .*remove the %YAML directive/],
    ['a:\n  b: "x\x07"\n', /^apps\/a\.yaml:2:8: a control character/],
    ['a:\n\tb: 1\n', /^apps\/a\.yaml:2:1: /],
  ])('%j', (text, expected) => {
    expect(messageFor(text)).toMatch(expected);
  });

  it.each([
    ...['!S3cret', '!S3cret!', '!e!S3cret', '!S3!cret', '*S3cret', '|S3cret', '>S3cret', '"\\xS3cret"', '!<S3cret'],
    ...['"x" S3cret', '@S3cret', '%S3cret', "'S3cret", '9007199254740993', ']S3cret', '&a !S3 !cret x', '[S3cret'],
  ])('shows nothing of a password that is no good YAML: %s', (password) => {
    for (const text of [`password: ${password}\n`, `${password}\n---\na: 1\n`, `? ${password}\n: x\n`]) {
      try {
        parseYaml(text, 'f');
      } catch (error) {
        expect((error as Error).message).not.toMatch(/S3|cret|9007/);
      }
    }
  });

  it('reads a map of very many keys', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `k${n}: ${n}`);
    expect(read(keys.join('\n'))).toMatchObject({ k0: 0, k19999: 19_999 });
    expect(messageFor([...keys, 'k7: 1'].join('\n'))).toMatch(/^apps\/a\.yaml:20001:1: the same key stands twice/);
    expect(messageFor(`{${[...keys, '"k7": 1'].join(', ')}}`)).toMatch(/the same key stands twice/);
  });

  it('bounds size, documents, depth and aliases', () => {
    const limits = { maxBytes: 100, maxDocuments: 3, maxDepth: 5 };
    expect(() => parseYaml('a'.repeat(101), 'f', limits)).toThrow('f:1: more than 100 bytes');
    expect(() => parseYaml('a\n---\n'.repeat(4), 'f', limits)).toThrow('more than 3 documents');
    expect(() => parseYaml(`a: ${'['.repeat(6)}${']'.repeat(6)}`, 'f', limits)).toThrow('nested more than 5 levels');
    expect(messageFor(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)).toMatch(/^apps\/a\.yaml:1/);
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let n = 0; n < 8; n++) {
      const [name, of] = [String.fromCharCode(98 + n), String.fromCharCode(97 + n)];
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${of}`).join(', ')}]`);
    }
    expect(messageFor(bomb.join('\n'))).toMatch(/^apps\/a\.yaml:1:1: .*expand the aliases$/);
  });

  it('fails with nothing but ManifestError, whatever the text', () => {
    const tokens = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '|',
      '>',
      '&x',
      '*x',
      '!!int ',
      '<<: ',
      '---\n',
      '? ',
      '#',
      ',',
      '\t',
      '1',
      '%',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(tokens, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (input) => {
        try {
          parseYaml(input, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError);
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('reports the line of each document and of each item of a list', () => {
  const text = '# first\na: 1\n---\n# nothing\n---\n\nkind: List\nitems:\n- x: 1\n\n- x: 2\n';
  expect(parseYaml(text, 'f').map(({ line, itemLines }) => ({ line, itemLines }))).toEqual([
    { line: 2, itemLines: [] },
    { line: 7, itemLines: [9, 11] },
  ]);
});
