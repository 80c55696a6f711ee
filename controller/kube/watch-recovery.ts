import type { Random } from '../platform/random.ts';
import { type BackoffOptions, backoffDelay } from './backoff.ts';
import { isGone, isKubeError, isTooLargeResourceVersion } from './errors.ts';

/** A server that asks for more is asked again anyway; liveness would take a longer wait for a stuck loop. */
const MAX_RETRY_AFTER_MS = 120_000;

/** Where a watch loop stands when something fails. */
export interface WatchState {
  /** Whether it has a resource version to go on from. */
  listed: boolean;
  /** Failures since watching last worked. */
  failures: number;
}

/** How it goes on. */
export type Recovery =
  /** Nothing was wrong: open the watch again where it stopped. */
  | { kind: 'resume' }
  /** Wait, then go on from the last version, or from a new list. */
  | { kind: 'retry'; relist: boolean; waitMs: number };

/**
 * What to do about a failure of list or watch. Only a resource version that has expired (410), or that the server has yet
 * to reach (it was restored from a backup), costs a new list; everything else goes on from the last version.
 */
export function recover(error: unknown, state: WatchState, backoff: BackoffOptions, random: Random): Recovery {
  // A quiet kind on a server without bookmarks: the watch worked until now.
  if (state.listed && isKubeError(error) && error.reason === 'Silent') return { kind: 'resume' };
  const relist = isGone(error) || isTooLargeResourceVersion(error);
  // The first expiry is answered by a list at once; when it repeats, something else is wrong.
  if (isGone(error) && state.failures === 0) return { kind: 'retry', relist, waitMs: 0 };
  const asked = (isKubeError(error) ? error.retryAfterMs : undefined) ?? 0;
  const waitMs = Math.max(backoffDelay(state.failures + 1, backoff, random), Math.min(asked, MAX_RETRY_AFTER_MS));
  return { kind: 'retry', relist, waitMs };
}
