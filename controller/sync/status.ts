import { type NewCondition, setCondition, timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatus, ApplicationStatusResource } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import type { ObjectKey } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { nextAutomation } from './automation.ts';
import { complaintAbout, counted, listed, shortRevision } from './describe.ts';
import type { Health } from './health/health.ts';
import { userRules } from './health/user-rules.ts';
import { worstHealth } from './health/worst.ts';
import { nextHistory } from './history.ts';
import type { Hold } from './hold.ts';
import { nextOperation, type PassOutcome, startedOperation, troubleOf } from './operation.ts';
import { healing, heldBy, stoppedBy } from './plan.ts';
import { consentTo } from './prune.ts';
import { requestedSync, seenHash } from './requested.ts';
import { retryPolicy } from './retry.ts';
import type { Heal } from './self-heal.ts';
import type { SyncSnapshot } from './snapshot.ts';
import type { SourceFailure } from './source/state.ts';
import { entryId, entryKey, identityFields, leftoverEntry, resourceEntry, sortEntries } from './status-resources.ts';
import { firstWalk, walkFields } from './walk.ts';

/** A snapshot taken after a pass, with what the pass did. */
export interface PassView {
  snapshot: SyncSnapshot;
  outcome: PassOutcome;
  /** The same of only those objects that somebody asked to sync; undefined when it is about all. */
  own?: PassOutcome;
  /** By object: other Applications that want it and do not get it. */
  claimants: ReadonlyMap<string, readonly ObjectKey[]>;
  /** The revision as the user wrote it, for messages. */
  targetRevision: string;
  /** Documents in Git that are no Kubernetes objects, with file and line. */
  skipped: readonly string[];
}

/** The status with which a sync begins: it lists every object that will be written. `now` in milliseconds since the epoch. */
export function statusAtStart(snapshot: SyncSnapshot, mode: 'start' | 'continue', now: number): ApplicationStatus {
  const { application, revision, objects } = snapshot;
  const old = application.status ?? {};
  const listedBefore = new Map((old.resources ?? []).map((entry) => [entryKey(entry), entry]));
  const added = objects
    .filter(({ desired }) => !listedBefore.has(desired.key))
    .map(({ desired }) => ({ ...identityFields(desired.id, desired.version), status: 'Unknown' as const }));
  const resources = sortEntries([...(old.resources ?? []), ...added]);
  if (mode === 'continue') return added.length === 0 ? old : { ...old, resources };
  const heal = healing(snapshot, now);
  const synced: NewCondition = {
    type: 'Synced',
    status: 'False',
    reason: Reason.Syncing,
    message: `syncing to ${shortRevision(revision)}`,
  };
  const { selfHeal: _, ...kept } = old;
  // Drift, and certain objects that somebody asks for, are put right without running hooks again.
  const part = heal.type === 'now' || requestedSync(application)?.scope !== undefined;
  const walk = part ? undefined : firstWalk(snapshot, now);
  return {
    ...kept,
    message: synced.message,
    resources,
    operationState: {
      ...startedOperation(application, revision, heal, now),
      ...(walk !== undefined && walkFields(walk)),
    },
    ...(heal.type === 'now' && { selfHeal: { attempts: heal.attempt } }),
    conditions: [...setCondition(old.conditions ?? [], observed(application, synced), now)],
  };
}

