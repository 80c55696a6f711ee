import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { isPushEvent, pushOf } from './webhook-payload.ts';
import { isSigned } from './webhook-signature.ts';

export interface WebhookOptions {
  /** Secrets that are valid now; several while one is being replaced. Without any, every request is refused. */
  secrets: () => readonly string[];
  /**
   * Called once per address of a repository that was pushed to. It may only make somebody look sooner: the state comes from
   * Git, never from a request.
   */
  onPush: (repoUrl: string, ref: string) => void;
  logger: Logger;
}

const MAX_BODY_BYTES = 3 * 1024 * 1024;

/**
 * `POST /webhook` for GitHub, Gitea and GitLab. The answer depends on the request alone, so nobody learns from it which
 * repositories are watched. 202 accepted or not of interest, 400 no JSON, 401 not signed, 404, 405, 413, 415.
 */
export function createWebhookHandler(
  options: WebhookOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    void answer(options, request).then(
      ({ status, text, allow }) => {
        // What is left of a refused body is not read: the connection ends instead.
        if (!request.complete) response.setHeader('connection', 'close');
        if (allow !== undefined) response.setHeader('allow', allow);
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
      },
      (error: unknown) => {
        options.logger.debug({ why: messageOf(error) }, 'a webhook request ended early');
        response.destroy();
      },
    );
  };
}

/** A server for the handler alone, with bounds on how long and how many strangers may hold connections. */
export function createWebhookServer(options: WebhookOptions): Server {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 15_000 }, createWebhookHandler(options));
  server.maxConnections = 100;
  return server;
}

interface Answer {
  status: number;
  text: string;
  allow?: string;
}

async function answer(options: WebhookOptions, request: IncomingMessage): Promise<Answer> {
  if ((request.url ?? '').split('?')[0] !== '/webhook') return { status: 404, text: 'not found' };
  if (request.method !== 'POST') return { status: 405, text: 'use POST', allow: 'POST' };
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { status: 415, text: 'choose application/json as the content type of the webhook' };
  }
  const body = await readBody(request);
  if (body === undefined) return { status: 413, text: `more than ${MAX_BODY_BYTES} bytes` };
  if (!isSigned(request.headers, body, options.secrets())) {
    options.logger.warn({ address: request.socket.remoteAddress }, 'refused a webhook without a valid signature');
    return { status: 401, text: 'not signed with the secret of this controller' };
  }
  if (!isPushEvent(request.headers)) return { status: 202, text: 'not a push: ignored' };
  let payload: unknown;
  try {
    payload = JSON.parse(body.toString('utf8'));
  } catch {
    return { status: 400, text: 'the body is no JSON' };
  }
  const { urls, ref } = pushOf(payload);
  for (const url of urls) {
    try {
      options.onPush(url, ref);
    } catch (error) {
      options.logger.error({ err: error, url }, 'a push was reported but could not be passed on');
    }
  }
  return { status: 202, text: 'accepted' };
}

/** The raw body, or undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop must not destroy the request, or the answer could not be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
