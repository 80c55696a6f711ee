import { createHash } from 'node:crypto';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { ClusterIdentity, Credentials, TlsMaterial } from './kubeconfig.ts';

/** Credentials are looked at again after this long, as client-go does for token files. */
const CREDENTIALS_TTL_MS = 60_000;
/** Requests in flight to one API server; more wait in the pool. */
const MAX_REQUEST_CONNECTIONS = 32;
/** Watches hold a connection each for minutes. Their own pool, so that they can never use up that of the requests. */
const MAX_WATCH_CONNECTIONS = 512;

export interface ConnectionOptions {
  identity: ClusterIdentity;
  clock: Clock;
  logger: Logger;
}

/** What one attempt of a request needs. */
export interface Route {
  dispatcher: Dispatcher;
  origin: string;
  /** Path in front of every API path; empty for most servers. */
  basePath: string;
  headers: Record<string, string>;
}

interface Pools {
  tls: TlsMaterial;
  fingerprint: string;
  requests: Dispatcher;
  watches: Dispatcher;
}

/**
 * The shared sockets of one cluster identity. An Agent per request, which the generated client makes, costs a TLS
 * handshake and an open file each. HTTP/1.1 on purpose: a Go server would put all watches on one HTTP/2 connection.
 */
export class Connection {
  readonly #identity: ClusterIdentity;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #origin: string;
  readonly #basePath: string;
  #pools: Pools | undefined;
  #credentials: { value: Credentials; readAt: number } | undefined;
  #reading: Promise<Credentials> | undefined;
  #refused = false;

  constructor(options: ConnectionOptions) {
    this.#identity = options.identity;
    this.#clock = options.clock;
    this.#logger = options.logger;
    const url = new URL(options.identity.server);
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/+$/, '');
  }

  /** The sockets and headers for the next attempt; `watch` chooses the pool. */
  async route(watch: boolean): Promise<Route> {
    const credentials = await this.#currentCredentials();
    const pools = this.#poolsFor(credentials.tls);
    return {
      dispatcher: watch ? pools.watches : pools.requests,
      origin: this.#origin,
      basePath: this.#basePath,
      headers: credentials.headers,
    };
  }

  /** The server answered 401 to `used`: the next attempt reads the credentials anew (once for many callers). */
  credentialsRefused(used: Record<string, string>): void {
    if (this.#credentials?.value.headers !== used) return;
    this.#credentials = undefined;
    this.#refused = true;
  }

  /** Ends all connections, also those of watches. */
  async close(): Promise<void> {
    const pools = this.#pools;
    this.#pools = undefined;
    await Promise.all([pools?.requests.destroy(), pools?.watches.destroy()]);
  }

  async #currentCredentials(): Promise<Credentials> {
    const cached = this.#credentials;
    if (cached !== undefined && this.#clock.monotonic() - cached.readAt < CREDENTIALS_TTL_MS) return cached.value;
    this.#reading ??= this.#read(cached?.value).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(previous: Credentials | undefined): Promise<Credentials> {
    try {
      const value = await this.#identity.credentials(this.#refused);
      this.#refused = false;
      const unchanged = previous !== undefined && JSON.stringify(previous) === JSON.stringify(value);
      this.#credentials = { value: unchanged ? previous : value, readAt: this.#clock.monotonic() };
      return this.#credentials.value;
    } catch (error) {
      if (previous === undefined) throw error;
      // What worked a minute ago most likely still works; the server will say so if not.
      this.#logger.warn({ reason: messageOf(error) }, 'cannot read the cluster credentials again, using the last ones');
      this.#credentials = { value: previous, readAt: this.#clock.monotonic() };
      return previous;
    }
  }

  #poolsFor(tls: TlsMaterial): Pools {
    // The same credentials are the same object until they are read again; hashing keys for each request costs more than it.
    if (this.#pools?.tls === tls) return this.#pools;
    const fingerprint = createHash('sha256').update(JSON.stringify(tls)).digest('hex');
    const old = this.#pools;
    if (old?.fingerprint === fingerprint) {
      old.tls = tls;
      return old;
    }
    this.#pools = {
      tls,
      fingerprint,
      requests: this.#pool(tls, MAX_REQUEST_CONNECTIONS),
      watches: this.#pool(tls, MAX_WATCH_CONNECTIONS),
    };
    if (old !== undefined) {
      // close() lets running requests end; watches end by themselves within ten minutes.
      for (const pool of [old.requests, old.watches]) pool.close().catch(() => {});
    }
    return this.#pools;
  }

  #pool(tls: TlsMaterial, connections: number): Dispatcher {
    const common = {
      allowH2: false,
      connections,
      pipelining: 1,
      keepAliveTimeout: 60_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const proxy = this.#identity.proxyUrl;
    return proxy === undefined
      ? new Agent({ ...common, connect: { ...tls, keepAlive: true, keepAliveInitialDelay: 30_000 } })
      : new ProxyAgent({ ...common, uri: proxy, requestTls: { ...tls } });
  }
}
