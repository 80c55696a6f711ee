import type { WatchHealth } from './informer.ts';

/** Longer than any backoff and than two watchdog periods: a watch loop silent for this long no longer runs. */
const STUCK_AFTER_MS = 300_000;

/**
 * The watches whose loop is stuck, at monotonic time `now`. For the liveness probe, so an API server that is down does not
 * count: a loop that tries and fails is alive, and a restart would not help it.
 */
export function stuckWatches(watches: readonly WatchHealth[], now: number): string[] {
  return watches.filter((watch) => now - watch.lastActivity > STUCK_AFTER_MS).map((watch) => watch.resource);
}

/** Those that have not delivered their first list; for the readiness probe. */
export function unsyncedWatches(watches: readonly WatchHealth[]): string[] {
  return watches.filter((watch) => !watch.synced).map((watch) => watch.resource);
}
