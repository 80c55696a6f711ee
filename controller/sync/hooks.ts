import type { ApplicationStatusOperationState } from '../api/generated/application.ts';
import { HOOK_RUN_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { formatObjectId } from '../manifest/identity.ts';
import type { DesiredObject } from './desired.ts';
import { assess } from './health/assess.ts';
import type { UserRules } from './health/user-rules.ts';
import type { HookDeletePolicy, SyncPhase } from './object-options.ts';
import { entryKey, identityFields } from './status-resources.ts';

/** What is known of one hook of the running sync. */
export type HookRecord = NonNullable<ApplicationStatusOperationState['hooks']>[number];

/** A hook in one of its phases, under the name that it has in this sync. */
export interface Hook {
  phase: SyncPhase;
  desired: DesiredObject;
}

/** The word that tells the objects of this sync from those of an earlier one. */
export function hookRun({ revision, startedAt }: ApplicationStatusOperationState): string {
  return `${revision.slice(0, 7)} ${startedAt}`;
}

/** The hooks of a phase, or of one wave of it. */
export function hooksOf(
  hooks: readonly DesiredObject[],
  { phase, wave }: { phase: SyncPhase; wave?: number },
  operation: ApplicationStatusOperationState,
): readonly Hook[] {
  return hooks
    .filter(({ options }) => options.hooks.includes(phase) && (wave === undefined || options.wave === wave))
    .map((desired) => ({ phase, desired: named(desired, phase, operation) }));
}

/**
 * Gives a hook with `generateName` its name, as Argo CD does: `<generateName><revision>-<phase>-<start of the sync>`. It is the
 * same however often it is computed, so that a restart does not run the hook twice.
 */
function named(desired: DesiredObject, phase: SyncPhase, operation: ApplicationStatusOperationState): DesiredObject {
  const { generateName, ...metadata } = desired.object.metadata as KubeObject['metadata'] & { generateName?: string };
  if (generateName === undefined) return desired;
  const started = Math.floor(Date.parse(operation.startedAt) / 1000);
  const name = `${generateName}${operation.revision.slice(0, 7)}-${phase.toLowerCase()}-${started}`;
  const id = { ...desired.id, name };
  return { ...desired, id, key: formatObjectId(id), object: { ...desired.object, metadata: { ...metadata, name } } };
}

/** The next thing to do about a hook, and what to write down about it. */
export type HookMove =
  | { type: 'create' }
  /** An object of an earlier run is in the way. */
  | { type: 'delete' }
  /** That object is on its way out. */
  | { type: 'wait' }
  | { type: 'report'; hookPhase: HookRecord['hookPhase']; message?: string };

/**
 * Decides about one hook by the object in the cluster, as it was just read.
 *
 * @param departed the last state of one that is gone, where it was seen: a Job with `ttlSecondsAfterFinished: 0` is deleted
 * the moment it has succeeded
 * @param again a hook that failed is due to be tried again
 * @param rules of the Application, for what health means
 */
export function moveHook(
  record: HookRecord | undefined,
  live: KubeObject | undefined,
  departed: KubeObject | undefined,
  run: string,
  again: boolean,
  rules: UserRules,
): HookMove {
  if (record?.hookPhase === 'Succeeded' || (record?.hookPhase === 'Failed' && !again)) {
    return {
      type: 'report',
      hookPhase: record.hookPhase,
      ...(record.message !== undefined && { message: record.message }),
    };
  }
  const isOurs = (object: KubeObject | undefined): object is KubeObject =>
    object?.metadata.annotations?.[HOOK_RUN_ANNOTATION] === run;
  const ours = isOurs(live);
  if (record?.hookPhase === 'Running' && !ours) {
    const last = isOurs(departed) ? outcome(departed, rules) : undefined;
    if (last !== undefined && last.hookPhase !== 'Running') return last;
    return {
      type: 'report',
      hookPhase: 'Failed',
      message: 'is gone before its result was seen; if it has ttlSecondsAfterFinished, give it a minute',
    };
  }
  if (live === undefined) return { type: 'create' };
  if (record?.hookPhase === 'Running') return outcome(live, rules);
  if (live.metadata.deletionTimestamp !== undefined) return { type: 'wait' };
  return ours && record === undefined ? outcome(live, rules) : { type: 'delete' };
}

/** Health tells how a hook went: what needs time, or a person, runs. That it is being deleted says nothing about that. */
function outcome(live: KubeObject, rules: UserRules): HookMove & { type: 'report' } {
  const { deletionTimestamp: _, ...metadata } = live.metadata;
  const health = assess({ ...live, metadata }, rules);
  // What has no health, a ConfigMap for example, has done its work by being there.
  if (health === undefined) return { type: 'report', hookPhase: 'Succeeded' };
  const { status, message } = health;
  const text = message === undefined ? {} : { message };
  switch (status) {
    case 'Healthy':
      return { type: 'report', hookPhase: 'Succeeded', ...text };
    case 'Degraded':
    case 'Unknown':
      return { type: 'report', hookPhase: 'Failed', ...text };
    case 'Progressing':
    case 'Suspended':
    case 'Missing':
      return { type: 'report', hookPhase: 'Running', ...text };
  }
}

/** Whether a finished hook is deleted now. */
export function isOver(record: HookRecord, policies: readonly HookDeletePolicy[]): boolean {
  switch (record.hookPhase) {
    case 'Succeeded':
      return policies.includes('HookSucceeded');
    case 'Failed':
      return policies.includes('HookFailed');
    case 'Running':
      return false;
  }
}

export function recordOf(records: readonly HookRecord[], { phase, desired }: Hook): HookRecord | undefined {
  return records.find((record) => record.syncPhase === phase && entryKey(record) === desired.key);
}

/** What is newly known of one hook; `forget`: it starts from the beginning. */
export type HookNews = Pick<HookRecord, 'hookPhase' | 'message' | 'uid'> | 'forget' | undefined;

/** The records with what is newly known of one hook. */
export function withRecord(records: readonly HookRecord[], hook: Hook, news: HookNews): readonly HookRecord[] {
  if (news === undefined) return records;
  if (news === 'forget') return records.filter((record) => record !== recordOf(records, hook));
  const { desired, phase } = hook;
  const old = recordOf(records, hook);
  const record: HookRecord = {
    ...identityFields(desired.id, desired.version),
    ...(old?.uid !== undefined && { uid: old.uid }),
    syncPhase: phase,
    ...news,
  };
  return old === undefined ? [...records, record] : records.map((other) => (other === old ? record : other));
}
