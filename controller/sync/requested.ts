import type {
  Application,
  ApplicationOperation,
  ApplicationSpecSource,
  ApplicationStatusOperationState,
} from '../api/generated/application.ts';
import type { ObjectId } from '../manifest/identity.ts';
import { automationOf } from './automation.ts';
import { shortRevision } from './describe.ts';
import { windowsOf } from './hold.ts';
import { specHash } from './spec-hash.ts';
import { decideWindows, windowsProblem } from './windows.ts';

/** What somebody asked for, as long as it is not done: what is synced, from where, and what may go. */
export interface Requested {
  operation: ApplicationOperation;
  /** Where the manifests come from this once. */
  source: ApplicationSpecSource;
  prune: boolean;
  /** Whether an object is meant; undefined when all are. */
  scope: ((id: ObjectId) => boolean) | undefined;
}

/** The sync that somebody asked for, that was taken over and is not done yet. */
export function requestedSync(application: Application): Requested | undefined {
  const operation = openOperation(application)?.operation;
  if (operation === undefined) return undefined;
  const { sync, rollback } = operation;
  const resources = sync?.resources;
  return {
    operation,
    source: sourceOf(application, operation),
    prune: sync?.prune ?? rollback?.prune ?? application.spec.syncPolicy?.automated?.prune ?? false,
    scope: resources && ((id) => resources.some((reference) => refersTo(reference, id))),
  };
}

/** The Application as the sync that somebody asked for sees it: with the source of that sync. */
export function asRequested(application: Application): Application {
  const source = requestedSync(application)?.source;
  return source === undefined ? application : { ...application, spec: { ...application.spec, source } };
}

/**
 * Why what was asked for cannot be begun: one line. Nothing of the Application is changed then.
 *
 * @param now milliseconds since the epoch
 */
export function requestProblem(application: Application, now: number): string | undefined {
  const requested = requestedSync(application);
  if (requested === undefined) return undefined;
  const { rollback, sync } = requested.operation;
  // Also one that has begun ends here: without its entry nobody knows what to go back to.
  if (rollback !== undefined && entryOf(application, rollback.id) === undefined) {
    const ids = application.status?.history?.map(({ id }) => id).join(', ') ?? '';
    return `status.history has no entry with id ${rollback.id}; ${ids === '' ? 'it is empty' : `choose one of ${ids}`}`;
  }
  if (hasBegun(application)) return undefined;
  const windows = windowsOf(application);
  const nonsense = windowsProblem(application);
  if (nonsense !== undefined) return nonsense;
  const verdict = windows && decideWindows(windows, now);
  if (verdict?.manual === false) return `${verdict.message}; manualSync of the window would allow it`;
  const { targetRevision } = application.spec.source;
  const revision = sync?.revision ?? targetRevision;
  const away = revision !== targetRevision && revision !== application.status?.sync?.revision;
  if (away && automationOf(application).state === 'Active') {
    return (
      `operation.sync.revision ${revision} would at once be followed by ${targetRevision}: ` +
      'set spec.suspend first, change spec.source.targetRevision, or use operation.rollback'
    );
  }
  return undefined;
}

