import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a test may do to a request before git sees it. Return true when the request was answered. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface GitHttpServer {
  /** URL of the repository `name` (created by {@link createRepository}). */
  url(name: string): string;
  /** Bytes of response bodies sent so far. */
  bytesSent(): number;
  /** Requests seen so far, as `METHOD /path`. */
  requests: string[];
  /** Set to interfere with requests; undefined lets them through. */
  intercept: Interceptor | undefined;
  /** Ends every response body after this many bytes; undefined sends all. */
  truncateAt: number | undefined;
  close(): Promise<void>;
}

/**
 * Serves the bare repositories below `root` with `git http-backend`, behind Basic auth when credentials are given.
 *
 * @param host address to listen on: another one than 127.0.0.1 for pods
 */
export async function startGitHttp(
  root: string,
  credentials?: { username: string; password: string },
  host = '127.0.0.1',
): Promise<GitHttpServer> {
  const children = new Set<ChildProcess>();
  let bytes = 0;
  const expected =
    credentials && `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;

  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    if (state.intercept?.(request, response) === true) return;
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
      return;
    }
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_CONFIG_NOSYSTEM: '1',
        HOME: root,
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        ...(credentials === undefined ? {} : { REMOTE_USER: credentials.username }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    children.add(child);
    child.once('close', () => children.delete(child));
    request.pipe(child.stdin);
    child.stdin.on('error', () => {});
    let head: Buffer | undefined = Buffer.alloc(0);
    let sent = 0;
    const write = (chunk: Buffer): void => {
      const room = state.truncateAt === undefined ? chunk.length : Math.max(0, state.truncateAt - sent);
      sent += chunk.length;
      bytes += Math.min(room, chunk.length);
      response.write(chunk.subarray(0, room));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (head === undefined) {
        write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const body = head.subarray(end + 4);
      const lines = head.toString('latin1', 0, end).split('\r\n');
      head = undefined;
      let status = 200;
      for (const line of lines) {
        const [name = '', value = ''] = line.split(/:\s*/, 2);
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.writeHead(status);
      write(body);
    });
    child.stdout.on('end', () => response.end());
  });

  const state: GitHttpServer = {
    url: (name) => `http://${host}:${(server.address() as AddressInfo).port}/${name}.git`,
    bytesSent: () => bytes,
    requests: [],
    intercept: undefined,
    truncateAt: undefined,
    async close() {
      for (const child of children) child.kill();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return state;
}

/** A bare repository and a working tree beside it; everything below one temporary directory. */
export interface TestRepository {
  /** Writes files (a null removes one), commits and pushes; returns the commit id. */
  commit(
    files: Record<string, string | Uint8Array | null>,
    options?: { branch?: string; force?: boolean },
  ): Promise<string>;
  /** Runs git in the working tree. */
  git(...args: string[]): Promise<string>;
  /** The working tree, for what `commit` cannot express. */
  work: string;
}

export async function createRepository(root: string, name: string): Promise<TestRepository> {
  const bare = join(root, `${name}.git`);
  const work = join(root, `${name}-work`);
  await run('git', ['init', '-q', '--bare', '-b', 'main', bare]);
  await run('git', ['clone', '-q', bare, work], { env: gitEnv(root) });
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: work, env: gitEnv(root) })).stdout.trim();
  await git('checkout', '-q', '-B', 'main');
  return {
    git,
    work,
    async commit(files, { branch = 'main', force = false } = {}) {
      for (const [path, content] of Object.entries(files)) {
        const file = join(work, path);
        await mkdir(dirname(file), { recursive: true });
        if (content === null) await rm(file, { force: true });
        else await writeFile(file, content);
      }
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', 'test');
      await git('push', '-q', ...(force ? ['--force'] : []), 'origin', `HEAD:refs/heads/${branch}`);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** A temporary directory for repositories; remove it when done. */
export const gitRoot = (): Promise<string> => mkdtemp(join(tmpdir(), 'slipway-git-'));

function gitEnv(home: string): NodeJS.ProcessEnv {
  const who = 'Test';
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: who,
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: who,
    GIT_COMMITTER_EMAIL: 'test@example.com',
    GIT_TERMINAL_PROMPT: '0',
  };
}
