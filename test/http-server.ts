import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test wants to look at it. */
export interface SeenRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What to answer: a status with a JSON body, raw text, or anything else by hand. */
export type Answer =
  | { status?: number; json: unknown }
  | { status: number; headers?: Record<string, string>; text: string }
  | ((response: ServerResponse) => void);

export interface TestServer {
  url: string;
  seen: SeenRequest[];
  /** Decides the answers from now on. */
  answer: (request: SeenRequest) => Answer;
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers as a test says: for faults that the real one cannot be made to show. */
export async function startTestServer(answer: (request: SeenRequest) => Answer): Promise<TestServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://test');
      const body = Buffer.concat(chunks).toString('utf8');
      const { method = '', headers } = request;
      const one = { method, path: url.pathname, query: url.searchParams, headers, body };
      seen.push(one);
      send(response, started.answer(one));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return started;
}

function send(response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'function') {
    answer(response);
    return;
  }
  if ('json' in answer) {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.json));
    return;
  }
  response.writeHead(answer.status, answer.headers ?? { 'content-type': 'text/html' });
  response.end(answer.text);
}
