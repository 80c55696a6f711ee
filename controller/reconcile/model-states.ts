import type { Rollout } from '../api/generated/rollout.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { ModelRegistryClient } from '../registry/port.ts';
import { type ModelRequest, type ModelResolution, modelRequest, resolveModel } from '../registry/resolve.ts';
import type { ModelState } from '../rollout/snapshot.ts';

/** Where registries are found: by `kind/name` as a Rollout of that namespace means it. */
export interface ModelRegistries {
  /** Throws RegistryError when there is no such registry or its credentials cannot be read. */
  connect(namespace: string, registry: string): Promise<ModelRegistryClient>;
  /** Time between two looks, in milliseconds. */
  pollIntervalMs(namespace: string, registry: string): number;
}

export interface ModelStatesOptions {
  registries: ModelRegistries;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** An answer arrived that the Rollout has to look at. */
  onAnswer(rollout: ObjectKey): void;
}

interface Entry {
  question: string;
  registry: string;
  state: ModelState;
  ask: () => void;
  stop: AbortController;
  /** Questions in a row that got no answer. */
  failures: number;
  cancelRetry: () => void;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

/**
 * What the registries say of the versions that Rollouts ask for. Questions run beside the workers: a registry that hangs
 * delays the Rollouts that need its answer and nobody else. An answer stays until the question changes; one that keeps
 * a version from starting is asked again until it no longer does.
 */
export class ModelStates {
  readonly #options: ModelStatesOptions;
  readonly #entries = new Map<ObjectKey, Entry>();

  constructor(options: ModelStatesOptions) {
    this.#options = options;
  }

  /** What is known now; asks if nobody did. */
  stateOf(key: ObjectKey, rollout: Rollout): ModelState {
    const request = modelRequest(rollout);
    if (request === undefined) {
      this.forget(key);
      return { state: 'none' };
    }
    // What is pinned is part of the answer, not of the question: pinning an answer must not ask again.
    const question = JSON.stringify([request.registry, request.name, request.version]);
    const known = this.#entries.get(key);
    if (known?.question === question) return known.state;
    this.forget(key);
    const entry = this.#start(key, rollout.metadata.namespace ?? '', request, question);
    entry.ask();
    return entry.state;
  }

  /** The registry object changed: everybody who asked it asks again, keeping the old answer until the new one is there. */
  registryChanged(rollouts: readonly ObjectKey[]): void {
    for (const key of rollouts) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) entry.failures = 0;
      entry?.ask();
    }
  }

  /** The Rollout is gone, or has no model any more. */
  forget(key: ObjectKey): void {
    this.#entries.get(key)?.stop.abort();
    this.#entries.delete(key);
  }

  stop(): void {
    for (const key of [...this.#entries.keys()]) this.forget(key);
  }

  #start(key: ObjectKey, namespace: string, request: ModelRequest, question: string): Entry {
    const { registries, clock } = this.#options;
    const stop = new AbortController();
    let asking = 0;
    const entry: Entry = {
      question,
      registry: request.registry,
      state: { state: 'pending' },
      stop,
      failures: 0,
      cancelRetry: () => {},
      ask: () => {
        entry.cancelRetry();
        asking += 1;
        const turn = asking;
        const connect = (): Promise<ModelRegistryClient> => registries.connect(namespace, request.registry);
        void resolveModel(connect, request, stop.signal)
          .catch((error: unknown): ModelResolution => this.#unexpected(key, error))
          .then((answer) => {
            // A newer question is under way, or nobody wants to know any more.
            if (stop.signal.aborted || turn !== asking) return;
            const delay = this.#delayAfter(entry, answer, namespace, request.registry);
            if (delay !== undefined) entry.cancelRetry = clock.after(delay, entry.ask);
            const news = JSON.stringify(answer) !== JSON.stringify(entry.state);
            entry.state = answer;
            if (news) this.#options.onAnswer(key);
          });
      },
    };
    stop.signal.addEventListener('abort', () => entry.cancelRetry(), { once: true });
    this.#entries.set(key, entry);
    return entry;
  }

  /** Milliseconds until the question is asked again; undefined when the answer stands. */
  #delayAfter(entry: Entry, answer: ModelResolution, namespace: string, registry: string): number | undefined {
    switch (answer.state) {
      case 'resolved':
        entry.failures = 0;
        return undefined;
      case 'refused':
        entry.failures = 0;
        return this.#options.registries.pollIntervalMs(namespace, registry);
      case 'unavailable': {
        const delay = Math.min(FIRST_RETRY_MS * 2 ** entry.failures, MAX_RETRY_MS);
        entry.failures += 1;
        return delay * (0.5 + this.#options.random() / 2);
      }
    }
  }

  /** A defect of ours must not look like an answer, and must not stop the questions either. */
  #unexpected(key: ObjectKey, error: unknown): ModelResolution {
    this.#options.logger.error({ rollout: key, err: error }, 'resolving a model version threw');
    return { state: 'unavailable', code: 'InternalError', message: messageOf(error) };
  }
}
