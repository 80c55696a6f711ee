import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import { CachingInformer, type WatchHealth } from './informer.ts';
import type { IngestTransform } from './ingest.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import type { ReflectorTimes, WatchScope } from './reflector.ts';
import type { Transport } from './transport.ts';
import type { Indexer, Informer, KubeObject, ResourceInfo } from './types.ts';

export interface SharedInformersOptions {
  transport: Transport;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: KubeMetrics;
  times?: ReflectorTimes;
  /** What is done to every object of every kind before it is cached. */
  prepare?: IngestTransform;
}

export interface AcquireOptions extends WatchScope {
  /** Indexes this user needs; shared by name with other users of the same cache. */
  indexers?: Record<string, Indexer>;
  /** What is done to every object before it is cached. Caches are shared by the name. */
  transform?: { name: string; apply: IngestTransform };
}

/** One user's share of an informer. */
export interface InformerLease<T extends KubeObject = KubeObject> {
  readonly informer: Informer<T>;
  /** Gives the share back; the watch of a kind that nobody uses any more ends. Calling it again does nothing. */
  release(): void;
}

/** One watch per kind and scope, however many use it. */
export class SharedInformers {
  readonly #options: SharedInformersOptions;
  readonly #running = new Map<string, { informer: CachingInformer; users: number }>();

  constructor(options: SharedInformersOptions) {
    this.#options = options;
  }

  /**
   * The shared cache for a kind, started if it does not run yet. Handlers registered on it must be removed by whoever
   * registered them. `T` is a promise by the caller: the API server has validated custom resources, nobody else has.
   */
  acquire<T extends KubeObject = KubeObject>(resource: ResourceInfo, options: AcquireOptions = {}): InformerLease<T> {
    const { indexers = {}, transform, ...scope } = options;
    const key = JSON.stringify([
      resource.group,
      resource.version,
      resource.plural,
      scope.namespace ?? '',
      scope.labelSelector ?? '',
      scope.fieldSelector ?? '',
      transform?.name ?? '',
      scope.metadataOnly === true,
    ]);
    let entry = this.#running.get(key);
    if (entry === undefined) {
      const { prepare, ...rest } = this.#options;
      const both = (object: KubeObject): void => {
        prepare?.(object);
        transform?.apply(object);
      };
      entry = { informer: new CachingInformer({ ...rest, transform: both, resource, scope }), users: 0 };
      this.#running.set(key, entry);
      entry.informer.start();
    }
    for (const [name, indexer] of Object.entries(indexers)) entry.informer.addIndexer(name, indexer);
    entry.users += 1;
    const shared = entry;
    let released = false;
    return {
      informer: shared.informer as unknown as Informer<T>,
      release: () => {
        if (released) return;
        released = true;
        shared.users -= 1;
        if (shared.users > 0) return;
        if (this.#running.get(key) === shared) this.#running.delete(key);
        shared.informer.stop();
      },
    };
  }

  /** One entry per running watch. */
  health(): WatchHealth[] {
    return [...this.#running.values()].map(({ informer }) => informer.health);
  }

  /** Ends all watches; for shutdown. */
  stop(): void {
    for (const { informer } of this.#running.values()) informer.stop();
    this.#running.clear();
  }
}
