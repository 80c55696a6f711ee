import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import type { ObjectId } from '../manifest/identity.ts';
import { complaintAbout, counted, listed } from './describe.ts';
import type { SyncPlan } from './plan.ts';
import type { PrunePlan } from './prune.ts';
import { hasBegun, requestedSync } from './requested.ts';
import { isLastTry, nextRetryAt, type RetryPolicy } from './retry.ts';
import type { Heal } from './self-heal.ts';
import { specHash } from './spec-hash.ts';
import type { StepProgress } from './step-progress.ts';
import type { Verdict } from './verdict.ts';
import { type Walk, walkFields } from './walk.ts';

/** What one pass of a sync did and how every object stands after it. */
export interface PassOutcome {
  mode: SyncPlan['mode'];
  revision: string;
  objects: readonly { id: ObjectId; verdict: Verdict }[];
  prune: PrunePlan;
  /** `Kind ns/name: why` of each object that could not be deleted. */
  pruneFailures: readonly string[];
  /** `Kind ns/name: what is awaited` of each object that may be deleted only when a person says so. */
  unconfirmed: readonly string[];
  /** What had failed before was tried again. */
  retry: boolean;
  /** How far a sync is that goes step by step. */
  walk?: { walk: Walk; progress: StepProgress } | undefined;
  /** How many requests to write were sent. */
  attempts: number;
  pruned: number;
}

/** The state of an operation that begins now. It is written, with the inventory, before the first object is. */
export function startedOperation(
  application: Application,
  revision: string,
  heal: Heal,
  now: number,
): ApplicationStatusOperationState {
  const requested = requestedSync(application) && application.status?.operationState;
  if (requested) {
    const { operation, trigger, initiatedBy } = requested;
    return {
      phase: 'Running',
      revision,
      specHash: specHash(application),
      ...(trigger !== undefined && { trigger }),
      ...(initiatedBy !== undefined && { initiatedBy }),
      ...(operation !== undefined && { operation }),
      startedAt: hasBegun(application) ? timestamp(now) : requested.startedAt,
    };
  }
  return {
    phase: 'Running',
    revision,
    specHash: specHash(application),
    trigger: triggerOf(application, revision, heal),
    initiatedBy: { automated: true },
    startedAt: timestamp(now),
  };
}

/** Why a sync that nobody asked for starts. */
function triggerOf({ status }: Application, revision: string, heal: Heal): 'NewRevision' | 'SpecChanged' | 'SelfHeal' {
  if (heal.type === 'now') return 'SelfHeal';
  return status?.operationState?.revision === revision ? 'SpecChanged' : 'NewRevision';
}

/**
 * The operation after a pass. It has succeeded when every object was accepted and what had to go was deleted; whether the
 * objects then become healthy is another matter.
 */
export function nextOperation(
  operation: ApplicationStatusOperationState | undefined,
  pass: PassOutcome,
  policy: RetryPolicy,
  now: number,
): ApplicationStatusOperationState | undefined {
  if (pass.mode === 'compare' || operation === undefined) return operation;
  const trouble = troubleOf(pass);
  const { phase, retryCount = 0, message: _, finishedAt: ended, nextRetryAt: planned, ...kept } = operation;
  const base = { ...kept, ...(pass.walk !== undefined && walkFields(pass.walk.walk)) };
  const retries = phase === 'Failed' && pass.retry ? retryCount + 1 : retryCount;
  const count = retries > 0 ? { retryCount: retries } : {};
  if (trouble !== undefined) {
    // What only waits for somebody else, such as an object of another Application, needs no retry.
    const failed =
      pass.objects.some(({ verdict }) => verdict.state === 'failed') ||
      pass.walk?.progress.state === 'failed' ||
      pass.pruneFailures.length > 0;
    const kept = phase === 'Failed' && !pass.retry ? planned : undefined;
    const again = failed ? (kept ?? nextRetryAt(policy, retries, now)) : undefined;
    const finishedAt = (phase === 'Failed' && !pass.retry && pass.attempts === 0 && ended) || timestamp(now);
    const last = isLastTry(policy, retries)
      ? `; given up after ${retries === 1 ? '1 retry' : `${retries} retries`}`
      : '';
    return {
      phase: 'Failed',
      message: `${trouble.message}${last}`,
      ...base,
      finishedAt,
      ...count,
      ...(again !== undefined && { nextRetryAt: again }),
    };
  }
  // An object that was deleted by hand during the pass holds pruning back: without another pass nothing would be pruned.
  const held = pass.prune.type === 'held';
  const waiting = pass.objects.filter(
    ({ verdict: { state } }) => state === 'waiting' || state === 'unseen' || (held && state === 'differs'),
  );
  const awaited = [
    ...waiting.map((object) => complaintAbout(object.id, object.verdict)),
    ...(pass.prune.type === 'delete' && pass.prune.later > 0
      ? [`${counted(pass.prune.later, 'object')} of earlier waves to be deleted`]
      : []),
    ...(pass.prune.type === 'off' ? [] : pass.unconfirmed),
    ...(pass.prune.type === 'unsure' ? [pass.prune.message] : []),
  ];
  const walking = pass.walk !== undefined && pass.walk.progress.state !== 'done';
  if (walking || awaited.length > 0) {
    const waits = pass.walk?.progress.state === 'waiting' ? pass.walk.progress.message : undefined;
    const message = waits ?? `${counted(awaited.length, 'object')} to go: ${listed(awaited)}`;
    return { phase: 'Running', message, ...base, ...count };
  }
  const pruned = pass.pruned > 0 ? `, ${pass.pruned} pruned` : '';
  const message = `${counted(pass.objects.length, 'object')} applied${pruned}`;
  const { syncPhase: _s, wave: _w, waveStartedAt: _t, ...settled } = base;
  return { phase: 'Succeeded', message, ...settled, finishedAt: timestamp(now), ...count };
}

/** The first cause for which a sync is not successful, as a condition reason and a text about all of them. */
export function troubleOf(pass: PassOutcome): { reason: string; message: string } | undefined {
  const troubled = pass.objects.filter(({ verdict }) => verdict.state === 'failed' || verdict.state === 'owned');
  const [first] = troubled;
  if (first !== undefined) {
    const reason = first.verdict.state === 'failed' ? first.verdict.reason : Reason.OwnedByOther;
    const one = complaintAbout(first.id, first.verdict);
    const others = troubled.slice(1).map(({ id, verdict }) => complaintAbout(id, verdict));
    const message = others.length === 0 ? one : `${troubled.length} objects failed: ${listed([one, ...others])}`;
    return { reason, message };
  }
  if (pass.walk?.progress.state === 'failed') return pass.walk.progress;
  if (pass.prune.type === 'doubtful') {
    return { reason: Reason.PruneDoubtful, message: `nothing is pruned: ${listed(pass.prune.objects)}` };
  }
  if (pass.prune.type === 'emptyRefused') {
    const message =
      'Git has no object left for this Application; nothing is deleted unless spec.syncPolicy.automated.allowEmpty is true';
    return { reason: Reason.EmptyRefused, message };
  }
  if (pass.pruneFailures.length === 0) return undefined;
  return { reason: Reason.PruneFailed, message: `could not delete ${listed(pass.pruneFailures)}` };
}
