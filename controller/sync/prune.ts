import type { Application } from '../api/generated/application.ts';
import type { KubeObject, ObjectKey } from '../kube/types.ts';
import { describeId, formatObjectId, idOf } from '../manifest/identity.ts';
import { automationOf } from './automation.ts';
import { pruneStages } from './order.ts';
import { type PruneConsent, pruneConsent } from './prune-consent.ts';
import { requestedSync } from './requested.ts';
import type { Leftover } from './snapshot.ts';
import { ownerOf } from './tracking.ts';
import type { Verdict } from './verdict.ts';

/** What happens to the objects that are gone from Git. */
export type PrunePlan =
  | { type: 'nothing' }
  /** Pruning is off: they are only reported. */
  | { type: 'off' }
  /** Something of this revision is not applied yet; deleting on half the truth could delete too much. */
  | { type: 'held' }
  /** Git has no object at all for this Application, which is more often a mistake than a wish. */
  | { type: 'emptyRefused' }
  /** What seems to be gone may only be broken; each with why. */
  | { type: 'doubtful'; objects: readonly string[] }
  /** Another Application may have the objects by now, and its Git path was not read yet. */
  | { type: 'unsure'; message: string }
  /** `later`: how many follow when these are gone, because they are of an earlier wave. */
  | { type: 'delete'; stages: readonly (readonly Leftover[])[]; later: number };

/**
 * Decides about pruning. It is asked only after a revision was fetched, parsed and rendered without any doubt; the verdicts
 * are those after this pass's applies.
 *
 * @param retry what could not be deleted before is tried again
 * @param healthy what was applied is healthy, so that `PruneLast=true` is satisfied
 */
export function planPrune(
  application: Application,
  mode: 'compare' | 'start' | 'continue',
  leftovers: readonly Leftover[],
  verdicts: readonly Verdict[],
  retry: boolean,
  healthy = true,
): PrunePlan {
  if (leftovers.length === 0) return { type: 'nothing' };
  const automated = application.spec.syncPolicy?.automated;
  const requested = requestedSync(application);
  const byItself = automated?.prune === true && automationOf(application).state === 'Active';
  if (!(requested?.prune ?? byItself)) return { type: 'off' };
  const doubtful = leftovers.flatMap((leftover) => {
    const { doubt, id } = leftover;
    const stays = isTerminating(leftover) || consentTo(leftover, application).type === 'refused';
    return doubt === undefined || stays ? [] : [`${describeId(id)} ${doubt.message}`];
  });
  // Who names the objects means it.
  if (doubtful.length > 0 && !requested?.scope) return { type: 'doubtful', objects: doubtful };
  if (verdicts.length === 0 && automated?.allowEmpty !== true && !requested?.scope) return { type: 'emptyRefused' };
  if (verdicts.some((verdict) => verdict.state !== 'synced')) return { type: 'held' };
  const pending = leftovers.flatMap((leftover) => {
    const consent = consentTo(leftover, application);
    return consent.type === 'given' && (healthy || !consent.last) ? [{ leftover, wave: consent.wave }] : [];
  });
  // What came last goes first: an earlier wave is deleted when the later ones are gone.
  const top = Math.max(...pending.map(({ wave }) => wave));
  const due = pending
    .filter(
      ({ leftover, wave }) => wave === top && !isTerminating(leftover) && (retry || leftover.failure === undefined),
    )
    .map(({ leftover }) => leftover);
  const later = pending.filter(({ wave }) => wave !== top).length;
  // After a finished sync there is nothing new to delete: what is left is terminating.
  return mode === 'compare' || (due.length === 0 && later === 0)
    ? { type: 'nothing' }
    : { type: 'delete', stages: pruneStages(due, ({ id }) => id), later };
}

/** Whether a leftover may be deleted, by what the cache says; what cannot be seen there is asked again before the delete. */
export function consentTo({ live }: Leftover, application: Application): PruneConsent {
  return live.state === 'present'
    ? pruneConsent(live.object, application)
    : { type: 'given', propagation: 'Foreground', quiet: false, last: false, wave: 0 };
}

/** Whether a leftover still counts as this Application's, by what the cache says; see {@link pruneVerdict} for the last word. */
export function isOurs(leftover: Leftover, application: ObjectKey): boolean {
  switch (leftover.live.state) {
    case 'unknown':
      return !leftover.kindGone;
    case 'absent':
      return false;
    case 'present':
      return ownerOf(leftover.live.object) === application;
  }
}

/** What to do with one object that shall be pruned, by its state in the API server a moment before. */
export type PruneVerdict = 'gone' | 'released' | 'terminating' | 'delete';

/**
 * The last check before a DELETE. Only an object whose annotation names this Application and the object itself is ever
 * deleted: an annotation that was copied, removed or taken over by another Application releases it.
 *
 * @param claimed another Application has the object in Git and waits for it
 */
export function pruneVerdict(
  leftover: Pick<Leftover, 'key'>,
  live: KubeObject | undefined,
  application: ObjectKey,
  claimed: boolean,
): PruneVerdict {
  if (live === undefined) return 'gone';
  // A kind that became cluster-scoped answers for a name in a namespace with the object that Git has now.
  if (formatObjectId(idOf(live)) !== leftover.key) return 'gone';
  if (ownerOf(live) !== application || claimed) return 'released';
  return live.metadata.deletionTimestamp === undefined ? 'delete' : 'terminating';
}

function isTerminating({ live }: Leftover): boolean {
  return live.state === 'present' && live.object.metadata.deletionTimestamp !== undefined;
}
