import { requestedSync } from './requested.ts';
import type { SyncSnapshot } from './snapshot.ts';

/** The part of a snapshot that the sync is about: all of it, unless somebody asked for certain objects. */
export function inScope(snapshot: SyncSnapshot): SyncSnapshot {
  const scope = requestedSync(snapshot.application)?.scope;
  if (scope === undefined) return snapshot;
  return {
    ...snapshot,
    objects: snapshot.objects.filter(({ desired }) => scope(desired.id)),
    leftovers: snapshot.leftovers.filter(({ id }) => scope(id)),
  };
}
