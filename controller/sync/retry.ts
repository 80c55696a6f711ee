import { timestamp } from '../api/conditions.ts';
import type { Application } from '../api/generated/application.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';

const DEFAULTS = { limit: -1, duration: '5s', factor: 2, maxDuration: '3m' };

/** How a sync that failed is tried again. Times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first; negative is for ever. */
  limit: number;
  firstMs: number;
  factor: number;
  maxMs: number;
}

/** `spec.syncPolicy.retry`, filled in. Throws an error for a duration that is none; {@link retryProblem} says so before. */
export function retryPolicy({ spec }: Pick<Application, 'spec'>): RetryPolicy {
  const { limit = DEFAULTS.limit, backoff } = spec.syncPolicy?.retry ?? {};
  const { duration, factor, maxDuration } = { ...DEFAULTS, ...backoff };
  return { limit, firstMs: parseDuration(duration), factor, maxMs: parseDuration(maxDuration) };
}

/** What is wrong with `spec.syncPolicy.retry` of an Application that was stored before its CRD would refuse it. */
export function retryProblem(application: Application): string | undefined {
  try {
    retryPolicy(application);
    return undefined;
  } catch (error) {
    return `spec.syncPolicy.retry.backoff: ${messageOf(error)}`;
  }
}

/**
 * When a sync that has just failed is tried again: `min(maxDuration, duration · factor^retries)` later, as a timestamp, so at
 * a full second and never before it. Undefined when it is given up.
 *
 * @param retries tries after the first so far
 * @param now milliseconds since the epoch
 */
export function nextRetryAt(policy: RetryPolicy, retries: number, now: number): string | undefined {
  if (isLastTry(policy, retries)) return undefined;
  const delay = Math.min(policy.maxMs, policy.firstMs * policy.factor ** retries);
  return timestamp(Math.ceil((now + delay) / 1000) * 1000);
}

/** Whether what failed in a sync is tried now; what did not fail waits for nothing. */
export function retryDue({ status }: Application, now: number): boolean {
  const operation = status?.operationState;
  if (operation?.phase !== 'Failed' || operation.nextRetryAt === undefined) return true;
  return Date.parse(operation.nextRetryAt) <= now;
}

/** Whether a sync failed and is not tried again by itself: only a newer one takes its place. */
export function isGivenUp(application: Application): boolean {
  const operation = application.status?.operationState;
  if (operation?.phase !== 'Failed' || operation.nextRetryAt !== undefined) return false;
  return isLastTry(retryPolicy(application), operation.retryCount ?? 0);
}

/** @param retries tries after the first so far */
export function isLastTry({ limit }: RetryPolicy, retries: number): boolean {
  return limit >= 0 && retries >= limit;
}
