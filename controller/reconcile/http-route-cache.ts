import type { InformerLease, SharedInformers } from '../kube/informers.ts';
import { type Discovery, type Informer, keyOf, type ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { HTTP_ROUTE, type HttpRoute } from '../traffic/gateway-api.ts';

/** How long to wait before asking again whether the cluster has HTTPRoutes by now, in milliseconds. */
const LOOK_AGAIN_MS = 10_000;

export interface HttpRouteCacheOptions {
  discovery: Discovery;
  informers: Pick<SharedInformers, 'acquire'>;
  clock: Clock;
  logger: Logger;
  /** A route changed. */
  onRoute(key: ObjectKey): void;
  /** Whether routes can be read changed, so that everybody who needs one has to look. */
  onState(): void;
}

/**
 * The cache of HTTPRoutes, kept only while a Rollout needs it: most clusters with Slipway have no Gateway API, and it may
 * be installed, or its first user appear, at any time.
 */
export class HttpRouteCache {
  readonly #options: HttpRouteCacheOptions;
  #lease: InformerLease<HttpRoute> | undefined;
  #absent = false;
  /** Ends what the present want has started. */
  #running: AbortController | undefined;
  #cancelLook = (): void => {};

  constructor(options: HttpRouteCacheOptions) {
    this.#options = options;
  }

  /** Starts or ends the watch. */
  want(wanted: boolean): void {
    if (wanted === (this.#running !== undefined)) return;
    this.stop();
    if (!wanted) return;
    this.#running = new AbortController();
    void this.#look(this.#running.signal);
  }

  /** `unknown` for a short time after the start: then a decision has to wait, since "not read yet" is not "not there". */
  get state(): 'unknown' | 'absent' | 'ready' {
    if (this.#lease?.informer.synced) return 'ready';
    return this.#absent ? 'absent' : 'unknown';
  }

  /** The cache itself, once the cluster is known to have the kind. */
  get informer(): Informer<HttpRoute> | undefined {
    return this.#lease?.informer;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#cancelLook();
    this.#absent = false;
    this.#lease?.release();
    this.#lease = undefined;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { discovery, informers, logger, onRoute, onState } = this.#options;
    try {
      const resource = await discovery.resourceFor(HTTP_ROUTE, signal);
      if (signal.aborted) return;
      if (resource === undefined) {
        const news = !this.#absent;
        this.#absent = true;
        this.#lookAgain(signal);
        if (news) onState();
        return;
      }
      const lease = informers.acquire<HttpRoute>(resource);
      this.#lease = lease;
      this.#absent = false;
      const remove = lease.informer.onEvent(({ object }) => onRoute(keyOf(object)));
      signal.addEventListener('abort', remove, { once: true });
      await lease.informer.waitForSync(signal);
      onState();
    } catch (error) {
      if (signal.aborted) return;
      logger.warn({ reason: messageOf(error) }, 'cannot tell whether the cluster has HTTPRoutes, trying again');
      this.#lookAgain(signal);
    }
  }

  #lookAgain(signal: AbortSignal): void {
    this.#cancelLook = this.#options.clock.after(LOOK_AGAIN_MS, () => void this.#look(signal));
  }
}
