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

/** An answer to a GET. */
interface Answer {
  status: number;
  type: string;
  body: string;
}

const TEXT = 'text/plain; charset=utf-8';
const NOT_FOUND: Answer = { status: 404, type: TEXT, body: 'not found\n' };

/** `GET /healthz`, `/readyz` and `/metrics`. The caller listens and closes. */
export function createProbeServer({ registry, live, ready, logger }: ProbeOptions): Server {
  const verdict = (problems: readonly string[]): Answer => ({
    status: problems.length === 0 ? 200 : 503,
    type: TEXT,
    body: problems.length === 0 ? 'ok\n' : `${problems.join('\n')}\n`,
  });
  return createGetServer(async (path) => {
    switch (path) {
      case '/healthz':
        return verdict(live());
      case '/readyz':
        return verdict(ready());
      case '/metrics':
        return metricsOf(registry);
      default:
        return NOT_FOUND;
    }
  }, logger);
}

/** `GET /metrics` alone, for a port that others may reach. */
export function createMetricsServer(registry: Registry, logger: Logger): Server {
  return createGetServer(async (path) => (path === '/metrics' ? metricsOf(registry) : NOT_FOUND), logger);
}

async function metricsOf(registry: Registry): Promise<Answer> {
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}

function createGetServer(answer: (path: string) => Promise<Answer>, logger: Logger): Server {
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    void answer((request.url ?? '').split('?')[0] ?? '').then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => {
        logger.error({ err: error }, 'a probe could not be answered');
        response.writeHead(500).end();
      },
    );
  });
}
