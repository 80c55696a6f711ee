import { type Clock, systemClock } from '../controller/platform/clock.ts';

/** The real time, `factor` times as fast: waits of minutes pass in seconds, and nothing has to be stepped by hand. */
export function fastClock(factor: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * factor,
    monotonic: () => systemClock.monotonic() * factor,
    after: (ms, fn) => systemClock.after(ms / factor, fn),
  };
}
