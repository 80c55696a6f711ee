import type { Clock } from '../platform/clock.ts';
import { sleep } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { isKubeError, isNotFound } from './errors.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import { TokenBucket } from './token-bucket.ts';
import type { EventRecorder, KubeClient, KubeObject, ResourceInfo } from './types.ts';

const EVENTS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  verbs: ['create', 'patch'],
  subresources: [],
};

/** The API refuses longer messages. */
const MAX_MESSAGE = 1024;
/** Thousands of objects may begin something at once; a waiting Event takes about 1 KB. */
const MAX_QUEUED = 10_000;
/** Events written at the same time, never two of one object: they stay in order. */
const LANES = 4;
/** Objects and events remembered for rate and aggregation; the least recently used are forgotten. */
const MAX_REMEMBERED = 4096;
/**
 * Per object: 200 at once, then one in 2 s. A release of a dozen steps tells about 40 things in a few minutes, and the one
 * that matters comes last; what exceeds this rate is a loop. It is dropped, the conditions say it anyway.
 */
const OBJECT_RATE = { perSecond: 0.5, burst: 200 };
const MAX_TRIES = 3;
const RETRY_MS = 2000;

export interface EventRecorderOptions {
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  metrics: KubeMetrics;
  /** `source.component` and `reportingComponent`. */
  component?: string;
  /** Ends the writing; what is queued is dropped. */
  signal: AbortSignal;
}

/** What an event says of its object. Thousands of series are remembered, which must not keep as many objects in memory. */
interface Involved {
  apiVersion: string;
  kind: string;
  name: string;
  namespace: string | undefined;
  uid: string | undefined;
  resourceVersion: string | undefined;
}

/** What makes two events the same; only count and time of the last differ. */
interface Series {
  involved: Involved;
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  count: number;
  firstAt: number;
  lastAt: number;
  /** Key of the Event object once it was written. */
  written: string | undefined;
  queued: boolean;
}

/** Events that are written one after another. */
interface Lane {
  queue: Series[];
  writing: Promise<void> | undefined;
}

/** Writes core/v1 Events in the background, those of one object one after another. */
export class ApiEventRecorder implements EventRecorder {
  readonly #o: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #rates = new Map<string, TokenBucket>();
  readonly #lanes: readonly Lane[] = Array.from({ length: LANES }, () => ({ queue: [], writing: undefined }));
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#o = options;
  }

  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { clock, metrics, signal } = this.#o;
    if (signal.aborted) return;
    const text = truncate(message);
    const objectId = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}/${object.metadata.uid ?? ''}`;
    const rate = remember(this.#rates, objectId, () => new TokenBucket({ clock, ...OBJECT_RATE }));
    if (!rate.tryTake()) {
      metrics.eventsDropped.inc({ cause: 'rate' });
      return;
    }
    const now = clock.now();
    const series = remember(this.#series, `${objectId}/${type}/${reason}/${text}`, () => ({
      involved: involvedObject(object),
      type,
      reason,
      message: text,
      count: 0,
      firstAt: now,
      lastAt: now,
      written: undefined,
      queued: false,
    }));
    series.count += 1;
    series.lastAt = now;
    this.#enqueue(series, this.#lanes[spread(objectId) % LANES] as Lane);
  }

  /** Resolves when everything recorded so far was written or given up; for shutdown and tests. */
  async flush(): Promise<void> {
    for (const lane of this.#lanes) while (lane.writing !== undefined) await lane.writing;
  }

  /** A series that waits already is written once, with the count it has then. */
  #enqueue(series: Series, lane: Lane): void {
    if (series.queued) return;
    if (this.#lanes.reduce((sum, { queue }) => sum + queue.length, 0) >= MAX_QUEUED) {
      this.#o.metrics.eventsDropped.inc({ cause: 'overflow' });
      return;
    }
    series.queued = true;
    lane.queue.push(series);
    lane.writing ??= this.#drain(lane).finally(() => {
      lane.writing = undefined;
    });
  }

  async #drain({ queue }: Lane): Promise<void> {
    for (let series = queue.shift(); series !== undefined; series = queue.shift()) {
      series.queued = false;
      await this.#deliver(series);
    }
  }

  async #deliver(series: Series): Promise<void> {
    const { clock, logger, metrics, signal } = this.#o;
    for (let tries = 1; !signal.aborted; tries++) {
      try {
        await this.#write(series);
        return;
      } catch (error) {
        // Refused for good: the namespace is going away, or the right is missing.
        if (signal.aborted) return;
        if (tries < MAX_TRIES && isKubeError(error) && error.retryable) {
          await sleep(clock, error.retryAfterMs ?? RETRY_MS, signal).catch(() => {});
          continue;
        }
        metrics.eventsDropped.inc({ cause: 'error' });
        logger.warn({ reason: messageOf(error), event: series.reason }, 'an event could not be written');
        return;
      }
    }
  }

  async #write(series: Series): Promise<void> {
    const { client, signal } = this.#o;
    const { count } = series;
    const lastTimestamp = timestamp(series.lastAt);
    if (series.written !== undefined) {
      try {
        const body = { count, lastTimestamp };
        await client.patch(EVENTS, series.written, 'application/merge-patch+json', body, { signal });
        return;
      } catch (error) {
        // Events live for an hour; a repeat after that is a new one.
        if (!isNotFound(error)) throw error;
        series.written = undefined;
        series.firstAt = series.lastAt;
        series.count = 1;
      }
    }
    const event = this.#toObject(series);
    await client.create(EVENTS, event, { signal });
    series.written = `${event.metadata.namespace}/${event.metadata.name}`;
  }

  #toObject(series: Series): KubeObject {
    const { involved, type, reason, message, count, firstAt, lastAt } = series;
    const { component = 'slipway' } = this.#o;
    // Events of cluster-scoped objects live in the default namespace.
    const namespace = involved.namespace || 'default';
    this.#sequence += 1;
    const suffix = `${firstAt.toString(16)}${this.#sequence.toString(16).padStart(4, '0')}`;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${involved.name.slice(0, 253 - suffix.length - 1)}.${suffix}`, namespace },
      involvedObject: involved,
      type,
      reason,
      message,
      count,
      firstTimestamp: timestamp(firstAt),
      lastTimestamp: timestamp(lastAt),
      source: { component },
      reportingComponent: component,
      reportingInstance: component,
    };
  }
}

function involvedObject({ apiVersion, kind, metadata }: KubeObject): Involved {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

/** The upper half of FNV-1a: its lowest bits follow only from the lowest bits of the text. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 16;
}

function truncate(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Looks up or makes, as the most recently used; drops the least recently used beyond the bound. */
function remember<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
  return value;
}
