import { isDeepStrictEqual } from 'node:util';
import { type NewCondition, removeCondition, setCondition } from '../api/conditions.ts';
import {
  ROLLOUT_RESOURCE,
  type Rollout,
  type RolloutStatus,
  type RolloutStatusCondition,
} from '../api/generated/rollout.ts';
import { ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import type { KubeClient } from '../kube/types.ts';
import { unreadableStatus } from '../rollout/unreadable.ts';

/**
 * Writes the status if it differs from what `rollout` has. The PUT carries the version that was read, so what a person
 * wrote meanwhile (abort, promote) makes it fail instead of being lost.
 */
export async function writeStatus(
  client: KubeClient,
  rollout: Rollout,
  status: RolloutStatus,
  signal: AbortSignal,
): Promise<{ result: 'unchanged' } | { result: 'stale' } | { result: 'written'; rollout: Rollout }> {
  const next = asJson(status);
  if (isDeepStrictEqual(next, rollout.status ?? {})) return { result: 'unchanged' };
  try {
    const written = await client.update(
      ROLLOUT_RESOURCE,
      { ...rollout, status: next },
      { subresource: 'status', fieldManager: ROLLOUT_FIELD_MANAGER, signal },
    );
    return { result: 'written', rollout: written as Rollout };
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return { result: 'stale' };
    throw error;
  }
}

/** As it is stored: a field that is undefined is a field that is not there. */
export function asJson(status: RolloutStatus): RolloutStatus {
  return JSON.parse(JSON.stringify(status)) as RolloutStatus;
}

/** What the write-back has to say in the status. */
export interface WriteBackState {
  error: string | undefined;
  busy: boolean;
}

/** The status with the condition that says whether the registry was told; without one when there is nothing to tell. */
export function withWriteBack(
  rollout: Rollout,
  status: RolloutStatus,
  state: WriteBackState,
  now: number,
): RolloutStatus {
  const type = 'ModelWriteBack';
  const observedGeneration = rollout.metadata.generation ?? 0;
  if (rollout.spec.model?.writeBack === undefined && !state.busy) return without(status, type);
  if (state.error !== undefined) {
    const message = `the registry was not told yet, it is tried again: ${state.error}`;
    return withCondition(
      status,
      { type, status: 'False', reason: Reason.ModelWriteBackFailed, message, observedGeneration },
      now,
    );
  }
  if (state.busy || status.model?.writtenBack === undefined) return status;
  const message = 'the registry says what this status says';
  return withCondition(
    status,
    { type, status: 'True', reason: Reason.ModelWriteBack, message, observedGeneration },
    now,
  );
}

/** The status that says that a decision could not be carried out. The rest stays what it was: nothing has been decided. */
export function withStalled(rollout: Rollout, reason: string, message: string, now: number): RolloutStatus {
  const observedGeneration = rollout.metadata.generation ?? 0;
  return withCondition(
    rollout.status ?? {},
    { type: 'Stalled', status: 'True', reason, message, observedGeneration },
    now,
  );
}

/** The status that says that the spec cannot be read at all. */
export function withUnreadableSpec(rollout: Rollout, problem: string, now: number): RolloutStatus {
  const before = without(rollout.status ?? {}, 'Stalled');
  return unreadableStatus(before, problem, rollout.metadata.generation ?? 0, now);
}

/** The status of a decision that was carried out. */
export function withoutStalled(status: RolloutStatus): RolloutStatus {
  return without(status, 'Stalled');
}

function withCondition(status: RolloutStatus, condition: NewCondition, now: number): RolloutStatus {
  return { ...status, conditions: [...setCondition<RolloutStatusCondition>(status.conditions ?? [], condition, now)] };
}

function without(status: RolloutStatus, type: string): RolloutStatus {
  const before = status.conditions ?? [];
  const conditions = removeCondition<RolloutStatusCondition>(before, type);
  return conditions === before ? status : { ...status, conditions: [...conditions] };
}
