import type { KubeObject } from '../kube/types.ts';
import { fieldOf, isFields, itemOf, memberOf, type Place, ROOT } from './local-diff/difference.ts';
import { orderlessLabel } from './local-diff/list-rules.ts';

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
 * quantities to the one who knows them. Only where the order of a list means nothing, another one is no difference: the API
 * server keeps Git's, and a controller that has its own would be answered for ever. Only the path is returned, never a value:
 * this text goes to status.
 */
export function firstDifference(live: KubeObject, dryRun: KubeObject): string | undefined {
  const { status: _l, ...before } = live;
  const { status: _d, ...after } = dryRun;
  return difference(live.kind, before, after, ROOT);
}

function difference(kind: string, a: unknown, b: unknown, place: Place): string | undefined {
  if (Object.is(a, b)) return undefined;
  if (Array.isArray(a) && Array.isArray(b)) return listDifference(kind, a, b, place);
  if (isFields(a) && isFields(b)) {
    for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (place.text === 'metadata' && isVolatile(field)) continue;
      const found = difference(kind, memberOf(a, field), memberOf(b, field), fieldOf(place, field));
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return place.text;
}

function listDifference(kind: string, a: readonly unknown[], b: readonly unknown[], place: Place): string | undefined {
  const labelOf = orderlessLabel(place, kind, [a, b]);
  if (labelOf !== undefined) {
    const others = new Map(b.map((item) => [labelOf(item), item]));
    if (a.length !== b.length || !a.every((item) => others.has(labelOf(item)))) return place.text;
    for (const item of a) {
      const label = labelOf(item);
      const found = difference(kind, item, others.get(label), itemOf(place, label ?? ''));
      if (found !== undefined) return found;
    }
    return undefined;
  }
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const found = difference(kind, a[i], b[i], itemOf(place, i));
    if (found !== undefined) return found;
  }
  return undefined;
}
