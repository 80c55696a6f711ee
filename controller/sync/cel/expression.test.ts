import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCel } from './expression.ts';
import { MOST_STEPS } from './meter.ts';
import { celValue } from './values.ts';

const STATUS = {
  phase: 'Ready',
  ready: 3,
  ratio: 0.5,
  whole: 1.0,
  big: 2 ** 60,
  none: null,
  constructor: 'a field like any other',
  conditions: [
    { type: 'Ready', status: 'True', message: 'all is well' },
    { type: 'Synced', status: 'False' },
  ],
  long: Array.from({ length: 400 }, (_, n) => n),
  text: 'a'.repeat(100_000),
  digits: '1'.repeat(5_000),
};
const VALUES = { status: celValue(STATUS), spec: celValue({}) };

function ask(text: string, type: 'bool' | 'string' = 'bool'): unknown {
  const compiled = compileCel(text, Object.keys(VALUES), type);
  if (!compiled.ok) return compiled.problem;
  const outcome = compiled.expression.evaluate(VALUES);
  return outcome.type === 'value' ? outcome.value : outcome.type === 'missing' ? 'missing' : outcome.why;
}

describe('an expression', () => {
  it.each([
    ["status.phase == 'Ready' && status.phase != 'Broken'", true],
    ['status.ready + 1 == 4 && status.ready * 2 > 5 && -status.ready < 0', true],
    ['status.ratio < 1 && status.ratio * 2.0 == 1.0', true],
    ['status.whole == 1 && status.whole == 1.0', true],
    ['status.big > 1', true],
    ['status.none == null', true],
    ["status.constructor.startsWith('a field')", true],
    ["status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')", true],
    ["status.conditions.filter(c, c.type == 'Ready').all(c, c.status == 'True')", true],
    ['status.conditions.exists_one(c, has(c.message))', true],
    ["status.conditions.map(c, c.type) == ['Ready', 'Synced']", true],
    ["'phase' in status && !('nope' in status) && 399 in status.long", true],
    ['has(status.phase) && !has(status.nope)', true],
    ["status.nope == 'x' || true", true],
    ["duration('90s') > duration('1m') && timestamp('2026-01-02T00:00:00Z') > timestamp('2026-01-01T00:00:00Z')", true],
  ])('%s', (text, value) => {
    expect(ask(text)).toBe(value);
  });

  it.each([
    'status.nope',
    '!status.nope',
    'status.nope.deeper == 1',
    'status.none.deeper == 1',
    'status.conditions[7].type == "Ready"',
    'status.conditions.all(c, c.message != "")',
    'spec.nope > 1',
  ])('finds nothing to read in %s', (text) => {
    expect(ask(text)).toBe('missing');
  });

  it.each([
    ['status.phase ==', 'is no CEL: Unexpected token: EOF (character 16)'],
    ['stauts.phase == 1', 'is refused: Unknown variable: stauts (character 1); there are status, spec'],
    ['1 + 2', 'gives int, not true or false'],
    ["'a' + 1 == 'b'", 'is refused: no such overload: string + int (character 1)'],
    ["status.phase.matches('(a+)+$')", expect.stringContaining('calls matches(), which may take for ever')],
    ['cel.bind(a, status, a.ready > 1)', expect.stringContaining('calls bind(), which is not one of')],
    ['status.a.all(a, a.b.all(b, b.c.all(c, c)))', 'has all() inside 2 others; 2 levels are allowed'],
    [`${'('.repeat(200)}true${')'.repeat(200)}`, 'is no CEL: Exceeded maxDepth (50) (character 51)'],
    [`${'!'.repeat(2000)}true`, expect.stringContaining('Exceeded maxAstNodes (500)')],
  ])('is refused: %s', (text, problem) => {
    expect(ask(text)).toEqual(problem);
  });

  it.each([
    ['status.phase + 1 == 2', 'no such overload: dyn<string> + int (character 1)'],
    ['int(status.phase) == 1', 'int() type error: cannot convert to int (character 1)'],
    ['status.ready / 0 == 1', 'division by zero (character 1)'],
    ['status.phase && true', expect.stringContaining('requires bool operands')],
  ])('fails at run time: %s', (text, why) => {
    expect(ask(text)).toEqual(why);
  });

  it('gives text where text is asked for', () => {
    expect(ask('status.conditions.map(c, c.type).join(", ")', 'string')).toBe('Ready, Synced');
    expect(ask('1', 'string')).toBe('gives int, not text; use string(…)');
  });
});

