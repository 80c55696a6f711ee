/** Shares one run of a task among all who ask for it while it runs. Whoever aborts leaves; the task goes on for the others. */
export class SingleFlight {
  readonly #flights = new Map<string, Promise<unknown>>();

  run<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let flight = this.#flights.get(key) as Promise<T> | undefined;
    if (flight === undefined) {
      flight = task().finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return signal === undefined ? flight : abortable(flight, signal);
  }
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
