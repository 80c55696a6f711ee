import { describe, expect, test } from 'vitest';
import { parse } from './parser.ts';

describe('a condition that is no expression is refused with the place', () => {
  test.each([
    ['result[0] <', 'the expression ends at column 12'],
    ['', 'the expression ends at column 1'],
    ['result[0] = 1', 'unexpected "="; compare with == at column 11'],
    ['(result[0] > 1', 'the expression ends where ")" belongs at column 15'],
    ['value[0] > 1', 'unknown name "value"; the measured value is called result at column 1'],
    ["result == 'x", 'a string is not closed; it begins at column 11'],
    ['result[0] > 5 $ 3', 'unexpected "$" at column 15'],
    ['result[0] @ 3', 'unexpected character "@" at column 11'],
    ['12abc == result', 'bad number "12a" at column 1'],
    [
      "result matches '.*'",
      'regular expressions (matches) are not supported; use contains, startsWith or endsWith at column 8',
    ],
    ['let x = 1; x', 'variables (let) are not supported at column 1'],
    ['result | len() > 1', 'pipes are not supported; write f(x) instead of x | f() at column 8'],
    ['result[1:] == []', 'slices are not supported at column 9'],
    ['# > 1', '# is the element of a list and can only stand in a predicate at column 1'],
    ['all(result)', 'all() needs a predicate, for example all(result, # > 0) at column 1'],
    ['len(result, 1) > 0', 'len() takes 1 arguments, not 2 at column 1'],
    ['nil ?? 1 == 1', '"==" cannot follow ?? without parentheses at column 10'],
  ])('%s', (source, message) => {
    expect(() => parse(source)).toThrow(new RegExp(`^${message.replaceAll(/[$()[\].*?|+{}^]/g, '\\$&')}$`));
  });

  test('unknown functions are listed against the known ones', () => {
    expect(() => parse('sqrt(result) > 1')).toThrow(/unknown function "sqrt" \(known: abs, all, .*sum\) at column 1/);
    expect(() => parse('constructor(result)')).toThrow(/unknown function "constructor"/);
    expect(() => parse('toString')).toThrow(/unknown name "toString"/);
  });

  test('nesting is bounded', () => {
    expect(() => parse('('.repeat(5000))).toThrow(/nested too deeply/);
    expect(() => parse(`${'not '.repeat(5000)}true`)).toThrow(/nested too deeply/);
  });
});
