import { Reason } from '../api/reasons.ts';
import { backoffDelay } from '../kube/backoff.ts';
import { isKubeError, isNotFound } from '../kube/errors.ts';
import { messageOf } from '../platform/errors.ts';
import type { Random } from '../platform/random.ts';
import type { Verdict } from './verdict.ts';

/** Retries of what may pass by itself, in milliseconds. */
const RETRY = { baseMs: 5_000, maxMs: 180_000 };

/** The verdict for a request that failed. The API server's own words are kept: they name the field. */
export function failedVerdict(error: unknown, where: string): Verdict & { state: 'failed' } {
  // A namespace or a kind that is missing now may be on its way.
  const permanent = isKubeError(error) && !error.retryable && !isNotFound(error);
  return {
    state: 'failed',
    reason: permanent ? Reason.ObjectRefused : Reason.ApplyFailed,
    message: `${withoutValue(withoutSubject(messageOf(error)))} (${where})`,
    permanent,
  };
}

/**
 * Milliseconds until a failed object is tried again. What only a person can put right is looked at every 3 minutes, so that
 * a right that was granted or a quota that was raised is noticed; the rest after 5 s, 10 s, … up to 3 minutes.
 *
 * @param failures failures in a row, this one included
 */
export function retryDelay(verdict: { permanent: boolean }, failures: number, random: Random, askedMs = 0): number {
  const delay = verdict.permanent ? RETRY.maxMs : backoffDelay(failures, RETRY, random);
  return Math.max(delay, askedMs);
}

/**
 * Server-side apply shows a value of the wrong type as Go prints it, `.stringData.pin: expected string, got
 * &value.valueUnstructured{Value:1234}`. It may hold the text of any delimiter, so all from there on is left out.
 */
function withoutValue(message: string): string {
  return message.replace(/\bgot &.*$/s, 'got something else');
}

/** A KubeError starts with what was asked, `apply configmaps team/settings: `; whoever shows it names the object already. */
export function withoutSubject(message: string): string {
  return message.replace(/^(?:get|apply|patch|update|create|delete) \S+ \S+: /, '');
}
