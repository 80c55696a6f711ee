import type { Readable } from 'node:stream';
import { type Dispatcher, request as undiciRequest } from 'undici';
import { withDeadline } from '../platform/abort.ts';
import { type Clock, sleep } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import type { Connection } from './connection.ts';
import { errorFromAnswer, errorFromTransport, isKubeError, type KubeError } from './errors.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import { parseRetryAfter, retryWait } from './retry-policy.ts';
import { TokenBucket } from './token-bucket.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete';

export interface ApiRequest {
  verb: Verb;
  /** Plural of the resource: label of metrics and part of error messages. */
  resource: string;
  /** Key of the object for error messages; empty for collections. */
  key: string;
  /** Encoded path from the root, for example `/api/v1/pods`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  contentType?: string;
  accept?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Whom requests are made as, by the Impersonate headers; needs the right to `impersonate` them. */
export interface Impersonation {
  user: string;
  groups?: readonly string[];
  uid?: string;
}

export interface TransportOptions {
  connection: Connection;
  clock: Clock;
  random: Random;
  logger: Logger;
  metrics: KubeMetrics;
  /** For example `slipway/0.1.0`; the audit log counts requests by it. */
  userAgent: string;
  /** Requests per second and burst; watches do not count. Default 50 and 100. */
  rate?: { perSecond: number; burst: number };
  /** For the whole of one call with its retries, in milliseconds. Default 30 s. */
  deadlineMs?: number;
  impersonate?: Impersonation;
}

/** Verbs that may be sent twice: the second time changes nothing. */
const IDEMPOTENT: ReadonlySet<Verb> = new Set(['get', 'list', 'delete', 'apply']);
const METHODS: Record<Verb, Dispatcher.HttpMethod> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  apply: 'PATCH',
  delete: 'DELETE',
};

/** Sends requests: deadline, rate, credentials, bounded retries, answers as JSON and failures as KubeError. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #bucket: TokenBucket;
  readonly #deadlineMs: number;

  constructor(options: TransportOptions, bucket?: TokenBucket) {
    const { clock, rate = { perSecond: 50, burst: 100 }, deadlineMs = 30_000 } = options;
    this.#options = options;
    this.#bucket = bucket ?? new TokenBucket({ clock, ...rate });
    this.#deadlineMs = deadlineMs;
  }

  /** The same sockets and the same rate, as somebody else. */
  impersonating(impersonate: Impersonation): Transport {
    return new Transport({ ...this.#options, impersonate }, this.#bucket);
  }

  /** Resolves with the parsed JSON body. */
  async request(request: ApiRequest): Promise<unknown> {
    return this.#call(request, async (signal) => {
      const answer = await this.#attempt(request, signal, false);
      const text = await answer.body.text();
      try {
        return JSON.parse(text);
      } catch (error) {
        throw errorFromTransport(request, new SyntaxError('the answer is not JSON', { cause: error }));
      }
    });
  }

  /**
   * Opens a watch and resolves with its bytes. The deadline covers only the time to the answer's headers; from then on
   * the caller watches over the body and must destroy it.
   */
  async open(request: ApiRequest): Promise<Readable> {
    return this.#call(request, async (signal) => (await this.#attempt(request, signal, true)).body);
  }

  async #call<T>(request: ApiRequest, attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, random, metrics } = this.#options;
    const deadline = withDeadline(clock, this.#deadlineMs, request.signal);
    try {
      for (let retries = 0; ; retries++) {
        if (request.verb !== 'watch') await this.#bucket.take(deadline.signal);
        try {
          return await attempt(deadline.signal);
        } catch (thrown) {
          if (request.signal?.aborted) throw request.signal.reason;
          const error = isKubeError(thrown) ? thrown : errorFromTransport(request, thrown);
          if (error.status === 0)
            metrics.requests.inc({ verb: request.verb, resource: request.resource, code: error.reason });
          const wait = deadline.expired ? undefined : retryWait(IDEMPOTENT.has(request.verb), error, retries, random);
          if (wait === undefined) throw error;
          if (wait > 0) await this.#waitOrThrow(wait, deadline.signal, request.signal, error);
        }
      }
    } catch (thrown) {
      if (request.signal?.aborted || isKubeError(thrown)) throw thrown;
      throw errorFromTransport(request, thrown);
    } finally {
      deadline.dispose();
    }
  }

  async #waitOrThrow(
    ms: number,
    signal: AbortSignal,
    caller: AbortSignal | undefined,
    error: KubeError,
  ): Promise<void> {
    try {
      await sleep(this.#options.clock, ms, signal);
    } catch {
      throw caller?.aborted ? caller.reason : error;
    }
  }

  /** One request on the wire; throws KubeError for a non-2xx answer and whatever undici throws for none. */
  async #attempt(request: ApiRequest, signal: AbortSignal, watch: boolean): Promise<Dispatcher.ResponseData> {
    const { connection, clock, metrics } = this.#options;
    const route = await connection.route(watch);
    const answer = await undiciRequest(`${route.origin}${route.basePath}${request.path}${queryOf(request.query)}`, {
      dispatcher: route.dispatcher,
      method: METHODS[request.verb],
      headers: this.#headers(request, route.headers),
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal,
    });
    const status = answer.statusCode;
    metrics.requests.inc({ verb: request.verb, resource: request.resource, code: String(status) });
    this.#logWarnings(request, answer.headers['warning']);
    if (status < 300) return answer;
    if (status === 401) connection.credentialsRefused(route.headers);
    const retryAfter = parseRetryAfter(single(answer.headers['retry-after']), clock.now());
    throw errorFromAnswer(request, status, parseLoosely(await answer.body.text()), retryAfter);
  }

  #headers(request: ApiRequest, credentials: Record<string, string>): Record<string, string | string[]> {
    const { userAgent, impersonate } = this.#options;
    const headers: Record<string, string | string[]> = {
      'user-agent': userAgent,
      accept: request.accept ?? 'application/json',
      ...credentials,
    };
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    if (impersonate !== undefined) {
      headers['impersonate-user'] = impersonate.user;
      if (impersonate.groups !== undefined) headers['impersonate-group'] = [...impersonate.groups];
      if (impersonate.uid !== undefined) headers['impersonate-uid'] = impersonate.uid;
    }
    return headers;
  }

  /** `299 - "text"`: deprecated versions, unknown fields. The server sends them for people to read. */
  #logWarnings(request: ApiRequest, header: string | string[] | undefined): void {
    if (header === undefined) return;
    const { verb, resource, key } = request;
    for (const [, text = ''] of [header]
      .flat()
      .join(', ')
      .matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
      this.#options.logger.warn({ verb, resource, key, warning: text.replace(/\\(.)/g, '$1') }, 'the API server warns');
    }
  }
}

function queryOf(query: ApiRequest['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function parseLoosely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, 500);
  }
}
