import type { Value } from './ast.ts';
import { ExpressionEvaluationError } from './errors.ts';
import { isNumeric, less, toFloat, typeName } from './values.ts';

/** A function whose arguments are values. */
export interface PlainFunction {
  min: number;
  max: number;
  call(args: readonly Value[]): Value;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Functions over a list; whether a predicate may, must or cannot follow the list. */
export const LIST_FUNCTIONS: Readonly<Record<string, 'required' | 'optional'>> = {
  all: 'required',
  any: 'required',
  none: 'required',
  one: 'required',
  filter: 'required',
  map: 'required',
  count: 'optional',
  sum: 'optional',
};

/** The other functions: the part of expr-lang's that conditions use, and those that Argo Rollouts adds. */
export const PLAIN_FUNCTIONS: Readonly<Record<string, PlainFunction>> = {
  len: one((value) => {
    if (typeof value === 'string') return BigInt([...value].length);
    if (Array.isArray(value)) return BigInt(value.length);
    if (typeof value === 'object' && value !== null) return BigInt(Object.keys(value).length);
    throw unsuitable('len', value);
  }),
  abs: one((value) => {
    if (typeof value === 'bigint') return value < 0n ? BigInt.asIntN(64, -value) : value;
    if (typeof value === 'number') return value < 0 ? -value : value;
    throw unsuitable('abs', value);
  }),
  ceil: one((value) => Math.ceil(float('ceil', value))),
  floor: one((value) => Math.floor(float('floor', value))),
  // Halves go away from zero, as in Go; Math.round sends them up.
  round: one((value) => {
    const x = float('round', value);
    return Math.abs(x - Math.trunc(x)) >= 0.5 ? Math.trunc(x) + Math.sign(x) : Math.trunc(x);
  }),
  min: many((args) => extreme('min', args, (best, next) => less(next, best))),
  max: many((args) => extreme('max', args, (best, next) => less(best, next))),
  mean: many((args) => {
    const numbers = flatten('mean', args).map(toFloat);
    return numbers.length === 0 ? 0 : numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  }),
  asInt: one((value) => {
    if (typeof value === 'bigint') return value;
    const integer =
      typeof value === 'number' && Number.isFinite(value)
        ? BigInt(Math.trunc(value))
        : typeof value === 'string' && /^[+-]?\d+$/.test(value)
          ? BigInt(value.replace('+', ''))
          : undefined;
    if (integer === undefined || integer < INT64_MIN || integer > INT64_MAX) throw unsuitable('asInt', value);
    return integer;
  }),
  asFloat: one((value) => {
    if (typeof value !== 'string') return float('asFloat', value);
    const special = /^([+-]?)(inf|infinity|nan)$/i.exec(value);
    if (special?.[2] !== undefined) {
      const size = special[2].toLowerCase() === 'nan' ? Number.NaN : Number.POSITIVE_INFINITY;
      return special[1] === '-' ? -size : size;
    }
    if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) throw unsuitable('asFloat', value);
    return Number(value);
  }),
  isNaN: one((value) => Number.isNaN(float('isNaN', value))),
  isInf: one((value) => Math.abs(float('isInf', value)) === Number.POSITIVE_INFINITY),
  isNil: one((value) => value === null),
  default: { min: 2, max: 2, call: ([value = null, fallback = null]) => (value === null ? fallback : value) },
};

function one(call: (value: Value) => Value): PlainFunction {
  return { min: 1, max: 1, call: ([value = null]) => call(value) };
}

function many(call: (args: readonly Value[]) => Value): PlainFunction {
  return { min: 1, max: Number.POSITIVE_INFINITY, call };
}

function float(name: string, value: Value): number {
  if (!isNumeric(value)) throw unsuitable(name, value);
  return toFloat(value);
}

function flatten(name: string, args: readonly Value[]): (number | bigint)[] {
  return args.flatMap((arg) => {
    if (Array.isArray(arg)) return flatten(name, arg);
    if (!isNumeric(arg)) throw unsuitable(name, arg);
    return [arg];
  });
}

function extreme(
  name: string,
  args: readonly Value[],
  better: (best: number | bigint, next: number | bigint) => boolean,
): Value {
  let best: number | bigint | null = null;
  for (const next of flatten(name, args)) if (best === null || better(best, next)) best = next;
  return best;
}

function unsuitable(name: string, value: Value): ExpressionEvaluationError {
  return new ExpressionEvaluationError(`${name}() cannot take ${typeName(value)}`);
}
