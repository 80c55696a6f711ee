interface Lane {
  running: number;
  /** What waits, in order of arrival. */
  first: (() => void)[];
  last: (() => void)[];
}

/**
 * Runs at most `limit` tasks at a time for each key, the others in order of rank and arrival; keys do not wait for each other.
 * For questions to servers of others: after a start there may be thousands at once.
 */
export class KeyedLimit {
  readonly #limit: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param rank `first`: before those that wait already and are not first too, for what carries on something begun */
  async run<T>(key: string, task: () => Promise<T>, rank: 'first' | 'last' = 'last'): Promise<T> {
    const lane = this.#lanes.get(key) ?? { running: 0, first: [], last: [] };
    this.#lanes.set(key, lane);
    if (lane.running < this.#limit) lane.running += 1;
    // Whoever ends hands on the place.
    else await new Promise<void>((resolve) => lane[rank].push(resolve));
    try {
      return await task();
    } finally {
      const next = lane.first.shift() ?? lane.last.shift();
      if (next !== undefined) next();
      else {
        lane.running -= 1;
        if (lane.running === 0) this.#lanes.delete(key);
      }
    }
  }
}
