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

/** A clock that a test can set forward; what was to happen until then happens at once. */
export interface JumpingClock extends Clock {
  /** @param to milliseconds since the epoch; no jump when that is past */
  jump(to: number): void;
}

/**
 * Begins at a moment of the test's choice and runs `factor` times as fast as the real time.
 *
 * @param from milliseconds since the epoch
 */
export function jumpingClock(factor: number, from: number): JumpingClock {
  const start = systemClock.monotonic();
  let jumped = 0;
  const passed = (): number => (systemClock.monotonic() - start) * factor + jumped;
  const waiting = new Set<{ due: number; fire: () => void; disarm: () => void }>();
  return {
    now: () => from + passed(),
    monotonic: passed,
    after(ms, fn) {
      const entry = { due: passed() + ms, fire: () => {}, disarm: () => {} };
      const arm = (left: number): void => {
        entry.disarm = systemClock.after(left / factor, entry.fire);
      };
      entry.fire = () => {
        const left = entry.due - passed();
        if (left > 0 && waiting.has(entry)) return arm(left);
        entry.disarm();
        if (waiting.delete(entry)) fn();
      };
      waiting.add(entry);
      arm(ms);
      return () => {
        entry.disarm();
        waiting.delete(entry);
      };
    },
    jump(to) {
      jumped += Math.max(0, to - (from + passed()));
      // Also those that are not due yet: their timers were set for the old distance.
      for (const { disarm, fire } of [...waiting]) {
        disarm();
        fire();
      }
    },
  };
}
