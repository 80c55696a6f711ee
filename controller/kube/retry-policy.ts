import type { Random } from '../platform/random.ts';
import { isDisruptionRefusal, type KubeError } from './errors.ts';

/** Attempts after the first. */
const MAX_RETRIES = 4;
/** Longer waits are the caller's business: a wait never holds a worker. */
const MAX_WAIT_MS = 5000;

/**
 * Milliseconds to wait before the same request is sent again within one call, or undefined to give the error to the
 * caller. Asked for with Retry-After or refused for credentials, the request was not acted on, so any verb may go again;
 * after a lost answer only requests that change nothing when done twice.
 */
export function retryWait(idempotent: boolean, error: KubeError, retries: number, random: Random): number | undefined {
  if (retries >= MAX_RETRIES) return undefined;
  // It will not change its mind within seconds.
  if (isDisruptionRefusal(error)) return undefined;
  if (error.status === 401) return retries === 0 ? 0 : undefined;
  if (error.reason === 'ConnectionReset' && error.status === 0) return idempotent && retries === 0 ? 0 : undefined;
  if (
    error.status === 429 ||
    (error.status >= 500 && error.retryable && idempotent && error.retryAfterMs !== undefined)
  ) {
    const wait = error.retryAfterMs ?? 250 * 2 ** retries;
    return wait > MAX_WAIT_MS ? undefined : wait * (1 + 0.2 * random());
  }
  return undefined;
}

/** The Retry-After header in milliseconds: seconds, or an HTTP date against `now`. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