/** What an object is called in a request that means none of the objects there are. */
export function unmatched(requested: Requested | undefined, ids: readonly ObjectId[]): string | undefined {
  const resources = requested?.operation.sync?.resources ?? [];
  const index = resources.findIndex((reference) => !ids.some((id) => refersTo(reference, id)));
  const reference = resources[index];
  if (reference === undefined) return undefined;
  const { group = '', kind, namespace, name } = reference;
  const what = `${group === '' ? kind : `${kind}.${group}`} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return `operation.sync.resources[${index}]: the Application has no ${what}`;
}

/** The state of what was asked for, as it is written before the request is removed from the Application. */
export function takenOperation(
  application: Application,
  operation: ApplicationOperation,
  now: string,
): ApplicationStatusOperationState {
  const { initiatedBy, rollback, sync } = operation;
  const entry = rollback && entryOf(application, rollback.id);
  const hooks = application.status?.operationState?.hooks;
  return {
    phase: 'Running',
    message: `asked for by ${askedBy(operation)}`,
    revision: entry?.revision ?? sync?.revision ?? application.spec.source.targetRevision,
    trigger: rollback === undefined ? 'Requested' : 'Rollback',
    ...(initiatedBy !== undefined && { initiatedBy }),
    operation,
    startedAt: now,
    // Those that run are cancelled when this one begins.
    ...(hooks !== undefined && { hooks }),
  };
}

/** Who asked, in words. */
export function askedBy({ initiatedBy }: Pick<ApplicationOperation, 'initiatedBy'>): string {
  return initiatedBy?.username?.replace(/\s+/g, ' ') ?? 'somebody';
}

/**
 * What `spec.suspendReason` becomes with a rollback, undefined without one. Whoever suspended the Application before is not
 * forgotten.
 */
export function rollbackReason(application: Application, operation: ApplicationOperation): string | undefined {
  const entry = operation.rollback && entryOf(application, operation.rollback.id);
  if (entry === undefined) return undefined;
  const { suspend, suspendReason = '' } = application.spec;
  const before = suspend && suspendReason !== '' && !suspendReason.startsWith('rolled back to id ');
  const text = `rolled back to id ${entry.id} (${shortRevision(entry.revision)}) by ${askedBy(operation)}`;
  return `${text}${before ? `; suspended before: ${suspendReason}` : ''}`.slice(0, 256);
}

/** Whether the first object may have been written. */
export function hasBegun({ status }: Application): boolean {
  return status?.operationState?.specHash !== undefined;
}

/** Whether the last thing that happened is a request that failed for good. It says nothing about syncs by itself. */
export function requestEnded({ status }: Application): boolean {
  const state = status?.operationState;
  return state?.operation !== undefined && state.phase === 'Failed' && state.nextRetryAt === undefined;
}

/** `status.sync.specHash` after a comparison: what syncing by itself remembers having seen. */
export function seenHash(application: Application, revision: string, held: boolean): string | undefined {
  const { sync } = application.status ?? {};
  // Some of the objects were synced, or none, and the others are none the wiser.
  if (held || requestedSync(application)?.scope !== undefined)
    return sync?.revision === revision ? sync.specHash : undefined;
  // Without it a revision that nobody was allowed to apply is new again once that is allowed.
  return automationOf(application).state === 'Active' ? specHash(application) : undefined;
}

/** A request that failed is open only as long as it is tried again. */
function openOperation({ status }: Application): ApplicationStatusOperationState | undefined {
  const state = status?.operationState;
  const open = state?.phase === 'Running' || (state?.phase === 'Failed' && state.nextRetryAt !== undefined);
  return open ? state : undefined;
}

function sourceOf(application: Application, { sync, rollback }: ApplicationOperation): ApplicationSpecSource {
  const { source } = application.spec;
  const entry = rollback && entryOf(application, rollback.id);
  if (entry === undefined) return { ...source, targetRevision: sync?.revision ?? source.targetRevision };
  const then = entry.source as ApplicationSpecSource | undefined;
  return { ...(then ?? source), targetRevision: entry.revision };
}

type HistoryEntry = NonNullable<NonNullable<Application['status']>['history']>[number];

function entryOf({ status }: Application, wanted: number): HistoryEntry | undefined {
  return status?.history?.find(({ id }) => id === wanted);
}

type Reference = NonNullable<NonNullable<ApplicationOperation['sync']>['resources']>[number];

function refersTo(reference: Reference, { group, kind, namespace, name }: ObjectId): boolean {
  return (
    (reference.group ?? '') === group &&
    reference.kind === kind &&
    reference.name === name &&
    (reference.namespace === undefined || reference.namespace === namespace)
  );
}
