import { type Clock, sleep } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import { isNotFound, KubeError } from './errors.ts';
import { type IngestTransform, ingest, isObject, isOlder } from './ingest.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import { listPages } from './list-pages.ts';
import { collectionPath } from './paths.ts';
import type { ApiRequest, Transport } from './transport.ts';
import { type KubeObject, keyOf, type ObjectKey, type ResourceInfo } from './types.ts';
import { recover } from './watch-recovery.ts';
import { type RawWatchEvent, watchEvents } from './watch-stream.ts';

/** Which objects are watched. */
export interface WatchScope {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Ask only for the metadata of the objects: what is in them never comes over the wire. */
  metadataOnly?: boolean;
}

/** Who receives what the server says. Called synchronously and in order; must not throw. */
export interface ReflectorSink {
  replace(objects: Iterable<KubeObject>, resourceVersion: string): void;
  set(object: KubeObject): void;
  delete(object: KubeObject): void;
}

/** Waits in milliseconds; the defaults are for production, tests shorten them. */
export interface ReflectorTimes {
  /** A watch without a byte for this long is replaced. Bookmarks come about once a minute, so two may be missed. */
  inactivityMs: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
}

export const DEFAULT_REFLECTOR_TIMES: ReflectorTimes = {
  inactivityMs: 130_000,
  backoffBaseMs: 500,
  backoffMaxMs: 30_000,
};

/** Forms in which the API server leaves out all but the metadata. */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** A watch that ended sooner than this without an event counts as failed, or a broken server would be asked in a loop. */
const SHORT_WATCH_MS = 1000;

export interface ReflectorOptions {
  transport: Transport;
  resource: ResourceInfo;
  scope: WatchScope;
  sink: ReflectorSink;
  transform?: IngestTransform;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: KubeMetrics;
  times?: ReflectorTimes;
}

/**
 * Keeps a sink equal to the server: list, watch, and start again where it stopped, for ever. Only an expired or impossible
 * resource version leads to a new list; any other failure resumes the watch after a jittered backoff.
 */
export class Reflector {
  readonly #o: ReflectorOptions;
  readonly #times: ReflectorTimes;
  readonly #stop = new AbortController();
  #resourceVersion: string | undefined;
  /** Whether the next list is asked for as a stream. A refusal turns to pages, a failed page turns back. */
  #streamed = true;
  #failures = 0;
  #lastActivity: number;
  #lastError: string | undefined;

  constructor(options: ReflectorOptions) {
    this.#o = options;
    this.#times = options.times ?? DEFAULT_REFLECTOR_TIMES;
    this.#lastActivity = options.clock.monotonic();
  }

