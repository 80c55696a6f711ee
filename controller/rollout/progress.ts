import type { RolloutStatus, RolloutStatusBlueGreen } from '../api/generated/rollout.ts';

/** Whether the clock of the progress deadline runs, and how far it is. Times in milliseconds. */
export interface ProgressClock {
  /** When it was last reset; a running clock times out `progressDeadlineMs` later. */
  since: number;
  timedOut: boolean;
  /** Milliseconds until it times out; undefined while it stands still or is over. */
  leftMs: number | undefined;
}

export interface ProgressInput {
  before: RolloutStatus;
  after: RolloutStatus;
  /** When the clock was last reset, if that is known. */
  since: number | undefined;
  /** It had timed out; only progress changes that. */
  timedOut: boolean;
  /** An update is under way and nobody is meant to wait: no pause, no analysis, nothing held back, no delay running. */
  running: boolean;
  /** It ran when the status was last written. */
  ranBefore: boolean;
  deadlineMs: number;
  now: number;
}

/**
 * The deadline counts time without progress, and only time in which progress is expected: it stands still during pauses,
 * analysis, delays before scaling down and while the spec cannot be acted on, and begins anew after them.
 */
export function progressClock(input: ProgressInput): ProgressClock {
  const { now, deadlineMs } = input;
  const reset =
    hasProgress(input.before, input.after) || input.since === undefined || !input.running || !input.ranBefore;
  const timedOutBefore = input.timedOut && !hasProgress(input.before, input.after) && input.running;
  if (!input.running) return { since: input.since ?? now, timedOut: false, leftMs: undefined };
  const since = reset && !timedOutBefore ? now : (input.since ?? now);
  const left = since + deadlineMs - now;
  const timedOut = timedOutBefore || left <= 0;
  return { since, timedOut, leftMs: timedOut ? undefined : left };
}

/** More of the new, less of the old, more that serves, or another step. */
export function hasProgress(before: RolloutStatus, after: RolloutStatus): boolean {
  const pods = (status: RolloutStatus, field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas') =>
    status[field] ?? 0;
  const old = (status: RolloutStatus): number => pods(status, 'replicas') - pods(status, 'updatedReplicas');
  return (
    pods(after, 'updatedReplicas') !== pods(before, 'updatedReplicas') ||
    old(after) < old(before) ||
    pods(after, 'readyReplicas') > pods(before, 'readyReplicas') ||
    pods(after, 'availableReplicas') > pods(before, 'availableReplicas') ||
    after.stableRS !== before.stableRS ||
    after.currentPodHash !== before.currentPodHash ||
    after.currentStepIndex !== before.currentStepIndex ||
    after.currentStepHash !== before.currentStepHash ||
    hasBlueGreenProgress(before.blueGreen, after.blueGreen)
  );
}

/** The counts of pods are those behind the active Service, so those of a new version count on their own. */
function hasBlueGreenProgress(
  before: RolloutStatusBlueGreen | undefined,
  after: RolloutStatusBlueGreen | undefined,
): boolean {
  return (
    (after?.updatedAvailableReplicas ?? 0) > (before?.updatedAvailableReplicas ?? 0) ||
    after?.activeSelector !== before?.activeSelector ||
    after?.previewSelector !== before?.previewSelector ||
    after?.scaleUpPreviewCheckPoint !== before?.scaleUpPreviewCheckPoint
  );
}
