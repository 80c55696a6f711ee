import type { BinaryOperator } from './ast.ts';

/** Binding strength of operators, as in expr-lang 1.17; a higher number binds more tightly. */
export const BINARY: Readonly<Record<string, { power: number; operator: BinaryOperator; right?: true }>> = {
  or: { power: 10, operator: 'or' },
  '||': { power: 10, operator: 'or' },
  and: { power: 15, operator: 'and' },
  '&&': { power: 15, operator: 'and' },
  '==': { power: 20, operator: '==' },
  '!=': { power: 20, operator: '!=' },
  '<': { power: 20, operator: '<' },
  '>': { power: 20, operator: '>' },
  '<=': { power: 20, operator: '<=' },
  '>=': { power: 20, operator: '>=' },
  in: { power: 20, operator: 'in' },
  contains: { power: 20, operator: 'contains' },
  startsWith: { power: 20, operator: 'startsWith' },
  endsWith: { power: 20, operator: 'endsWith' },
  '+': { power: 30, operator: '+' },
  '-': { power: 30, operator: '-' },
  '*': { power: 60, operator: '*' },
  '/': { power: 60, operator: '/' },
  '%': { power: 60, operator: '%' },
  '**': { power: 100, operator: '**', right: true },
  '^': { power: 100, operator: '**', right: true },
  '??': { power: 500, operator: '??' },
};

export const UNARY: Readonly<Record<string, { power: number; operator: 'not' | '-' | '+' }>> = {
  not: { power: 50, operator: 'not' },
  '!': { power: 50, operator: 'not' },
  '-': { power: 90, operator: '-' },
  '+': { power: 90, operator: '+' },
};

/** Operators that `not` can stand before: `x not in y`. */
export const NEGATABLE: ReadonlySet<string> = new Set(['in', 'contains', 'startsWith', 'endsWith']);

/** Operators that can be chained: `0 < x < 1`. */
export const CHAINABLE: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);

/** Parts of expr-lang that are left out on purpose. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  matches: 'regular expressions (matches) are not supported; use contains, startsWith or endsWith',
  let: 'variables (let) are not supported',
  if: 'if is not supported; write condition ? a : b',
  '|': 'pipes are not supported; write f(x) instead of x | f()',
  '..': 'ranges are not supported',
  ';': 'sequences are not supported',
};
