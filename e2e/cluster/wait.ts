import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError, describe } from './errors.ts';

/** How long to wait for what. */
export interface WaitOptions {
  /** Completes "waited 30 s for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Checked between attempts; a string ends the wait as a failure at once. */
  readonly failed?: () => string | undefined;
}

/** Polls until `check` returns something else than undefined and false. What it throws counts as "not yet". */
export async function until<T>(
  check: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let last: string | undefined;
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = describe(error);
    }
    const failure = options.failed?.();
    if (failure !== undefined) throw new ClusterError(failure);
    if (performance.now() > deadline) {
      const reason = last === undefined ? '' : `: ${last}`;
      throw new ClusterError(`waited ${Math.round(options.timeoutMs / 1000)} s for ${options.what}${reason}`);
    }
    await delay(options.intervalMs ?? 50);
  }
}
