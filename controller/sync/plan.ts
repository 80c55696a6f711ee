import type { Application } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import { apiVersionOf } from '../kube/types.ts';
import { automationOf } from './automation.ts';
import { markOf } from './live.ts';
import { applicationOptions } from './object-options.ts';
import { applyStages } from './order.ts';
import { consentTo } from './prune.ts';
import { requestEnded, requestedSync } from './requested.ts';
import { isGivenUp, retryDue } from './retry.ts';
import { decideHeal, type Heal } from './self-heal.ts';
import type { PairedObject, SyncSnapshot } from './snapshot.ts';
import { specHash } from './spec-hash.ts';
import type { Verdict } from './verdict.ts';
import { hasStepFailed } from './walk.ts';
import { isDueIn, type Step } from './waves.ts';

/** What is said of an object that should be in the cluster. */
export const NOT_THERE = 'is not in the cluster';

/** What one pass over an Application asks the API server. */
export interface SyncPlan {
  /**
   * `compare`: nothing may be written, either because syncing by itself is off or because this revision was synced already.
   * `start` and `continue`: this revision is being applied.
   */
  mode: 'compare' | 'start' | 'continue';
  /** Objects to apply: stage after stage, the objects of one stage side by side. */
  apply: readonly (readonly PairedObject[])[];
  /** Objects to compare by a dry run. */
  compare: readonly PairedObject[];
  /** What failed before in this sync is tried again. */
  retry: boolean;
}

/**
 * Decides which objects need a request. An object whose desired and live state are those of its last verdict needs none:
 * cost follows what changed, not how many objects there are.
 *
 * @param now milliseconds since the epoch
 */
export function planSync(snapshot: SyncSnapshot, now: number): SyncPlan {
  const { application, objects } = snapshot;
  const mode = modeOf(snapshot, now);
  const retry = mode === 'start' || (mode === 'continue' && hasFailed(snapshot, now) && retryDue(application, now));
  // A commit that changes nothing here is no sync: its revision is only noted. One that is under way is begun anew by it.
  const requested = requestedSync(application);
  const running = application.status?.operationState?.phase === 'Running';
  const same = mode === 'start' && !requested && !running && nothingToPrune(snapshot) && objects.every(isSynced);
  if (mode === 'compare' || same) {
    return { mode: 'compare', apply: [], compare: objects.filter((object) => needsLook(object, now)), retry: false };
  }
  const meant = (object: PairedObject): boolean => requested?.scope?.(object.desired.id) ?? true;
  const apply = objects.filter((object) => meant(object) && (isDrifted(object) || needsLook(object, now, retry)));
  const compare = objects.filter((object) => !meant(object) && needsLook(object, now));
  return { mode, apply: applyStages(apply, (object) => object.desired.id), compare, retry };
}

/** What of a plan is applied in one step of a sync. */
export function onlyIn(step: Step, plan: SyncPlan): SyncPlan {
  const apply = plan.apply.map((stage) => stage.filter(({ desired }) => isDueIn(step, desired)));
  return { ...plan, apply: apply.filter((stage) => stage.length > 0) };
}

/** Whether something is applied now, or only compared. */
export function modeOf(snapshot: SyncSnapshot, now: number): SyncPlan['mode'] {
  const wanted = syncMode(snapshot.application, snapshot.revision);
  if (wanted === 'compare') return healing(snapshot, now).type === 'now' ? 'start' : 'compare';
  return isHeldBack(snapshot, wanted) ? 'compare' : wanted;
}

/** Why nothing is synced by itself though automation is on; undefined when nothing is in the way, or nothing to do. */
export function heldBy(snapshot: SyncSnapshot, now: number): string | undefined {
  const { application, revision, objects, hold } = snapshot;
  if (hold === undefined) return undefined;
  const asked = requestedSync(application) !== undefined;
  const starts = syncMode(application, revision) === 'start' && !(nothingToPrune(snapshot) && objects.every(isSynced));
  const waits = !asked && (starts || (hold.drift && driftHealing(snapshot, now).type !== 'off'));
  return hold.always || waits ? hold.message : undefined;
}

/** Why a sync that runs does not go on; undefined when it does, or none runs. */
export function stoppedBy({ application, hold }: SyncSnapshot): string | undefined {
  if (hold === undefined || application.status?.operationState?.phase !== 'Running') return undefined;
  const { asked, byItself } = hold.stops;
  const stops = requestedSync(application) === undefined ? byItself : asked;
  return stops ? hold.message : undefined;
}

function isHeldBack({ application, hold }: SyncSnapshot, wanted: SyncPlan['mode']): boolean {
  if (hold === undefined) return false;
  if (requestedSync(application) !== undefined) return hold.stops.asked;
  return wanted === 'start' || (wanted === 'continue' && hold.stops.byItself);
}

/** What happens to drift that is known now; `off` when there is none, or something is in the way. */
export function healing(snapshot: SyncSnapshot, now: number): Heal {
  return snapshot.hold?.drift === true ? { type: 'off' } : driftHealing(snapshot, now);
}

function driftHealing({ application, revision, objects }: SyncSnapshot, now: number): Heal {
  const settled = automationOf(application).state === 'Active' && syncMode(application, revision) === 'compare';
  return settled && objects.some(isDrifted) ? decideHeal(application, now) : { type: 'off' };
}