describe('the steps of an expression', () => {
  it.each([
    'status.long.all(a, status.long.all(b, a + b >= 0))',
    'true && status.long.all(a, status.long.all(b, a + b >= 0))',
    'status.long.all(a, status.long.all(b, a + b >= 0)) || true',
    '!status.long.exists(a, status.long.exists(b, b.nope == a))',
    'status.long.map(a, status.long).map(b, b + b).all(c, c.size() > 1)',
    'status.long.all(a, status.long == status.long.map(b, b))',
    'status.long.all(a, (status.long + status.long).size() > 0)',
    `[status.text]${'.map(x, x + x)'.repeat(12)}.all(x, x.size() > 1)`,
    'status.text.contains(status.text + "b")',
    'status.text.split("").size() > 1',
    'duration(status.digits) > duration("1s")',
    'status.long.all(a, status.long.all(b, a in status.long))',
  ])('end: %s', (text) => {
    expect(ask(text)).toBe(`it takes more than ${MOST_STEPS} steps`);
  });

  it('grow with what is read, and start anew with each evaluation', () => {
    const compiled = compileCel('status.all(n, n >= 0)', ['status'], 'bool');
    if (!compiled.ok) throw new Error(compiled.problem);
    const { expression } = compiled;
    const steps = [10, 20, 20].map((length) => {
      expect(expression.evaluate({ status: celValue(Array.from({ length }, (_, n) => n)) })).toEqual({
        type: 'value',
        value: true,
      });
      return expression.steps;
    });
    const [ten = 0, twenty, again] = steps;
    expect(twenty).toBe(again);
    expect(twenty).toBeGreaterThan(ten);
    expect(twenty).toBeLessThan(200);
  });
});

describe('any text', () => {
  const atoms = [
    'status',
    'status.long',
    'status.text',
    'status.phase',
    'status.nope',
    'status.conditions',
    'x',
    '1',
    "'a'",
    'true',
    '[1, 2]',
  ];
  const grown = fc.letrec<{ e: string }>((tie) => ({
    e: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(...atoms),
      fc
        .tuple(tie('e'), fc.constantFrom('+', '==', '&&', '||', 'in', '<', '*'), tie('e'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(tie('e'), fc.constantFrom('all', 'exists', 'map', 'filter', 'exists_one'), tie('e'))
        .map(([a, f, b]) => `${a}.${f}(x, ${b})`),
      fc
        .tuple(tie('e'), fc.constantFrom('contains', 'split', 'startsWith', 'join', 'indexOf'), tie('e'))
        .map(([a, f, b]) => `${a}.${f}(${b})`),
      tie('e').map((a) => `size(${a})`),
      fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    ),
  })).e;

  it('is compiled or refused, and ends within its steps', () => {
    fc.assert(
      fc.property(fc.oneof(grown, fc.string()), fc.constantFrom('bool' as const, 'string' as const), (text, type) => {
        const compiled = compileCel(text, ['status', 'spec'], type);
        if (!compiled.ok) {
          expect(compiled.problem).toMatch(/^\S[^\n]*$/);
          return;
        }
        const outcome = compiled.expression.evaluate(VALUES);
        if (outcome.type === 'failed') expect(outcome.why).toMatch(/^\S[^\n]*$/);
        else expect(compiled.expression.steps).toBeLessThanOrEqual(MOST_STEPS);
      }),
      { numRuns: 500 },
    );
  });
});
