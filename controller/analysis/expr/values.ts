import type { Value } from './ast.ts';
import { ExpressionEvaluationError } from './errors.ts';

export function isNumeric(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function toFloat(value: number | bigint): number {
  return Number(value);
}

/** `a < b` for two numbers, or two strings by code point; with NaN always false. */
export function less(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) {
    return typeof a === typeof b ? a < b : toFloat(a) < toFloat(b);
  }
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  throw new ExpressionEvaluationError(`cannot compare ${typeName(a)} with ${typeName(b)}`);
}

/** Deep equality; an int equals a float of the same size, NaN equals nothing. */
export function equal(a: Value, b: Value): boolean {
  if (isNumeric(a) && isNumeric(b)) return typeof a === typeof b ? a === b : toFloat(a) === toFloat(b);
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(own(a, key), own(b, key)))
  );
}

/** The value of an own key, else nil: nothing that a prototype holds can be reached. */
export function own(object: object, key: string): Value {
  return Object.hasOwn(object, key) ? ((object as Record<string, Value>)[key] ?? null) : null;
}

/** What a value is, in words for an error message. */
export function typeName(value: Value): string {
  if (value === null) return 'nil';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  switch (typeof value) {
    case 'bigint':
      return `the integer ${value}`;
    case 'number':
      return `the number ${formatFloat(value)}`;
    case 'string':
      return 'a string';
    case 'boolean':
      return 'a bool';
    default:
      return 'an object';
  }
}

/** A float as Go and Prometheus write it: `+Inf`, `-Inf`, `NaN`. */
export function formatFloat(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
