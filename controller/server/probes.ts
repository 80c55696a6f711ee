import { createServer, type Server } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from '../platform/logger.ts';

export interface ProbeOptions {
  registry: Registry;
  /** What keeps the process from working at all; a restart is the cure. Empty means healthy. */
  live: () => readonly string[];
  /** What keeps it from serving yet. Empty means ready. Reasons are public: no names of objects. */
  ready: () => readonly string[];
  logger: Logger;
}

/** `GET /healthz`, `/readyz` and `/metrics`. The caller listens and closes. */
export function createProbeServer(options: ProbeOptions): Server {
  const verdict = (problems: readonly string[]): { status: number; type: string; body: string } => ({
    status: problems.length === 0 ? 200 : 503,
    type: 'text/plain; charset=utf-8',
    body: problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`,
  });
  const answer = async (path: string): Promise<{ status: number; type: string; body: string }> => {
    switch (path) {
      case '/healthz':
        return verdict(options.live());
      case '/readyz':
        return verdict(options.ready());
      case '/metrics':
        return { status: 200, type: options.registry.contentType, body: await options.registry.metrics() };
      default:
        return { status: 404, type: 'text/plain; charset=utf-8', body: 'not found\n' };
    }
  };
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    void answer((request.url ?? '').split('?')[0] ?? '').then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => {
        options.logger.error({ err: error }, 'a probe could not be answered');
        response.writeHead(500).end();
      },
    );
  });
}
