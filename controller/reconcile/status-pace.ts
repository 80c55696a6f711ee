import { isDeepStrictEqual } from 'node:util';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { RolloutDecision } from '../rollout/decision.ts';

/**
 * How long the status may say less than is known about pods, in milliseconds. While a version comes up its pods change many
 * times a second; a status write for each would be most of what a release costs.
 */
export const PACE_MS = 10_000;

/** What only describes pods: no decision starts from it, and each is computed anew every time. */
const DESCRIPTIONS: ReadonlySet<string> = new Set([
  'replicas',
  'readyReplicas',
  'availableReplicas',
  'updatedReplicas',
  'HPAReplicas',
  'message',
] satisfies (keyof RolloutStatus)[]);

/** Conditions of which only the status is news: their words repeat what phase, pods and the state of the release say. */
const DESCRIBING_CONDITIONS: ReadonlySet<string> = new Set([
  'Available',
  'Progressing',
  'Paused',
  'Completed',
  'Healthy',
]);

/**
 * Whether a status has to be stored now: it says something new about the release, its phase, its requests, or the newest
 * spec, or an Event would be told again by the next decision. What is left are numbers of pods and their wording.
 */
export function isPressing(
  before: RolloutStatus | undefined,
  after: RolloutStatus,
  decision: RolloutDecision,
): boolean {
  const scalesOnly = decision.events.every(({ reason }) => reason === Reason.ScalingReplicaSet);
  if (decision.events.length > 0 && !(scalesOnly && decision.commands.length > 0)) return true;
  return before === undefined || !isDeepStrictEqual(essence(before), essence(after));
}

function essence(status: RolloutStatus): object {
  const fields = Object.entries(status).filter(
    ([field, value]) => !DESCRIPTIONS.has(field) && field !== 'conditions' && !isEmpty(value),
  );
  const conditions = (status.conditions ?? []).map((condition) =>
    DESCRIBING_CONDITIONS.has(condition.type) ? { type: condition.type, status: condition.status } : condition,
  );
  return { ...Object.fromEntries(fields), conditions };
}

/** An object without members says what its absence says. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Since when the statuses of Rollouts have lagged behind. */
export class StatusPace {
  readonly #since = new Map<ObjectKey, number>();

  /**
   * How long a status that is not pressing may still wait, in milliseconds; undefined when its time has come.
   *
   * @param now of a monotonic clock
   */
  waitMs(key: ObjectKey, now: number): number | undefined {
    const since = this.#since.get(key) ?? now;
    this.#since.set(key, since);
    const left = since + PACE_MS - now;
    return left > 0 ? left : undefined;
  }

  /** The status says all that is known, or the Rollout is gone. */
  forget(key: ObjectKey): void {
    this.#since.delete(key);
  }
}
