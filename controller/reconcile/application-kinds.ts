import { type Discovery, gvkOf, type KubeObject, type ResourceInfo, type Store } from '../kube/types.ts';
import { messageOf } from '../platform/errors.ts';
import { type KindState, type Kinds, kindKey, kindsDefinedBy, kindsOf } from '../sync/kinds.ts';

/**
 * Asks the cluster about every kind that occurs. A kind that cannot be told now makes only its own objects wait; "not
 * known" is never taken for "not there".
 */
export async function resolveKinds(
  { discovery, definitions }: { discovery: Discovery; definitions: Pick<Store, 'list'> },
  manifests: readonly KubeObject[],
  entries: readonly { apiVersion: string; kind: string }[],
  signal: AbortSignal,
): Promise<Kinds> {
  const kinds = new Map<string, KindState>();
  const missing: string[] = [];
  for (const gvk of kindsOf([...manifests, ...entries])) {
    const key = kindKey(gvk);
    try {
      const resource = await discovery.resourceFor(gvk, signal);
      if (resource !== undefined) kinds.set(key, { state: 'served', resource });
      else missing.push(key);
    } catch (error) {
      if (signal.aborted) throw error;
      kinds.set(key, { state: 'unclear', message: messageOf(error) });
    }
  }
  if (missing.length > 0) {
    // A definition that is in the cluster already is not served in the very moment either.
    const defined = kindsDefinedBy([...definitions.list(), ...manifests]);
    for (const key of missing) {
      const awaited = defined.get(key);
      kinds.set(key, awaited === undefined ? { state: 'absent' } : { state: 'awaited', ...awaited });
    }
  }
  return kinds;
}

/** How the kind of an object is served; undefined when it is not, or when that is not known. */
export function servedAs(kinds: Kinds, object: { apiVersion: string; kind: string }): ResourceInfo | undefined {
  const state = kinds.get(kindKey(gvkOf(object)));
  return state?.state === 'served' ? state.resource : undefined;
}

/** Every resource that can be watched, once. */
export function watchableResources(kinds: Kinds): ResourceInfo[] {
  return [...kinds.values()].flatMap((state) =>
    state.state === 'served' && state.resource.verbs.includes('watch') ? [state.resource] : [],
  );
}
