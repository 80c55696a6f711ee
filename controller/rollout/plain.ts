/** Small readers for values that may be anything: what is not of the wanted kind is absent. */

export type Json = Record<string, unknown>;

/** A JSON object, not an array. */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** The elements of a list; nothing for what is no list. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A whole number within the limits. */
export function asInteger(value: unknown, min: number, max: number = Number.MAX_SAFE_INTEGER): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

/** The text of a time that can be read, unchanged. */
export function asTime(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** The object without the fields that are undefined; the very same one when it has none. */
export function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  const keys = Object.keys(value) as (keyof T)[];
  if (keys.every((key) => value[key] !== undefined)) return value as T;
  const result: Partial<T> = {};
  for (const key of keys) {
    if (value[key] !== undefined) result[key] = value[key];
  }
  return result as T;
}
