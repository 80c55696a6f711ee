import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';

/** TLS material for one request, as PEM. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Accepts any certificate: for health checks of servers that sign their own. */
  readonly insecure?: boolean;
}

/** One HTTP request. */
export interface HttpRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | Buffer | Readable;
  readonly tls?: Tls;
  readonly timeoutMs?: number;
}

/** A whole answer; any status is an answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Sends a request and collects the answer. node:http instead of fetch: client certificates, and no shared connection pool. */
export function http(url: string, options: HttpRequest = {}): Promise<HttpAnswer> {
  const { tls } = options;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const common = { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false as const };
  return new Promise((resolve, reject) => {
    const onResponse = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    };
    const request = url.startsWith('https:')
      ? httpsRequest(
          url,
          { ...common, ca: tls?.ca, cert: tls?.cert, key: tls?.key, rejectUnauthorized: tls?.insecure !== true },
          onResponse,
        )
      : httpRequest(url, common, onResponse);
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer from ${url} within ${timeoutMs} ms`)));
    request.on('error', reject);
    if (options.body !== undefined && typeof options.body === 'object' && 'pipe' in options.body) {
      options.body.on('error', (error) => request.destroy(error));
      options.body.pipe(request);
    } else {
      request.end(options.body);
    }
  });
}

/** Whether a URL answers with a 2xx status. */
export async function isHealthy(url: string, tls?: Tls): Promise<boolean> {
  const { status } = await http(url, { timeoutMs: 2_000, ...(tls === undefined ? {} : { tls }) });
  return status >= 200 && status < 300;
}

/** Whether somebody listens on a Unix socket. */
export function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
