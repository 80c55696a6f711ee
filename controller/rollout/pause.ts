import { timestamp } from '../api/conditions.ts';
import type { RolloutStatus, RolloutStatusPauseCondition } from '../api/generated/rollout.ts';
import { compact } from './plain.ts';

export type PauseReason = RolloutStatusPauseCondition['reason'];

/** What a pause is at now. */
export type PauseState =
  | { state: 'none' }
  | { state: 'paused'; since: number }
  /** A person removed the pause conditions that the controller had set. */
  | { state: 'resumed' };

export function pauseState(status: RolloutStatus, reason: PauseReason): PauseState {
  const pause = status.pauseConditions?.find((condition) => condition.reason === reason);
  if (pause !== undefined) return { state: 'paused', since: Date.parse(pause.startTime) };
  return status.controllerPause === true && status.pauseConditions === undefined
    ? { state: 'resumed' }
    : { state: 'none' };
}

/** The status with this one pause. The start is rounded up to whole seconds, so that a pause never gets shorter. */
export function paused(status: RolloutStatus, reason: PauseReason, now: number): RolloutStatus {
  const startTime = timestamp(Math.ceil(now / 1000) * 1000);
  return { ...status, controllerPause: true, pauseConditions: [{ reason, startTime }] };
}

/** The status without any pause. */
export function unpaused(status: RolloutStatus): RolloutStatus {
  return compact<RolloutStatus>({ ...status, controllerPause: undefined, pauseConditions: undefined });
}
