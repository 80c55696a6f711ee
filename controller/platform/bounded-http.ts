import { type Dispatcher, errors, request } from 'undici';
import { withDeadline } from './abort.ts';
import type { Clock } from './clock.ts';
import { messageOf, SlipwayError } from './errors.ts';

/** One question to a server that may be down, slow, or something else than it should be. */
export interface HttpQuestion {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** For the whole exchange, from connecting to the last byte. */
  timeoutMs: number;
  /** An answer with more is given up. */
  maxBytes: number;
}

export interface HttpAnswer {
  status: number;
  /** Without parameters, in lower case; empty when the server does not say. */
  contentType: string;
  /** Where a redirect points to. Redirects are never followed: they would carry credentials to another place. */
  location?: string;
  text: string;
}

/** Why there is no answer. */
export class HttpFailure extends SlipwayError {
  readonly kind: 'unreachable' | 'timeout' | 'too large';

  constructor(kind: HttpFailure['kind'], message: string, cause?: unknown) {
    super('HttpFailure', message, { retryable: kind !== 'too large', cause });
    this.kind = kind;
  }
}

/**
 * Asks once. Gives any answer, whatever its status; throws HttpFailure when there is none, and the reason of `signal` when that
 * aborts. The message of the failure does not name the URL: callers know what to call the server.
 */
export async function askHttp(
  question: HttpQuestion,
  { clock, dispatcher, signal }: { clock: Clock; dispatcher: Dispatcher; signal?: AbortSignal | undefined },
): Promise<HttpAnswer> {
  const { url, method, timeoutMs, maxBytes } = question;
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  const deadline = withDeadline(clock, timeoutMs, signal);
  try {
    const response = await request(bare, {
      method,
      dispatcher,
      headers: { accept: 'application/json', ...basicAuth(url), ...question.headers },
      signal: deadline.signal,
      ...(question.body === undefined ? {} : { body: question.body }),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > maxBytes) {
        response.body.destroy();
        throw new HttpFailure('too large', `the answer is larger than ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
    const location = response.headers.location;
    return {
      status: response.statusCode,
      contentType:
        String(response.headers['content-type'] ?? '')
          .split(';')[0]
          ?.trim()
          .toLowerCase() ?? '',
      ...(typeof location === 'string' ? { location } : {}),
      text: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    if (deadline.expired || isTimeout(error))
      throw new HttpFailure('timeout', `no answer within ${timeoutMs} ms`, error);
    signal?.throwIfAborted();
    throw new HttpFailure('unreachable', messageOf(error), error);
  } finally {
    deadline.dispose();
  }
}

/** A URL as it may be shown: without user, password, query and fragment. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}

function basicAuth(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof errors.ConnectTimeoutError ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError
  );
}
