import type { Random } from '../platform/random.ts';

export interface BackoffOptions {
  /** First delay in milliseconds. */
  baseMs: number;
  /** No delay is longer, jitter aside. */
  maxMs: number;
}

/**
 * Delay before try number `failures` + 1 (`failures` ≥ 1): min(max, base · 2^(failures − 1)), spread over 50 % to 100 % of
 * that so that many who failed together do not come back together.
 */
export function backoffDelay(failures: number, options: BackoffOptions, random: Random): number {
  const full = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(failures - 1, 40));
  return full * (0.5 + 0.5 * random());
}
