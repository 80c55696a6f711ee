import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GitEngine } from '../../controller/git/engine.ts';
import { DEFAULT_GIT_LIMITS } from '../../controller/git/limits.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { mapLimited } from '../../controller/platform/concurrent.ts';
import { toolEnvironment } from '../cluster/tool-environment.ts';

interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/**
 * Serves bare repositories with `git http-backend`, and remembers its answers: two processes per request of a thousand
 * repositories would take the processor from what is measured. A forge is another machine.
 */
export class GitServer {
  readonly #root: string;
  readonly #answers = new Map<string, Promise<Answer>>();
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  private constructor(root: string) {
    this.#root = root;
  }

  static async start(root: string): Promise<GitServer> {
    const server = new GitServer(root);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  url(name: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${name}.git`;
  }

  /**
   * Asks for the tip of each repository as the controller will, so that the answers are there. Done with the controller's
   * own code, since the questions must be the same to the byte.
   */
  async warm(names: readonly string[]): Promise<void> {
    const directory = join(this.#root, 'warm');
    const engine = new GitEngine({ directory, limits: DEFAULT_GIT_LIMITS, clock: systemClock });
    await mapLimited(names, 4, async (name) => {
      const repo = { url: this.url(name) };
      const { commit } = await engine.run({ op: 'resolve', repo, revision: 'main' });
      await engine.run({ op: 'list', repo, commit, path: '.', options: {} });
    });
    await engine.close();
  }

  /** Forgets answers; to be called after a commit. */
  changed(): void {
    this.#answers.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const key = `${request.method} ${request.url} ${request.headers['git-protocol'] ?? ''} ${body.toString('latin1')}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#ask(request, body);
      this.#answers.set(key, answer);
    }
    const { status, headers, body: sent } = await answer;
    response.writeHead(status, headers.flat()).end(sent);
  }

  async #ask(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...toolEnvironment(),
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(body);
    const parts: Buffer[] = [];
    for await (const part of child.stdout) parts.push(part as Buffer);
    return parseAnswer(Buffer.concat(parts));
  }
}

/** Splits what a CGI program prints into status, headers and body. */
export function parseAnswer(output: Buffer): Answer {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('git http-backend printed no headers');
  let status = 200;
  const headers: [string, string][] = [];
  for (const line of output.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*/, 2);
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
    else headers.push([name, value]);
  }
  return { status, headers, body: output.subarray(end + 4) };
}
