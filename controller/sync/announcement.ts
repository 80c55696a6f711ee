import { complaintAbout, listed, shortRevision } from './describe.ts';
import { type SyncPlan, verdictOf } from './plan.ts';
import type { SyncSnapshot } from './snapshot.ts';
import { entryKey } from './status-resources.ts';

/** So many objects are written before anybody has read that they are being written. */
const MOMENT = 10;

/**
 * Whether the status is written before the objects are. `loud`: people shall see that it has begun. `silent`: only for the
 * inventory, which must know of an object before it exists; the Events tell how it went. `none`: neither is needed, and one
 * write less is a third of what a small sync costs.
 */
export function announcement(snapshot: SyncSnapshot, plan: SyncPlan): 'none' | 'silent' | 'loud' {
  const writes = plan.apply.flat();
  if (writes.length > MOMENT) return 'loud';
  const inventory = new Set((snapshot.application.status?.resources ?? []).map(entryKey));
  return writes.every(({ desired }) => inventory.has(desired.key)) ? 'none' : 'silent';
}

/** What is about to be put right, when no status has said so before; undefined otherwise. */
export function unannouncedDrift({ application, objects, revision }: SyncSnapshot): string | undefined {
  if (application.status?.sync?.status !== 'Synced') return undefined;
  const differences = objects.flatMap((object) => {
    const verdict = verdictOf(object);
    return verdict.state === 'differs' ? [complaintAbout(object.desired.id, verdict)] : [];
  });
  return `differs from ${shortRevision(revision)}: ${listed(differences)}`;
}
