import type { Rollout } from '../api/generated/rollout.ts';
import { SlipwayError } from '../platform/errors.ts';

/** Merge patches that carry out what a person asked for; undefined parts need no request. */
export interface Action {
  /** For the object itself. */
  spec?: { paused?: boolean; restartAt?: string };
  /** For the status subresource. */
  status?: {
    abort?: boolean;
    promoteFull?: boolean;
    pauseConditions?: null;
    controllerPause?: boolean;
    currentStepIndex?: number;
  };
  /** What was done, for people. */
  said: string;
}

/** The action cannot be carried out in this state; code `ActionRefused`. */
export class ActionRefused extends SlipwayError {
  constructor(message: string) {
    super('ActionRefused', message);
  }
}

/**
 * Goes on to the next step, or with `full` past all remaining steps and analysis.
 *
 * Removing the pause conditions while `controllerPause` stays true is how the controller learns that a person resumed.
 * After an inconclusive analysis or experiment the step itself is skipped, otherwise it would only be measured again. In the middle of
 * any other step the index moves on by one. A blue-green update has no steps: there only a pause can be ended. Same rules
 * as Argo Rollouts' client.
 */
export function promote(rollout: Rollout, full: boolean): Action {
  const { spec, status } = rollout;
  const name = rollout.metadata.name;
  const updating = status?.currentPodHash !== undefined && status.currentPodHash !== status.stableRS;
  if (full) {
    if (!updating) throw new ActionRefused(`rollout "${name}" is already fully promoted`);
    return { status: { promoteFull: true }, said: `rollout "${name}" fully promoted`, ...unpause(spec.paused) };
  }
  if (status?.abort === true)
    throw new ActionRefused(`rollout "${name}" is aborted: run "kubectl slipway retry ${name}" to try again`);
  const pauses = status?.pauseConditions ?? [];
  const steps = spec.strategy.canary?.steps?.length ?? 0;
  const index = status?.currentStepIndex ?? 0;
  const said = `rollout "${name}" promoted`;
  if (spec.strategy.canary !== undefined && pauses.some((pause) => isInconclusive(pause.reason))) {
    return {
      status: { pauseConditions: null, controllerPause: false, currentStepIndex: Math.min(index + 1, steps) },
      said,
      ...unpause(spec.paused),
    };
  }
  if (pauses.length > 0) return { status: { pauseConditions: null }, said, ...unpause(spec.paused) };
  if (spec.paused === true) return { said, ...unpause(true) };
  if (!updating) throw new ActionRefused(`rollout "${name}" has nothing to promote: no update is in progress`);
  if (spec.strategy.canary === undefined)
    throw new ActionRefused(
      `rollout "${name}" is not paused: it goes on by itself, or use --full to leave out what is measured`,
    );
  if (index >= steps)
    throw new ActionRefused(
      `rollout "${name}" has done all its steps and promotes by itself when its pods are available`,
    );
  return { status: { currentStepIndex: index + 1 }, said };
}

/** Sends all requests back to the stable version. */
export function abort(rollout: Rollout): Action {
  const { status } = rollout;
  const name = rollout.metadata.name;
  if (status?.currentPodHash === undefined || status.currentPodHash === status.stableRS)
    throw new ActionRefused(`rollout "${name}" has nothing to abort: no update is in progress`);
  return { status: { abort: true }, said: `rollout "${name}" aborted` };
}

/** Starts an aborted update over. */
export function retry(rollout: Rollout): Action {
  const name = rollout.metadata.name;
  if (rollout.status?.abort !== true)
    throw new ActionRefused(`rollout "${name}" is not aborted: there is nothing to retry`);
  return { status: { abort: false }, said: `rollout "${name}" retried` };
}

/** Replaces all pods, a few at a time. @param now milliseconds since the epoch */
export function restart(rollout: Rollout, now: number): Action {
  // Rounded up: no pod that exists now may count as made after it.
  const restartAt = new Date(Math.ceil(now / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  return { spec: { restartAt }, said: `rollout "${rollout.metadata.name}" restarts` };
}

function isInconclusive(reason: string): boolean {
  return reason === 'InconclusiveAnalysisRun' || reason === 'InconclusiveExperiment';
}

function unpause(paused: boolean | undefined): Pick<Action, 'spec'> {
  return paused === true ? { spec: { paused: false } } : {};
}
