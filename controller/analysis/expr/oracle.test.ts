import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Value } from './ast.ts';
import { evaluateCondition } from './evaluate.ts';
import { parse } from './parser.ts';

interface Case {
  expr: string;
  result: unknown;
  /** What expr-lang says; `compile` and `run` are errors before and while it runs. */
  want: 'true' | 'false' | 'compile' | 'run';
}

const FIXTURE = new URL('../../../test/fixtures/expr.json', import.meta.url);

/**
 * Where Slipway answers otherwise, and why. Only these; each has to stay a difference.
 */
const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
  // expr-lang checks types before it runs. Here a part that is never reached is never looked at.
  'not evaluated': [
    'all(result, .x > 1)',
    'true || result',
    'false && (1 % 0 == 0)',
    'true || (1 % 0 == 0)',
    '1 > 0 and 2 > 1 or nil',
  ],
  // expr-lang refuses what it can see to be nil or of another type, and answers when it learns that while it runs.
  'seen only when it runs': [
    'result?.missing?.deep == nil',
    'result?.missing.deep == nil',
    "'ok' in result",
    "'toString' in result",
    '1 in nil',
    "'1' in [1]",
    'map([1], nil)[0] == nil',
  ],
  // Go converts NaN and infinity to whatever integer the processor gives.
  'no integer': ['asInt(result[0]) == 0', 'asInt(result) % 2 == 1'],
  'map literals are left out': ["result.deep == {'list': [1, 2]}"],
};

function answer({ expr, result }: Case): string {
  try {
    return String(evaluateCondition(parse(expr), revive(result)));
  } catch {
    return 'error';
  }
}

/** JSON has no NaN and no infinity; the oracle writes them as {"$float": "NaN"}. */
function revive(value: unknown): Value {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value === 'object' && value !== null && '$float' in value) {
    return Number(String(value.$float).replace('Inf', 'Infinity'));
  }
  return value as Value;
}

test('a condition means what it means in expr-lang', () => {
  const cases = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Case[];
  expect(cases.length).toBeGreaterThan(1000);
  const different = cases
    .map((c) => ({ expr: c.expr, result: c.result, want: c.want, got: answer(c) }))
    .filter(({ want, got }) => got !== (want === 'true' || want === 'false' ? want : 'error'));
  const known = Object.values(DIFFERENT).flat();
  expect(different.filter(({ expr }) => !known.includes(expr))).toEqual([]);
  expect(known.filter((expr) => !different.some((d) => d.expr === expr))).toEqual([]);
});