/** The status after a pass over a revision that was fetched and read. `now` in milliseconds since the epoch. */
export function statusAfterPass(view: PassView, now: number): ApplicationStatus {
  const { snapshot, outcome, claimants, targetRevision, skipped } = view;
  const { application, revision, objects, leftovers } = snapshot;
  const old = application.status ?? {};
  const rules = userRules(application);
  const resources = sortEntries([
    ...objects.map((object, i) =>
      resourceEntry(
        object,
        outcome.objects[i]?.verdict ?? { state: 'unseen' },
        claimants.get(object.desired.key) ?? [],
        rules,
      ),
    ),
    ...leftovers.map((leftover) => leftoverEntry(leftover, consentTo(leftover, application), rules)),
  ]);
  const next = nextOperation(old.operationState, view.own ?? outcome, retryPolicy(application), now);
  const stopped = stoppedBy(snapshot);
  const operationState = next && stopped !== undefined ? { ...next, message: stopped } : next;
  const sync = syncOf(resources);
  const held = heldBy(snapshot, now);
  const seen = seenHash(application, revision, held !== undefined);
  const ignored = skipped.length === 0 ? '' : `; not for Kubernetes and left out: ${listed(skipped)}`;
  return finish(application, held, now, {
    sync: {
      status: sync,
      revision,
      shortRevision: shortRevision(revision),
      ...(seen !== undefined && { specHash: seen }),
    },
    resources,
    operationState,
    history: nextHistory(application, operationState, now),
    source: {
      type: 'SourceReady',
      status: 'True',
      reason: Reason.Fetched,
      message: `${targetRevision} is at ${revision}${ignored}`,
    },
    synced: syncedCondition(view, sync, now),
    health: healthOfResources(resources),
  });
}

/**
 * The status when the source fails. What runs is left alone and stays listed. A failure that may pass leaves the last
 * comparison standing as long as it speaks of the current spec; any other makes it Unknown.
 */
export function statusAfterSourceFailure(
  application: Application,
  failure: SourceFailure,
  resources: readonly ApplicationStatusResource[],
  hold: Hold | undefined,
  now: number,
): ApplicationStatus {
  const old = application.status ?? {};
  const current = old.observedGeneration === application.metadata.generation;
  const keep = failure.retryable && current && old.sync !== undefined && old.sync.status !== 'Unknown';
  const synced = old.conditions?.find((condition) => condition.type === 'Synced');
  return finish(application, hold?.always === true ? hold.message : undefined, now, {
    sync: keep && old.sync !== undefined ? old.sync : { ...old.sync, status: 'Unknown' },
    resources: [...resources],
    operationState: old.operationState,
    history: old.history,
    source: { type: 'SourceReady', status: 'False', reason: failure.code, message: failure.message },
    synced:
      keep && synced !== undefined
        ? { type: 'Synced', status: synced.status, reason: synced.reason, message: synced.message }
        : {
            type: 'Synced',
            status: 'Unknown',
            reason: Reason.SourceNotReady,
            message: 'nothing can be compared before the source is ready; see condition SourceReady',
          },
    health:
      resources.length === 0
        ? { status: 'Unknown', message: 'nothing was applied yet' }
        : healthOfResources(resources.filter((resource) => resource.requiresPruning !== true)),
  });
}

interface Parts extends Required<Pick<ApplicationStatus, 'resources'>> {
  sync: NonNullable<ApplicationStatus['sync']>;
  health: Health;
  operationState: ApplicationStatus['operationState'];
  history: ApplicationStatus['history'];
  source: NewCondition;
  synced: NewCondition;
}

function finish(application: Application, held: string | undefined, now: number, parts: Parts): ApplicationStatus {
  const { sync, health, resources, operationState, history, source, synced } = parts;
  const { generation } = application.metadata;
  const automation = nextAutomation(application, held, now);
  const { lastHandledReconcileAt, selfHeal } = application.status ?? {};
  const healthy: NewCondition = {
    type: 'Healthy',
    status: health.status === 'Healthy' ? 'True' : health.status === 'Unknown' ? 'Unknown' : 'False',
    reason: Reason[health.status],
    message: health.message ?? `${counted(resources.length, 'object')} in order`,
  };
  let conditions: readonly NonNullable<ApplicationStatus['conditions']>[number][] =
    application.status?.conditions ?? [];
  for (const condition of [source, synced, healthy]) {
    conditions = setCondition(conditions, observed(application, condition), now);
  }
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    message: headline(automation, source, synced, healthy),
    ...(lastHandledReconcileAt !== undefined && { lastHandledReconcileAt }),
    automation,
    ...(selfHeal !== undefined && { selfHeal }),
    sync,
    health,
    resources,
    ...(operationState !== undefined && { operationState }),
    ...(history !== undefined && { history }),
    conditions: [...conditions],
  };
}

