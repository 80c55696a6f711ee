import { type Discovery, gvkOf, type KubeObject, type ResourceInfo } from '../kube/types.ts';
import { messageOf } from '../platform/errors.ts';
import { type KindState, type Kinds, kindKey, kindsDefinedBy, kindsOf } from '../sync/kinds.ts';

/**
 * Asks the cluster about every kind that occurs. A kind that cannot be told now makes only its own objects wait; "not
 * known" is never taken for "not there".
 */
export async function resolveKinds(
  discovery: Discovery,
  manifests: readonly KubeObject[],
  entries: readonly { apiVersion: string; kind: string }[],
  signal: AbortSignal,
): Promise<Kinds> {
  const defined = kindsDefinedBy(manifests);
  const kinds = new Map<string, KindState>();
  for (const gvk of kindsOf([...manifests, ...entries])) {
    const key = kindKey(gvk);
    const own = defined.get(key);
    try {
      const resource = await discovery.resourceFor(gvk, signal);
      if (resource !== undefined) kinds.set(key, { state: 'served', resource });
      else if (own !== undefined) kinds.set(key, { state: 'awaited', ...own });
      else kinds.set(key, { state: 'absent' });
    } catch (error) {
      if (signal.aborted) throw error;
      kinds.set(key, { state: 'unclear', message: messageOf(error) });
    }
  }
  return kinds;
}

/** How the kind of an object is served; undefined when it is not, or when that is not known. */
export function servedAs(kinds: Kinds, object: { apiVersion: string; kind: string }): ResourceInfo | undefined {
  const state = kinds.get(kindKey(gvkOf(object)));
  return state?.state === 'served' ? state.resource : undefined;
}

/** Every resource that is served, once. */
export function servedResources(kinds: Kinds): ResourceInfo[] {
  return [...kinds.values()].flatMap((state) => (state.state === 'served' ? [state.resource] : []));
}
