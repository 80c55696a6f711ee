import type { KubeObject } from '../../kube/types.ts';
import { describeId, formatObjectId, idOf } from '../../manifest/identity.ts';
import { ownerOf } from '../tracking.ts';

/** One object of Git beside the one in the cluster. */
export interface ObjectPair {
  desired: KubeObject;
  live: KubeObject | undefined;
}

/** Objects of both sides by identity, or what keeps them from being paired, in words. */
export type Pairing =
  | { ok: true; pairs: readonly ObjectPair[]; leftovers: readonly KubeObject[] }
  | { ok: false; problem: string };

/**
 * Pairs by group, kind, namespace and name; the version is another view of the same object. A manifest without namespace fits
 * an object in any, if there is only one. Leftovers are live objects that an Application applied and that Git does not have;
 * what belongs to nobody is no business of the comparison.
 */
export function pairObjects(desired: readonly KubeObject[], live: readonly KubeObject[]): Pairing {
  const doubled = firstDoubled(desired) ?? firstDoubled(live);
  if (doubled !== undefined) return { ok: false, problem: `${doubled} occurs twice in one file: remove one of them` };
  const pairs: ObjectPair[] = [];
  const taken = new Set<KubeObject>();
  const named = new Map<string, KubeObject[]>();
  for (const object of live) named.set(nameOf(object), [...(named.get(nameOf(object)) ?? []), object]);
  for (const object of desired) {
    const found = (named.get(nameOf(object)) ?? []).filter((other) => sameNamespace(object, other));
    const [first, second] = found;
    if (second !== undefined) {
      return {
        ok: false,
        problem: `${describeId(idOf(object))} could be any of ${found.length} live objects: give it metadata.namespace`,
      };
    }
    if (first !== undefined) taken.add(first);
    pairs.push({ desired: object, live: first });
  }
  return { ok: true, pairs, leftovers: live.filter((object) => !taken.has(object) && ownerOf(object) !== undefined) };
}

function nameOf(object: KubeObject): string {
  return formatObjectId({ ...idOf(object), namespace: '' });
}

function sameNamespace(desired: KubeObject, live: KubeObject): boolean {
  const [a, b] = [desired.metadata.namespace ?? '', live.metadata.namespace ?? ''];
  return a === '' || b === '' || a === b;
}

function firstDoubled(objects: readonly KubeObject[]): string | undefined {
  const seen = new Set<string>();
  for (const object of objects) {
    const id = idOf(object);
    const key = formatObjectId(id);
    if (seen.has(key)) return describeId(id);
    seen.add(key);
  }
  return undefined;
}
