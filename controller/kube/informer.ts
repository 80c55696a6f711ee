import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { ObjectStore } from './store.ts';
import type { Indexer, Informer, KubeObject, ObjectKey, ResourceInfo, WatchEvent } from './types.ts';

type Handler = (event: WatchEvent) => void;

/** How one watch is doing, for probes and for people. */
export interface WatchHealth {
  resource: string;
  synced: boolean;
  /** Monotonic milliseconds of the last byte or attempt. */
  lastActivity: number;
  /** Why it is not following the server right now. */
  lastError: string | undefined;
  objects: number;
}

/** A cache of one kind with handlers, kept up to date by a {@link Reflector}. */
export class CachingInformer implements Informer {
  readonly resource: ResourceInfo;
  readonly #store: ObjectStore;
  readonly #handlers = new Set<Handler>();
  readonly #waiters = new Set<() => void>();
  readonly #logger: Logger;
  readonly #reflector: Reflector;
  #synced = false;
  #stopped = false;

  constructor(options: Omit<ReflectorOptions, 'sink'>) {
    this.resource = options.resource;
    this.#logger = options.logger;
    this.#store = new ObjectStore((index, object, error) =>
      this.#logger.error({ resource: this.resource.plural, index, object, reason: messageOf(error) }, 'an index threw'),
    );
    this.#reflector = new Reflector({
      ...options,
      sink: {
        replace: (objects, version) => {
          const events = this.#store.replace(objects, version);
          this.#synced = true;
          for (const event of events) this.#deliver(event);
          for (const wake of [...this.#waiters]) wake();
        },
        set: (object) => this.#deliver(this.#store.apply('set', object)),
        delete: (object) => this.#deliver(this.#store.apply('delete', object)),
      },
    });
  }

  get synced(): boolean {
    return this.#synced;
  }

  get following(): boolean {
    return this.#synced && this.#reflector.lastError === undefined;
  }

  get lastError(): string | undefined {
    return this.#reflector.lastError;
  }

  get health(): WatchHealth {
    const { lastActivity, lastError } = this.#reflector;
    const { plural, group } = this.resource;
    const resource = group === '' ? plural : `${plural}.${group}`;
    return { resource, synced: this.#synced, lastActivity, lastError, objects: this.#store.size };
  }

  start(): void {
    void this.#reflector.run();
  }

  stop(): void {
    this.#stopped = true;
    this.#reflector.stop();
    this.#handlers.clear();
    this.#store.clear();
    for (const wake of [...this.#waiters]) wake();
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#store.get(key);
  }

  list(): readonly KubeObject[] {
    return this.#store.list();
  }

  byIndex(index: string, value: string): readonly KubeObject[] {
    return this.#store.byIndex(index, value);
  }

  addIndexer(name: string, indexer: Indexer): void {
    this.#store.addIndexer(name, indexer);
  }

  onEvent(handler: Handler): () => void {
    // A wrapper, so that the same function registered twice is two registrations.
    const registration: Handler = (event) => handler(event);
    this.#handlers.add(registration);
    for (const object of this.#store.list()) this.#call(registration, { type: 'added', object });
    return () => this.#handlers.delete(registration);
  }

  waitForSync(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(settle);
        signal.removeEventListener('abort', settle);
        if (signal.aborted) reject(signal.reason);
        else if (this.#stopped) reject(new DOMException('the informer was stopped', 'AbortError'));
        else resolve();
      };
      if (this.#synced || this.#stopped || signal.aborted) return settle();
      this.#waiters.add(settle);
      signal.addEventListener('abort', settle);
    });
  }

  #deliver(event: WatchEvent | undefined): void {
    if (event === undefined) return;
    for (const handler of [...this.#handlers]) this.#call(handler, event);
  }

  /** The cache has already changed: a handler that throws loses its own event and nobody else's. */
  #call(handler: Handler, event: WatchEvent): void {
    try {
      handler(event);
    } catch (error) {
      this.#logger.error({ resource: this.resource.plural, reason: messageOf(error) }, 'an event handler threw');
    }
  }
}