/**
 * Objects to compare before it is decided whether a commit needs a sync: nothing here has changed in Git, but something has
 * in the cluster. If that is a difference, the sync puts it right; the writes of a Rollout to its own fields are none. So it
 * is without a commit where drift is put right by itself. With `ApplyOutOfSyncOnly=true` every object whose state is not known is compared before it is written.
 */
export function doubtsAbout(snapshot: SyncSnapshot, now: number): readonly PairedObject[] {
  const { application, revision, objects } = snapshot;
  const mode = syncMode(application, revision);
  const unchanged = mode === 'start' && nothingToPrune(snapshot) && objects.every(isSynced);
  const sparing = mode !== 'compare' && applicationOptions(application).options.applyOutOfSyncOnly;
  const heals = mode === 'compare' && automationOf(application).state === 'Active';
  const healsNow = heals && decideHeal(application, now).type === 'now';
  // A comparison does not see what a PUT drops.
  const spared = (object: PairedObject): boolean => !sparing || !object.desired.options.replace;
  return unchanged || sparing || healsNow
    ? objects.filter((object) => needsLook(object, now) && (unchanged || spared(object)))
    : [];
}

/** Whether something of this revision is to be applied. */
export function isUnderWay(snapshot: SyncSnapshot): boolean {
  const mode = syncMode(snapshot.application, snapshot.revision);
  return mode !== 'compare' && !isHeldBack(snapshot, mode) && !snapshot.objects.every(isSynced);
}

/** What its owner wants to keep is no reason for a sync. */
function nothingToPrune({ application, leftovers }: SyncSnapshot): boolean {
  return leftovers.every((leftover) => consentTo(leftover, application).type === 'refused');
}

/**
 * How the object stands, as far as it is known without asking. A live object that has changed since keeps its last verdict
 * until it is looked at, which is in the same pass or the next: the busy writes of a Rollout must not make it look unknown.
 */
export function verdictOf(object: PairedObject): Verdict {
  const { kind, id, version, where } = object.desired;
  switch (kind.state) {
    case 'absent': {
      const remedy =
        kind.elsewhere === undefined
          ? 'correct apiVersion and kind, or install its CustomResourceDefinition'
          : `write apiVersion ${apiVersionOf(kind.elsewhere)}`;
      return {
        state: 'failed',
        reason: Reason.KindUnknown,
        message: `the cluster has no kind ${id.kind} in ${id.group === '' ? version : `${id.group}/${version}`} (${where}); ${remedy}`,
        permanent: true,
      };
    }
    case 'unclear':
      return { state: 'failed', reason: Reason.ApplyFailed, message: kind.message, permanent: false };
    case 'awaited':
      return { state: 'waiting', message: `waits until CustomResourceDefinition ${kind.definition} is served` };
    case 'served': {
      if (object.record?.digest !== object.desired.digest) return { state: 'unseen' };
      const { verdict } = object.record;
      const gone = verdict.state === 'synced' && object.live.state === 'absent';
      return gone ? { state: 'differs', message: NOT_THERE } : verdict;
    }
  }
}

/** Whether a revision is to be applied, is being applied, or only to be compared with. */
export function syncMode(application: Application, revision: string): SyncPlan['mode'] {
  const { status } = application;
  const requested = requestedSync(application) !== undefined;
  if (!requested && automationOf(application).state !== 'Active') return 'compare';
  const operation = status?.operationState;
  const finished = operation === undefined || operation.phase === 'Succeeded' || requestEnded(application);
  const compared = status?.sync?.status === 'Synced' || status?.sync?.status === 'OutOfSync';
  const wanted = specHash(application);
  const seen = status?.sync?.revision === revision && status.sync.specHash === wanted;
  if (!requested && finished && compared && seen) return 'compare';
  const same = operation?.revision === revision && operation.specHash === wanted;
  if (same && isGivenUp(application)) return 'compare';
  return same && !finished ? 'continue' : 'start';
}

/** @param retry in a sync: whether what failed is tried again, instead of when the object itself says */
function needsLook(object: PairedObject, now: number, retry?: boolean): boolean {
  const { record, desired } = object;
  if (desired.kind.state !== 'served') return false;
  if (record === undefined || !isCurrent(object)) return true;
  switch (record.verdict.state) {
    case 'failed':
      return retry ?? record.retryAt <= now;
    case 'waiting':
      return record.retryAt <= now;
    case 'owned':
      return !object.ownerWants;
    case 'unseen':
      return true;
    case 'synced':
    case 'differs':
      return false;
  }
}

/** The record speaks of this desired and this live object. Without a cache of the kind, the record is all there is. */
function isCurrent({ record, fingerprint, live }: PairedObject): boolean {
  return (
    record !== undefined &&
    record.fingerprint === fingerprint &&
    (live.state === 'unknown' || record.mark === markOf(live))
  );
}

function hasFailed({ application, objects, leftovers }: SyncSnapshot, now: number): boolean {
  const states = objects.map((object) => verdictOf(object).state);
  return (
    states.includes('failed') ||
    states.includes('unseen') ||
    hasStepFailed(application, now) ||
    leftovers.some(({ failure }) => failure !== undefined)
  );
}

function isDrifted(object: PairedObject): boolean {
  return verdictOf(object).state === 'differs';
}

function isSynced(object: PairedObject): boolean {
  return verdictOf(object).state === 'synced';
}