  /** Monotonic time of the last byte received or attempt made. When this stands still, the loop itself is stuck. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** Why the kind is not being followed at the moment; undefined while all is well. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** Runs until {@link stop}. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#touch();
      try {
        await this.#listAndWatch();
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(error);
      }
    }
  }

  stop(): void {
    this.#stop.abort(new DOMException('the informer was stopped', 'AbortError'));
  }

  /** One list if needed, then one watch, until the server ends it. */
  async #listAndWatch(): Promise<void> {
    if (this.#resourceVersion !== undefined) return this.#watch(this.#resourceVersion);
    if (this.#streamed) return this.#streamedListAndWatch();
    const { transport, resource, scope, sink } = this.#o;
    try {
      const accept = scope.metadataOnly === true ? METADATA_LIST : undefined;
      const options = { ...scope, accept, signal: this.#stop.signal };
      const list = await listPages(transport, resource, options, (object) => this.#ingest(object));
      this.#listed(list.resourceVersion, () => sink.replace(list.items, list.resourceVersion));
    } catch (error) {
      this.#streamed = true;
      throw error;
    }
  }

  /**
   * The list comes as ADDED events up to a bookmark, on the same connection as the watch that follows. Where the server
   * does not know that (or its etcd cannot), the next try reads pages.
   */
  async #streamedListAndWatch(): Promise<void> {
    const { sink } = this.#o;
    let initial: Map<ObjectKey, KubeObject> | undefined = new Map();
    try {
      for await (const event of this.#open({ sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' })) {
        if (initial === undefined) {
          this.#live(event);
        } else if (event.type !== 'bookmark') {
          if (isObject(event.object)) collect(initial, event.type, this.#ingest(event.object));
        } else if (event.initialEnd) {
          const objects = initial;
          initial = undefined;
          this.#listed(event.resourceVersion, () => sink.replace(objects.values(), event.resourceVersion));
        }
      }
      if (initial !== undefined) throw new Error('the streamed list ended before its last object');
    } catch (error) {
      if (initial !== undefined && !unreachable(error)) this.#streamed = false;
      throw error;
    }
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { clock } = this.#o;
    const opened = clock.monotonic();
    let any = false;
    for await (const event of this.#open({ resourceVersion })) {
      any = true;
      this.#live(event);
    }
    if (!any && clock.monotonic() - opened < SHORT_WATCH_MS) throw new Error('the watch ended at once');
    // Ended by the server as agreed: go on from the last version without a pause.
    this.#succeeded();
  }

  async *#open(query: NonNullable<ApiRequest['query']>): AsyncGenerator<RawWatchEvent> {
    const { transport, resource, scope, clock, random } = this.#o;
    const { signal } = this.#stop;
    const subject = { verb: 'watch' as const, resource: resource.plural, key: scope.namespace ?? '' };
    const body = await transport.open({
      ...subject,
      path: collectionPath(resource, scope.namespace ?? ''),
      query: {
        watch: 1,
        allowWatchBookmarks: true,
        // Spread over 5 to 10 minutes, so that watches opened together do not end together.
        timeoutSeconds: Math.round(300 + 300 * random()),
        labelSelector: scope.labelSelector,
        fieldSelector: scope.fieldSelector,
        ...query,
      },
      accept: scope.metadataOnly === true ? METADATA_ONLY : undefined,
      signal,
    });
    if (this.#resourceVersion !== undefined) this.#lastError = undefined;
    const { inactivityMs } = this.#times;
    yield* watchEvents({ body, subject, clock, inactivityMs, signal, onActivity: () => this.#touch() });
  }

  /** An event after the list. */
  #live(event: RawWatchEvent): void {
    if (event.type === 'bookmark') {
      if (event.resourceVersion !== '') this.#resourceVersion = event.resourceVersion;
    } else if (isObject(event.object)) {
      const object = this.#ingest(event.object);
      const version = object.metadata.resourceVersion;
      // Never back: an event out of order must not make the next watch repeat what was seen.
      if (version !== undefined && !isOlder(version, this.#resourceVersion)) this.#resourceVersion = version;
      this.#o.sink[event.type](object);
    }
    this.#succeeded();
  }

  #listed(resourceVersion: string, replace: () => void): void {
    this.#o.metrics.lists.inc({ resource: this.#o.resource.plural });
    replace();
    this.#resourceVersion = resourceVersion;
    this.#lastError = undefined;
  }

  /** Proof that watching works. A list alone is none: list, expired watch, list, … must slow down. */
  #succeeded(): void {
    this.#failures = 0;
    this.#lastError = undefined;
  }

  async #failed(error: unknown): Promise<void> {
    const { clock, random, logger, metrics, resource } = this.#o;
    const { backoffBaseMs: baseMs, backoffMaxMs: maxMs } = this.#times;
    const state = { listed: this.#resourceVersion !== undefined, failures: this.#failures };
    const recovery = recover(error, state, { baseMs, maxMs }, random);
    if (recovery.kind === 'resume') {
      this.#succeeded();
      return;
    }
    this.#failures += 1;
    this.#lastError = messageOf(error);
    metrics.watchFailures.inc({ resource: resource.plural });
    if (recovery.relist) this.#resourceVersion = undefined;
    // A kind whose CRD is not there yet is worth no warning, nor is a single hiccup.
    const level = isNotFound(error) || this.#failures < 3 ? 'debug' : 'warn';
    const retryInMs = Math.round(recovery.waitMs);
    logger[level]({ resource: resource.plural, reason: this.#lastError, retryInMs }, 'watch failed');
    if (recovery.waitMs > 0) await sleep(clock, recovery.waitMs, this.#stop.signal).catch(() => {});
  }

  #ingest(object: KubeObject): KubeObject {
    return ingest(object, this.#o.resource, this.#o.transform);
  }

  #touch(): void {
    this.#lastActivity = this.#o.clock.monotonic();
  }
}

/** Gathers a streamed list, in which an object may change or go before the end. */
function collect(objects: Map<ObjectKey, KubeObject>, type: 'set' | 'delete', object: KubeObject): void {
  const key = keyOf(object);
  const known = objects.get(key);
  if (isOlder(object.metadata.resourceVersion, known?.metadata.resourceVersion)) return;
  if (type === 'set') objects.set(key, object);
  else objects.delete(key);
}

/** Whether the failure says nothing about the way of listing: no server, no right, no such kind, too busy. */
function unreachable(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return (
    ['ConnectionRefused', 'Tls', 'Unreachable'].includes(error.reason) ||
    [401, 403, 404, 429, 503].includes(error.status)
  );
}
