import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { backoffDelay } from './backoff.ts';

export interface WorkQueueOptions {
  clock: Clock;
  random: Random;
  /** Delay after the first failure of a key; doubles with each. Default 5 ms. */
  baseDelayMs?: number;
  /** Default 30 s: when the cause of a failure goes, no event says so, and what waits may be an abort. */
  maxDelayMs?: number;
}

/**
 * Keys to be worked on. A key is in work at most once at a time; added again meanwhile it is worked on once more
 * afterwards, however often it was added. So a run always starts after the newest add, which is what makes
 * level-triggered reconciling correct.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #backoff: { baseMs: number; maxMs: number };
  /** Waiting, in order of arrival; those of `first` go before all of `last`. */
  readonly #ready = { first: new Set<string>(), last: new Set<string>() };
  /** Not waiting yet, and to be `first` then. */
  readonly #urgent = new Set<string>();
  readonly #processing = new Set<string>();
  /** Added while in work. */
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { at: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #getters: ((key: string | undefined) => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #shutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#backoff = { baseMs: options.baseDelayMs ?? 5, maxMs: options.maxDelayMs ?? 30_000 };
  }

  /** Keys that could be worked on now. */
  get depth(): number {
    return this.#ready.first.size + this.#ready.last.size;
  }

  /** As soon as possible. Takes the place of a delayed add of the same key. */
  add(key: string): void {
    if (this.#shutDown) return;
    this.#cancelDelayed(key);
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    if (this.#urgent.delete(key)) {
      this.#ready.last.delete(key);
      this.#ready.first.add(key);
    } else if (!this.#ready.first.has(key)) {
      this.#ready.last.add(key);
    }
    this.#hand();
  }

  /**
   * In `ms` milliseconds. Of several delays for one key the earliest counts.
   *
   * @param rank `first`: whenever the key comes next, it goes before those that wait. For what was begun and soon ends.
   */
  addAfter(key: string, ms: number, rank: 'first' | 'last' = 'last'): void {
    if (this.#shutDown) return;
    if (rank === 'first') this.#urgent.add(key);
    if (ms <= 0 || (rank === 'first' && this.#ready.last.has(key))) {
      this.add(key);
      return;
    }
    if (this.#ready.first.has(key) || this.#ready.last.has(key) || this.#dirty.has(key)) return;
    const at = this.#clock.monotonic() + ms;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.at <= at) return;
    known?.cancel();
    this.#delayed.set(key, { at, cancel: this.#clock.after(ms, () => this.add(key)) });
  }

  /** After the next backoff of this key, and not before `atLeastMs`. */
  addRateLimited(key: string, atLeastMs = 0): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, Math.max(atLeastMs, backoffDelay(failures, this.#backoff, this.#random)));
  }

  /** The key is fine again: its next failure starts at the first delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, when there is one; undefined once the queue is shut down. {@link done} must follow. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#shutDown) return resolve(undefined);
      this.#getters.push(resolve);
      this.#hand();
    });
  }

  /** Ends the work on a key that {@link get} gave out. */
  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
    if (this.#processing.size === 0) {
      for (const wake of this.#idleWaiters.splice(0)) wake();
    }
  }

  /** Gives out no more keys; what waits is dropped, since all of it comes back with the next start's lists. */
  shutDown(): void {
    this.#shutDown = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#ready.first.clear();
    this.#ready.last.clear();
    this.#urgent.clear();
    this.#dirty.clear();
    for (const resolve of this.#getters.splice(0)) resolve(undefined);
  }

  /** Resolves when nothing is in work. After {@link shutDown} that is the end. */
  idle(): Promise<void> {
    return this.#processing.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #hand(): void {
    while (this.#getters.length > 0) {
      const [first] = this.#ready.first;
      const [last] = this.#ready.last;
      const key = first ?? last;
      if (key === undefined) return;
      this.#ready.first.delete(key);
      this.#ready.last.delete(key);
      this.#processing.add(key);
      this.#getters.shift()?.(key);
    }
  }

  #cancelDelayed(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }
}
