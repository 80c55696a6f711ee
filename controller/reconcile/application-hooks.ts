import type { ApplicationStatusOperationState } from '../api/generated/application.ts';
import { FIELD_MANAGER, HOOK_RUN_ANNOTATION } from '../api/names.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import { type KubeObject, keyOf, type ResourceInfo } from '../kube/types.ts';
import { mapLimited } from '../platform/concurrent.ts';
import { type ExecutorDeps, readOrUndefined } from '../sync/executor.ts';
import { failedVerdict } from '../sync/failure.ts';
import type { UserRules } from '../sync/health/user-rules.ts';
import {
  type Hook,
  type HookNews,
  type HookRecord,
  hookRun,
  isOver,
  moveHook,
  recordOf,
  withRecord,
} from '../sync/hooks.ts';
import { otherOwner } from '../sync/tracking.ts';
import { goneJobResult } from './application-job-result.ts';

const CONCURRENCY = 8;

/** What was found out about hooks, and how many were made. */
export interface HooksRun {
  records: readonly HookRecord[];
  started: number;
}

/** Where hooks are found without asking. */
export interface HookPlace {
  /** The live object of a hook, by the cache: undefined when it is not there or not known. */
  find: (record: HookRecord) => { resource: ResourceInfo; object: KubeObject } | undefined;
  /** The last state of a hook that was seen to be deleted. */
  departed: (record: HookRecord) => KubeObject | undefined;
}

/**
 * Brings the hooks of one step forward: removes those of an earlier run, makes what is missing, and sees how the others went.
 * Each is read from the API server, since a cache may not know yet what was made a moment ago.
 *
 * @param again hooks that failed are due to be tried again
 * @param rules of the Application, for what health means
 */
export async function runHooks(
  deps: ExecutorDeps & HookPlace,
  hooks: readonly Hook[],
  operation: ApplicationStatusOperationState,
  records: readonly HookRecord[],
  again: boolean,
  rules: UserRules,
): Promise<HooksRun> {
  let started = 0;
  const news = await mapLimited(hooks, CONCURRENCY, async (hook): Promise<HookNews> => {
    try {
      const [made, result] = await runHook(deps, hook, recordOf(records, hook), hookRun(operation), again, rules);
      if (made) started++;
      return result;
    } catch (error) {
      if (deps.signal.aborted) throw error;
      if (isConflict(error) || isNotFound(error)) return undefined;
      started++;
      return { hookPhase: 'Failed', message: failedVerdict(error, hook.desired.where).message };
    }
  });
  const next = hooks.reduce((known, hook, i) => withRecord(known, hook, news[i]), records);
  return { records: next, started };
}

async function runHook(
  deps: ExecutorDeps & HookPlace,
  hook: Hook,
  record: HookRecord | undefined,
  run: string,
  again: boolean,
  rules: UserRules,
): Promise<[made: boolean, news: HookNews]> {
  const { kind, object, key, where } = hook.desired;
  if (kind.state === 'awaited') return [false, undefined];
  if (kind.state !== 'served') {
    return [false, { hookPhase: 'Failed', message: `the cluster does not serve its kind (${where})` }];
  }
  const finished = record?.hookPhase === 'Succeeded' || (record?.hookPhase === 'Failed' && !again);
  const live = finished ? undefined : await readOrUndefined(deps, kind.resource, keyOf(object));
  const owner = otherOwner(live, deps.application, (other) => deps.wants(other, key));
  if (owner !== undefined) return [false, { hookPhase: 'Failed', message: `belongs to Application ${owner}` }];
  // How it ended comes with the event that it is gone, which a moment later brings us here again.
  if (record?.hookPhase === 'Running' && live === undefined && deps.find(record) !== undefined)
    return [false, undefined];
  const departed = record && deps.departed(record);
  if (record?.hookPhase === 'Running' && live === undefined && departed === undefined) {
    const told = await goneJobResult(deps, record);
    if (told !== undefined) return [false, told];
  }
  const move = moveHook(record, live, departed, run, again, rules);
  switch (move.type) {
    case 'create':
      return [true, await create(deps, kind.resource, object, run)];
    case 'delete':
      await remove(deps, kind.resource, live);
      return [false, 'forget'];
    case 'wait':
      return [false, undefined];
    case 'report': {
      const news = { hookPhase: move.hookPhase, ...(move.message !== undefined && { message: move.message }) };
      const uid = record === undefined ? live?.metadata.uid : undefined;
      return [false, { ...news, ...(uid !== undefined && { uid }) }];
    }
  }
}

async function create(deps: ExecutorDeps, resource: ResourceInfo, object: KubeObject, run: string): Promise<HookNews> {
  const { metadata } = object;
  const body = {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [HOOK_RUN_ANNOTATION]: run } },
  };
  const options = { fieldManager: FIELD_MANAGER, force: true, signal: deps.signal };
  const { uid } = (await deps.client.apply(resource, body, options)).metadata;
  return { hookPhase: 'Running', ...(uid !== undefined && { uid }) };
}

async function remove(deps: ExecutorDeps, resource: ResourceInfo, live: KubeObject | undefined): Promise<void> {
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) return;
  const { uid } = live.metadata;
  await deps.client
    .delete(resource, keyOf(live), {
      propagationPolicy: 'Background',
      ...(uid !== undefined && { uid }),
      signal: deps.signal,
    })
    .catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
}

/** Deletes finished hooks as their delete policy asks. What is not possible now is tried in a later pass. */
export async function tidyHooks(
  deps: ExecutorDeps & HookPlace,
  operation: ApplicationStatusOperationState,
  hooks: readonly Hook[],
): Promise<void> {
  if (operation.hooks === undefined) return;
  const run = hookRun(operation);
  for (const hook of hooks) {
    const record = recordOf(operation.hooks, hook);
    if (record === undefined || !isOver(record, hook.desired.options.hookDeletePolicies)) continue;
    const found = deps.find(record);
    if (found?.object.metadata.annotations?.[HOOK_RUN_ANNOTATION] === run) {
      await remove(deps, found.resource, found.object);
    }
  }
}

/** Ends the hooks of a sync that a newer one takes the place of. */
export async function cancelHooks(
  deps: ExecutorDeps & HookPlace,
  operation: ApplicationStatusOperationState | undefined,
): Promise<void> {
  if (operation?.hooks === undefined) return;
  for (const record of operation.hooks.filter(({ hookPhase }) => hookPhase === 'Running')) {
    const found = deps.find(record);
    const run = found?.object.metadata.annotations?.[HOOK_RUN_ANNOTATION];
    // What somebody asked for has, before it begins, the records of the sync that it takes the place of.
    const theirs = operation.operation !== undefined && operation.specHash === undefined;
    if (found === undefined || run === undefined || (!theirs && run !== hookRun(operation))) continue;
    await remove(deps, found.resource, found.object);
  }
}
