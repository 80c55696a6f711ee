/** More than any status has; converting this many takes some milliseconds. */
const MOST_VALUES = 50_000;
const DEEPEST = 64;

/** An object that is too large, or an expression that takes too long, to be judged. */
export class CelLimitError extends Error {}

/**
 * JSON as CEL sees it. Whole numbers become CEL's `int`, without which `status.ready + 1` has no meaning; objects become
 * Maps, so that no field name (`constructor`, `__proto__`) is anything but a field. Throws {@link CelLimitError}.
 */
export function celValue(json: unknown): unknown {
  let left = MOST_VALUES;
  const convert = (value: unknown, depth: number): unknown => {
    left -= 1;
    if (left < 0) throw new CelLimitError(`the object has more than ${MOST_VALUES} values`);
    if (depth > DEEPEST) throw new CelLimitError(`the object is nested deeper than ${DEEPEST} levels`);
    if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
    if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1));
    if (typeof value !== 'object' || value === null) return value ?? null;
    return new Map(Object.entries(value).map(([key, item]) => [key, convert(item, depth + 1)]));
  };
  return convert(json, 0);
}
