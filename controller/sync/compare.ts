import type { KubeObject } from '../kube/types.ts';

/** What every write changes, and what a controller reports: neither says that an object differs from Git. */
const VOLATILE_METADATA: ReadonlySet<string> = new Set(['managedFields', 'resourceVersion', 'generation']);

/** Whether a field of metadata changes with every write. */
export function isVolatile(field: string): boolean {
  return VOLATILE_METADATA.has(field);
}

/**
 * The field at which an object would change if it were applied, or undefined when it would stay as it is.
 *
 * Comparing the live object with the API server's own answer to a dry run leaves defaulting, admission, list merging and
 * quantities to the one who knows them. Only the path is returned, never a value: this text goes to status.
 */
export function firstDifference(live: KubeObject, dryRun: KubeObject): string | undefined {
  const fields = new Set([...Object.keys(live), ...Object.keys(dryRun)]);
  fields.delete('status');
  for (const field of fields) {
    const [a, b] = [live[field], dryRun[field]];
    const path = field === 'metadata' ? metadataDifference(live, dryRun) : difference(a, b, field);
    if (path !== undefined) return path;
  }
  return undefined;
}

function metadataDifference(live: KubeObject, dryRun: KubeObject): string | undefined {
  const keep = (object: KubeObject): Record<string, unknown> =>
    Object.fromEntries(Object.entries(object.metadata).filter(([field]) => !isVolatile(field)));
  return difference(keep(live), keep(dryRun), 'metadata');
}

function difference(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const found = difference(a[i], b[i], `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isRecord(a) && isRecord(b)) {
    for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = difference(a[field], b[field], `${path}${step(field)}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return path;
}

/** Keys such as annotation names would read as several steps. */
function step(field: string): string {
  return /^[A-Za-z0-9_-]+$/.test(field) ? `.${field}` : `[${JSON.stringify(field)}]`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
