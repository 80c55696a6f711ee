import { findCondition } from '../api/conditions.ts';
import type { ApplicationStatus, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import { shortRevision } from './describe.ts';
import { askedBy } from './requested.ts';

/** An Event to record on the Application. */
export interface SyncEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/**
 * The Events for the step from one written status to the next. They are derived, not recorded on the way, so that a retry, a
 * restart or a lost race neither repeats nor loses one.
 */
export function eventsBetween(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  return [
    ...deletionEvents(old, next),
    ...automationEvents(old, next),
    ...sourceEvents(old, next),
    ...operationEvents(old, next),
    ...syncedEvents(old, next),
    ...healthEvents(old, next),
  ];
}

/** How a deletion begins, and each thing that holds it up; that it goes on is no news. */
function deletionEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [findCondition(old?.conditions, 'Deleting'), findCondition(next.conditions, 'Deleting')];
  if (after === undefined || before?.message === after.message) return [];
  if (after.reason !== Reason.Deleting) return [{ type: 'Warning', reason: after.reason, message: after.message }];
  return before === undefined ? [{ type: 'Normal', reason: after.reason, message: after.message }] : [];
}

/** Who wonders why nothing is synced finds here since when, and the reason that was given. */
function automationEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [old?.automation, next.automation];
  if (before === undefined || after === undefined || before.state === after.state) return [];
  const why = after.message === undefined ? '' : `: ${after.message}`;
  const message = `automation is ${after.state}, was ${before.state}${why}`;
  return [{ type: 'Normal', reason: Reason.AutomationChanged, message }];
}

function sourceEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [
    findCondition(old?.conditions, 'SourceReady'),
    findCondition(next.conditions, 'SourceReady'),
  ];
  if (after === undefined || (before?.status === after.status && before.reason === after.reason)) {
    // A new revision says so by its operation; another text of the same failure is news.
    const sameText = after === undefined || after.status === 'True' || before?.message === after.message;
    return sameText ? [] : [{ type: 'Warning', reason: after.reason, message: after.message }];
  }
  if (after.status === 'False') return [{ type: 'Warning', reason: after.reason, message: after.message }];
  return before === undefined ? [] : [{ type: 'Normal', reason: after.reason, message: after.message }];
}

function operationEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [old?.operationState, next.operationState];
  if (after === undefined) return [];
  const revision = shortRevision(after.revision);
  const who = askedText(after);
  const begun = before?.operation === undefined || before.specHash !== undefined;
  const started =
    !isTaken(after) && (before?.startedAt !== after.startedAt || before.revision !== after.revision || !begun);
  const events: SyncEvent[] = [];
  // A sync that is over already says so; that it had begun is no news then.
  if (started && after.phase === 'Running') {
    events.push({ type: 'Normal', reason: Reason.OperationStarted, message: `${who}syncing to ${revision}` });
  }
  if (after.phase === 'Succeeded' && (started || before?.phase !== 'Succeeded')) {
    events.push({
      type: 'Normal',
      reason: Reason.OperationSucceeded,
      message: `${who}synced to ${revision}: ${after.message ?? ''}`,
    });
  }
  if (after.phase === 'Failed' && (started || before?.phase !== 'Failed' || before.message !== after.message)) {
    events.push({
      type: 'Warning',
      reason: Reason.OperationFailed,
      message: `${who}sync to ${revision} failed: ${after.message ?? ''}`,
    });
  }
  return events;
}

/** Somebody has asked for it, and nothing was written yet. */
function isTaken({ operation, specHash }: ApplicationStatusOperationState): boolean {
  return operation !== undefined && specHash === undefined;
}

/** Who asked for it, and for a rollback what they asked for; empty when nobody did. */
function askedText({ operation }: ApplicationStatusOperationState): string {
  if (operation === undefined) return '';
  const { rollback } = operation;
  return `asked for by ${askedBy(operation)}${rollback === undefined ? '' : `, rollback to id ${rollback.id}`}: `;
}

/** Differences that no operation speaks of: drift, pruning that is off, syncing by hand. */
function syncedEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [findCondition(old?.conditions, 'Synced'), findCondition(next.conditions, 'Synced')];
  const news = after?.status === 'False' && after.reason === Reason.OutOfSync && before?.message !== after.message;
  const shared = (next.resources ?? []).filter(
    ({ status, message }) => status === 'Synced' && message !== undefined && !hadMessage(old, message),
  );
  return [
    ...(news ? [{ type: 'Normal' as const, reason: Reason.OutOfSync, message: after.message }] : []),
    ...shared.map(({ kind, namespace, name, message }) => ({
      type: 'Warning' as const,
      reason: Reason.SharedObject,
      message: `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} is ${message}`,
    })),
  ];
}

function hadMessage(old: ApplicationStatus | undefined, message: string): boolean {
  return (old?.resources ?? []).some((resource) => resource.message === message);
}

function healthEvents(old: ApplicationStatus | undefined, next: ApplicationStatus): SyncEvent[] {
  const [before, after] = [old?.health, next.health];
  if (after === undefined || before?.status === after.status) return [];
  const message = after.message ?? `all objects are ${after.status.toLowerCase()}`;
  if (after.status === 'Degraded') return [{ type: 'Warning', reason: Reason.Degraded, message }];
  // Progressing and back is how every change goes; only the end of trouble is news.
  const recovered = after.status === 'Healthy' && before !== undefined;
  return recovered ? [{ type: 'Normal', reason: Reason.Healthy, message }] : [];
}