function observed(application: Application, condition: NewCondition): NewCondition {
  const { generation } = application.metadata;
  return generation === undefined ? condition : { ...condition, observedGeneration: generation };
}

/** One line for `kubectl get -o wide`: the first thing that is not as it should be, in the order of the work. */
function headline(
  automation: Pick<NonNullable<ApplicationStatus['automation']>, 'state' | 'message'>,
  ...conditions: readonly NewCondition[]
): string {
  const wrong = conditions.find((condition) => condition.status !== 'True');
  const [, synced] = conditions;
  const text = wrong?.message ?? synced?.message ?? '';
  const off = automation.state === 'Suspended' || automation.state === 'Held';
  return off ? `${automation.state.toLowerCase()} (${automation.message}); ${text}` : text;
}

function syncedCondition(
  { outcome, snapshot }: PassView,
  sync: 'Synced' | 'OutOfSync' | 'Unknown',
  now: number,
): NewCondition {
  const type = 'Synced';
  const trouble = troubleOf(outcome);
  const revision = shortRevision(snapshot.revision);
  if (trouble !== undefined) return { type, status: 'False', reason: trouble.reason, message: trouble.message };
  if (sync === 'Synced') {
    const message = `${counted(snapshot.objects.length, 'object')} in sync with ${revision}`;
    return { type, status: 'True', reason: Reason.InSync, message };
  }
  if (outcome.walk?.progress.state === 'waiting') {
    const message = `syncing to ${revision}: ${outcome.walk.progress.message}`;
    return { type, status: 'False', reason: Reason.Syncing, message };
  }
  const waiting = outcome.objects.filter(({ verdict }) => verdict.state === 'waiting');
  if (waiting.length > 0 && outcome.mode !== 'compare') {
    const message = `syncing to ${revision}: ${listed(waiting.map(({ id, verdict }) => complaintAbout(id, verdict)))}`;
    return { type, status: 'False', reason: Reason.Syncing, message };
  }
  const different = outcome.objects.filter(({ verdict }) => verdict.state !== 'synced' && verdict.state !== 'unseen');
  const differences = different.map(({ id, verdict }) => complaintAbout(id, verdict));
  const gone = snapshot.leftovers.flatMap((leftover) => {
    const { id, live } = leftover;
    const terminating = live.state === 'present' && live.object.metadata.deletionTimestamp !== undefined;
    const consent = consentTo(leftover, snapshot.application);
    if (consent.quiet) return [];
    const why = consent.type === 'given' ? 'is gone from Git' : consent.message;
    return [`${describeId(id)}: ${terminating ? 'is being deleted' : why}`];
  });
  const message = `differs from ${revision}: ${listed([...differences, ...gone]) || 'not compared yet'}${healText(healing(snapshot, now))}`;
  return { type, status: sync === 'Unknown' ? 'Unknown' : 'False', reason: Reason.OutOfSync, message };
}

/** A time, not a duration: the text must not change while nothing does. */
function healText(heal: Heal): string {
  return heal.type === 'wait' ? `; healed at ${timestamp(heal.at)} (attempt ${heal.attempt} in a row)` : '';
}

function syncOf(resources: readonly ApplicationStatusResource[]): 'Synced' | 'OutOfSync' | 'Unknown' {
  if (resources.some(({ status }) => status === 'OutOfSync')) return 'OutOfSync';
  return resources.some(({ status }) => status === 'Unknown') ? 'Unknown' : 'Synced';
}

/** Objects that are gone from Git, or belong to somebody else, do not decide about the health. */
function healthOfResources(resources: readonly ApplicationStatusResource[]): Health {
  return worstHealth(
    resources
      .filter((resource) => resource.requiresPruning !== true)
      .map((resource) => ({ name: describeId(entryId(resource)), health: resource.health })),
  );
}
