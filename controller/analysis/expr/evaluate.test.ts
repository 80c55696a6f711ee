import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlipwayError } from '../../platform/errors.ts';
import type { Value } from './ast.ts';
import { evaluateCondition } from './evaluate.ts';
import { parse } from './parser.ts';

const check = (source: string, result: Value): boolean => evaluateCondition(parse(source), result);

test('errors say what could not be decided', () => {
  expect(() => check('result[0] > 1', [])).toThrow('index 0 is out of range: the list has 0 elements');
  expect(() => check('result > 1', [2])).toThrow('cannot compare the integer 1 with a list');
  expect(() => check('result', 0.5)).toThrow('the condition must give true or false and gives the number 0.5');
  expect(() => check('result.error', 0.5)).toThrow('the number 0.5 has no field error');
  expect(() => check("result == '1'", 1)).toThrow('cannot compare the number 1 with a string');
  expect(() => check('asInt(result) == 0', Number.NaN)).toThrow('asInt() cannot take the number NaN');
});

test('nothing but own keys of the result can be reached', () => {
  const result = JSON.parse('{"__proto__": 1, "a": {}}') as Value;
  expect(check('result.constructor == nil', result)).toBe(true);
  expect(check('result["hasOwnProperty"] == nil', result)).toBe(true);
  expect(check('result.a.__proto__ == nil', result)).toBe(true);
  expect(check('result.__proto__ == 1', result)).toBe(true);
});

test('an expression cannot run for long', () => {
  const long = Array.from({ length: 2000 }, (_, i) => i);
  expect(() => check('all(result, all(result, all(result, # >= 0)))', long)).toThrow(
    'the condition takes too many steps',
  );
});

test('whatever the text and the result are: a bool or an error for users', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom(
          'result',
          '[',
          ']',
          '0',
          '1.5',
          '(',
          ')',
          '<',
          '>=',
          '==',
          '&&',
          'not',
          'len',
          'all',
          ',',
          '#',
          '{',
          '}',
          '?',
          ':',
          '.',
          '?.',
          'x',
          "'a'",
          'in',
          '??',
          '-',
          'nil',
          ' ',
        ),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, fc.jsonValue(), (source, result) => {
      try {
        expect(typeof check(source, result as Value)).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(SlipwayError);
      }
    }),
    { numRuns: 3000 },
  );
});
