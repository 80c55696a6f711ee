import type { Application } from '../api/generated/application.ts';
import { requestEnded } from './requested.ts';

/** Seconds between the end of one heal and the next, as in Argo CD: at once, then ever more slowly. */
const DELAYS_S: readonly number[] = [0, 2, 6, 18, 54, 162, 300];
/** Drift that comes back later than this, beside twice the delay, in milliseconds, is a new story. */
const QUIET_MS = 10_000;

/** Whether drift is put right, and when. */
export type Heal =
  | { type: 'off' }
  /** Not before `at`, in milliseconds since the epoch; `attempt` counts from 1. */
  | { type: 'wait'; at: number; attempt: number }
  | { type: 'now'; attempt: number };

/**
 * Decides about drift that was found after a sync had succeeded. Who changes an object again and again is not fought at full
 * speed; a sync for another reason, or drift that stayed away for longer than twice the delay, starts from the beginning.
 *
 * @param now milliseconds since the epoch
 */
export function decideHeal(application: Application, now: number): Heal {
  const { spec, status } = application;
  const operation = status?.operationState;
  const settled = operation?.phase === 'Succeeded' || requestEnded(application);
  if (spec.syncPolicy?.automated?.selfHeal !== true || !settled) return { type: 'off' };
  const before = status?.selfHeal?.attempts ?? 0;
  const end = Date.parse(operation?.finishedAt ?? '');
  if (before === 0 || Number.isNaN(end)) return { type: 'now', attempt: 1 };
  const delay = 1000 * (DELAYS_S[Math.min(before, DELAYS_S.length - 1)] ?? 0);
  if (now - end > 2 * delay + QUIET_MS) return { type: 'now', attempt: 1 };
  const attempt = before + 1;
  return now - end >= delay ? { type: 'now', attempt } : { type: 'wait', at: end + delay, attempt };
}
