import {
  type Discovery,
  type GroupVersionKind,
  gvkOf,
  type KubeObject,
  type ResourceInfo,
  type Store,
} from '../kube/types.ts';
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
  const missing: GroupVersionKind[] = [];
  for (const gvk of kindsOf([...manifests, ...entries])) {
    const key = kindKey(gvk);
    try {
      const resource = await discovery.resourceFor(gvk, signal);
      if (resource !== undefined) kinds.set(key, { state: 'served', resource });
      else missing.push(gvk);
    } catch (error) {
      if (signal.aborted) throw error;
      kinds.set(key, { state: 'unclear', message: messageOf(error) });
    }
  }
  if (missing.length > 0) {
    // A definition that is in the cluster already is not served in the very moment either.
    const defined = kindsDefinedBy([...definitions.list(), ...manifests]);
    for (const gvk of missing) kinds.set(kindKey(gvk), await missingKind(discovery, defined, gvk, signal));
  }
  return kinds;
}

async function missingKind(
  discovery: Discovery,
  defined: ReturnType<typeof kindsDefinedBy>,
  gvk: GroupVersionKind,
  signal: AbortSignal,
): Promise<KindState> {
  try {
    // Objects outlive the version that they were applied in.
    const other = await discovery.inAnyVersion(gvk, signal);
    const elsewhere = other === undefined ? {} : { elsewhere: other };
    const awaited = defined.get(kindKey(gvk));
    return awaited === undefined ? { state: 'absent', ...elsewhere } : { state: 'awaited', ...awaited, ...elsewhere };
  } catch (error) {
    if (signal.aborted) throw error;
    return { state: 'unclear', message: messageOf(error) };
  }
}

/**
 * Where an object of the inventory is found: under its version, or, should that be served no more, under another. Undefined
 * when its kind is not served, or when that is not known.
 */
export function servedAs(kinds: Kinds, object: { apiVersion: string; kind: string }): ResourceInfo | undefined {
  const state = kinds.get(kindKey(gvkOf(object)));
  switch (state?.state) {
    case 'served':
      return state.resource;
    case 'awaited':
    case 'absent':
      return state.elsewhere;
    case 'unclear':
    case undefined:
      return undefined;
  }
}

/** Whether the cluster serves the kind of an object of the inventory in no version, so that the object cannot exist. */
export function isKindGone(kinds: Kinds, object: { apiVersion: string; kind: string }): boolean {
  const state = kinds.get(kindKey(gvkOf(object)))?.state;
  return (state === 'absent' || state === 'awaited') && servedAs(kinds, object) === undefined;
}

/** Every resource that can be watched. */
export function watchableResources(kinds: Kinds): ResourceInfo[] {
  const resources = [...kinds.values()].map((state) => {
    if (state.state === 'served') return state.resource;
    return state.state === 'unclear' ? undefined : state.elsewhere;
  });
  return resources.filter((resource) => resource !== undefined).filter(({ verbs }) => verbs.includes('watch'));
}
