/** Time as a dependency, so that every wait and every decision can be tested without waiting. */
export interface Clock {
  /** Wall-clock time in milliseconds since the epoch. Decisions that outlive the process use this one. */
  now(): number;
  /** Monotonic time in milliseconds; never jumps. Leases and timeouts use this one. */
  monotonic(): number;
  /** Runs `fn` once after `ms` milliseconds; returns a function that cancels it. */
  after(ms: number, fn: () => void): () => void;
}

/** Node fires a timer above this at once, so longer waits are chunked. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The real clock. Timers do not keep the process alive: the servers and watches do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const part = Math.min(Math.max(left, 0), MAX_TIMER_MS);
      timer = setTimeout(() => (left > part ? arm(left - part) : fn()), part);
      timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Lets everything else that waits for the event loop have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
