import type { Rollout } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { KeyedLimit } from '../platform/keyed-limit.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { ModelRegistryClient } from '../registry/port.ts';
import { type ModelRequest, type ModelResolution, modelRequest, resolveModel } from '../registry/resolve.ts';
import type { ModelState } from '../rollout/snapshot.ts';
import { registryKey } from './rollout-references.ts';

/** The registries that Rollouts refer to, named `kind/name` as a Rollout of that namespace means it. */
export interface Registries {
  /** Throws RegistryError when there is no such registry or its credentials cannot be read. */
  connect(registry: string, namespace: string): Promise<ModelRegistryClient>;
  /** Time between two looks at it, in milliseconds. */
  pollIntervalMs(registry: string, namespace: string): number;
}

export interface ModelStatesOptions {
  registries: Registries;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** An answer arrived that the Rollout has to look at. */
  onAnswer(rollout: ObjectKey): void;
}

interface Entry {
  question: string;
  request: ModelRequest;
  namespace: string;
  state: ModelState;
  ask: () => void;
  stop: AbortController;
  /** Questions in a row that got no answer. */
  failures: number;
  cancelRetry: () => void;
}

const FIRST_RETRY_MS = 1000;
/** Questions to one registry at the same time. */
const AT_ONCE = 4;
const MAX_RETRY_MS = 60_000;

/**
 * What the registries say of the versions that Rollouts ask for. Questions run beside the workers: a registry that hangs
 * delays the Rollouts that need its answer and nobody else. An answer stays until the question changes; one that keeps
 * a version from starting is asked again until it no longer does.
 */
export class ModelStates {
  readonly #options: ModelStatesOptions;
  readonly #entries = new Map<ObjectKey, Entry>();
  readonly #limit = new KeyedLimit(AT_ONCE);

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
    if (known?.question === question) {
      known.request = request;
      return known.state;
    }
    this.forget(key);
    return this.#start(key, rollout.metadata.namespace ?? '', request, question).state;
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
    const entry = this.#entries.get(key);
    entry?.stop.abort();
    entry?.cancelRetry();
    this.#entries.delete(key);
  }

  stop(): void {
    for (const key of [...this.#entries.keys()]) this.forget(key);
  }

  #start(key: ObjectKey, namespace: string, request: ModelRequest, question: string): Entry {
    let turn = 0;
    const entry: Entry = {
      question,
      request,
      namespace,
      state: { state: 'pending' },
      stop: new AbortController(),
      failures: 0,
      cancelRetry: () => {},
      ask: () => {
        turn += 1;
        const mine = turn;
        entry.cancelRetry();
        // An answer does not count when a newer question is under way, or when nobody wants to know any more.
        void this.#ask(key, entry).then((answer) => {
          if (mine === turn && !entry.stop.signal.aborted) this.#take(key, entry, answer);
        });
      },
    };
    this.#entries.set(key, entry);
    entry.ask();
    return entry;
  }

  async #ask(key: ObjectKey, entry: Entry): Promise<ModelResolution> {
    const { namespace, stop } = entry;
    const { registry } = entry.request;
    const connect = (): Promise<ModelRegistryClient> => this.#options.registries.connect(registry, namespace);
    try {
      return await this.#limit.run(registryKey(namespace, registry), () => {
        stop.signal.throwIfAborted();
        // Read when its turn comes: by then the Rollout may have pinned an answer.
        return resolveModel(connect, entry.request, stop.signal);
      });
    } catch (error) {
      // A defect of ours must not look like an answer, and must not stop the questions either.
      if (!stop.signal.aborted) this.#options.logger.error({ rollout: key, err: error }, 'resolving a model threw');
      return { state: 'unavailable', code: Reason.InternalError, message: messageOf(error) };
    }
  }

  #take(key: ObjectKey, entry: Entry, answer: ModelResolution): void {
    const delay = this.#delayAfter(entry, answer);
    if (delay !== undefined) entry.cancelRetry = this.#options.clock.after(delay, entry.ask);
    const news = JSON.stringify(answer) !== JSON.stringify(entry.state);
    entry.state = answer;
    if (news) this.#options.onAnswer(key);
  }

  /** Milliseconds until the question is asked again; undefined when the answer stands. */
  #delayAfter(entry: Entry, answer: ModelResolution): number | undefined {
    switch (answer.state) {
      case 'resolved':
        entry.failures = 0;
        return undefined;
      case 'refused':
        entry.failures = 0;
        return this.#options.registries.pollIntervalMs(entry.request.registry, entry.namespace);
      case 'unavailable': {
        const delay = Math.min(FIRST_RETRY_MS * 2 ** entry.failures, MAX_RETRY_MS);
        entry.failures += 1;
        return delay * (0.5 + this.#options.random() / 2);
      }
    }
  }
}
