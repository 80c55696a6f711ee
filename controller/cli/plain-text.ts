/**
 * A value with spaces in place of the control characters in its texts. Messages come from servers and from people: escape
 * sequences must not reach a terminal, and a line break must not tear a table. `-o json` and `-o yaml` escape both instead.
 */
export function plainText<T>(value: T): T {
  return plain(value) as T;
}

function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\p{Cc}+/gu, ' ');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
