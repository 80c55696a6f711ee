import type { Dispatcher } from 'undici';
import { askHttp, type HttpAnswer, HttpFailure, shownUrl } from '../platform/bounded-http.ts';
import type { Clock } from '../platform/clock.ts';
import { RegistryError } from './errors.ts';

/** Ample for a model version with many tags. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const API = '/api/2.0/mlflow/';
/** Characters of a server's words that a message repeats. */
const SHOWN = 300;

export interface MlflowHttpOptions {
  /** What to call the registry in messages, for example `ModelRegistry prod/mlflow`. */
  label: string;
  /** Base URL. */
  url: URL;
  /** Value of the Authorization header. */
  authorization?: string;
  timeoutMs: number;
  dispatcher: Dispatcher;
  clock: Clock;
}

/** MLflow's own answer: a JSON object, or its error envelope with a code that the caller may know what to do with. */
export type MlflowAnswer =
  | { ok: true; json: unknown }
  | { ok: false; status: number; errorCode: string; message: string };

/** What goes on the query string of GET and in the body of everything else. */
export type MlflowFields = Readonly<Record<string, string>>;

/**
 * Requests to one MLflow server. Whatever is not MLflow speaking (no answer, a proxy's page, a login, a redirect) is thrown as
 * RegistryError; MLflow's own errors are given back unless they mean the same for every request.
 */
export class MlflowHttp {
  readonly #options: MlflowHttpOptions;
  /** For messages: which registry, and where. */
  readonly label: string;

  constructor(options: MlflowHttpOptions) {
    this.#options = options;
    this.label = `${options.label} (${shownUrl(options.url)})`;
  }

  /** Calls `/api/2.0/mlflow/<path>`. Parts of the path that are not constant must be percent-encoded. */
  async call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    fields: MlflowFields,
    signal?: AbortSignal,
  ): Promise<MlflowAnswer> {
    const answer = await this.#ask(method, `${API}${path}`, fields, signal);
    return this.#read(answer);
  }

  /** The plain text at a path that older or other servers may not have; undefined then. */
  async text(path: string, signal?: AbortSignal): Promise<string | undefined> {
    const answer = await this.#ask('GET', path, {}, signal);
    return answer.status === 200 ? answer.text : undefined;
  }

  async #ask(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    fields: MlflowFields,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const { url: base, authorization, timeoutMs, dispatcher, clock } = this.#options;
    const url = new URL(base);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`;
    url.search =
      method === 'GET'
        ? Object.entries(fields)
            .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
            .join('&')
        : '';
    try {
      return await askHttp(
        {
          method,
          url,
          headers: {
            ...(authorization === undefined ? {} : { authorization }),
            ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
          },
          ...(method === 'GET' ? {} : { body: JSON.stringify(fields) }),
          timeoutMs,
          maxBytes: MAX_ANSWER_BYTES,
        },
        { clock, dispatcher, signal },
      );
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      const code = {
        unreachable: 'RegistryUnreachable',
        timeout: 'RegistryTimeout',
        'too large': 'RegistryBadAnswer',
      } as const;
      const hint = /certificate|self.signed|issuer/i.test(error.message)
        ? '; put the CA into ca.crt of the Secret that spec.secretRef names'
        : '';
      throw new RegistryError(code[error.kind], `${this.label}: ${error.message}${hint}`, { cause: error });
    }
  }

  #read(answer: HttpAnswer): MlflowAnswer {
    const { status, contentType, text } = answer;
    const json = contentType === 'application/json' ? parseObject(text) : undefined;
    if (status === 200 && json !== undefined) return { ok: true, json };
    if (json !== undefined && typeof json['error_code'] === 'string') {
      const message = typeof json['message'] === 'string' ? json['message'].slice(0, SHOWN) : '';
      const general = this.#general(status, `${json['error_code']}: ${message}`);
      if (general !== undefined) throw general;
      return { ok: false, status, errorCode: json['error_code'], message };
    }
    if (status === 403 && /host header/i.test(text)) {
      throw new RegistryError(
        'RegistryForbiddenHost',
        `${this.label}: MLflow refuses the host name ${this.#options.url.host}; start it with ` +
          `--allowed-hosts (MLFLOW_SERVER_ALLOWED_HOSTS) that includes ${this.#options.url.host}`,
      );
    }
    if (status >= 300 && status < 400) {
      const location = answer.location === undefined ? null : URL.parse(answer.location, this.#options.url.href);
      throw new RegistryError(
        'RegistryBadAnswer',
        `${this.label}: answers with a redirect (${status}) to ${location === null ? 'nowhere' : shownUrl(location)}; ` +
          'set spec.url to where it leads',
      );
    }
    throw (
      this.#general(status, '') ??
      new RegistryError(
        'RegistryBadAnswer',
        `${this.label}: the answer is not MLflow's (${contentType === '' ? 'no content type' : contentType}, ` +
          `status ${status}); check that spec.url is the base URL of an MLflow server`,
      )
    );
  }

  /** Errors that mean the same whatever was asked. */
  #general(status: number, words: string): RegistryError | undefined {
    const detail = words === '' ? `(${status})` : `(${status}, ${words})`;
    if (status === 401) {
      return new RegistryError(
        'RegistryUnauthorized',
        `${this.label}: the credentials are not accepted ${detail}; check the Secret that spec.secretRef names`,
      );
    }
    if (status === 403) {
      return new RegistryError('RegistryForbidden', `${this.label}: the credentials do not allow this ${detail}`);
    }
    if (status === 429) return new RegistryError('RegistryOverloaded', `${this.label}: too many requests ${detail}`);
    if (status >= 500) return new RegistryError('RegistryServerError', `${this.label}: the server failed ${detail}`);
    return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
