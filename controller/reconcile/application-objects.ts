import type { Discovery, KubeObject, Store } from '../kube/types.ts';
import { type DesiredSet, desiredObjects } from '../sync/desired.ts';
import type { Kinds } from '../sync/kinds.ts';
import { applicationOptions } from '../sync/object-options.ts';
import type { SourceContent } from '../sync/source/state.ts';
import { entryKey } from '../sync/status-resources.ts';
import { resolveKinds, watchableResources } from './application-kinds.ts';
import type { SyncRun } from './application-run.ts';
import { typeOf } from './application-snapshot.ts';
import type { ApplicationWatches } from './application-watches.ts';

/** Resolves the kinds of manifests and of the inventory. */
export async function kindsFor(
  deps: { discovery: Discovery; definitions: Store },
  run: SyncRun,
  manifests: readonly KubeObject[],
): Promise<Kinds> {
  const entries = (run.application.status?.resources ?? []).map(typeOf);
  const kinds = await resolveKinds(deps, manifests, entries, run.signal);
  run.memory.missesKinds = [...kinds.values()].some(({ state }) => state !== 'served');
  return kinds;
}

/** What Git wants of the cluster, computed again only when something that it depends on has changed. */
export function desiredSet({ key, application, memory }: SyncRun, { loaded }: SourceContent, kinds: Kinds): DesiredSet {
  const namespace = application.spec.destination?.namespace;
  const scopes = [...kinds].map(([kind, state]) => [
    kind,
    state.state,
    'resource' in state && state.resource.namespaced,
  ]);
  const { options } = applicationOptions(application);
  const signature = JSON.stringify([namespace, scopes, options]);
  return memory.desired(loaded, signature, () => desiredObjects(loaded.objects, kinds, key, namespace, options));
}

/** Watches what the Application uses. Returns how long to wait for caches, in milliseconds. */
export function followObjects(
  watches: ApplicationWatches,
  { key, application, memory }: SyncRun,
  kinds: Kinds,
  { objects, hooks }: Pick<DesiredSet, 'objects' | 'hooks'>,
): number {
  const wanted = new Set(objects.map((object) => object.key));
  const operation = application.status?.operationState;
  const hookKeys = [...hooks.map((hook) => hook.key), ...(operation?.hooks ?? []).map(entryKey)];
  const inventory = new Set((application.status?.resources ?? []).map(entryKey));
  memory.retain(wanted, inventory);
  watches.follow(key, watchableResources(kinds), new Set([...wanted, ...inventory, ...hookKeys]));
  return watches.patience(key);
}
