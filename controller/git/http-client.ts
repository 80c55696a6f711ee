import type { HttpClient } from 'isomorphic-git';
import type { Dispatcher } from 'undici';
import { request } from 'undici';
import { messageOf } from '../platform/errors.ts';
import { GitError } from './errors.ts';
import type { GitLimits } from './limits.ts';

export interface GitHttpOptions {
  /** Repository URL for messages, without credentials. */
  name: string;
  dispatcher: Dispatcher;
  /** Value of the Authorization header. It stays in this file: isomorphic-git never sees it. */
  authorization?: string;
  limits: Pick<GitLimits, 'maxRefsBytes' | 'maxPackBytes' | 'idleTimeoutMs'>;
  /** Ends the operation; its reason is thrown as it is. */
  signal: AbortSignal;
}

/** isomorphic-git's transport, and what it knows that the library does not pass on. */
export interface GitHttp extends HttpClient {
  /** The error that a request ended with. */
  failure(): unknown;
  /** Whether the server has spoken Git so far: it answered the request after the advertisement. */
  spokeGit(): boolean;
}

type RequestOptions = Parameters<HttpClient['request']>[0];
type Response = Awaited<ReturnType<HttpClient['request']>>;

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The stock client of isomorphic-git has no timeout, no limit and no say in redirects (ecosystem.md §2.1), so Slipway brings
 * its own. Redirects are followed on the first request only, as git does, and the address found there is kept for the rest;
 * credentials are never sent to another host or from https to http.
 */
export function createGitHttp(options: GitHttpOptions): GitHttp {
  let failure: unknown;
  let spoke = false;
  /** Where a redirect of `<base>/info/refs` led to. */
  const moved = new Map<string, string>();

  const fail = (error: unknown): never => {
    failure ??= options.signal.aborted ? options.signal.reason : error;
    throw failure;
  };

  async function send(url: string, given: RequestOptions): Promise<Dispatcher.ResponseData> {
    try {
      return await request(url, {
        dispatcher: options.dispatcher,
        method: given.method === 'POST' ? 'POST' : 'GET',
        headers: {
          ...given.headers,
          'user-agent': 'git/slipway',
          ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
        },
        body: given.body === undefined ? null : await collect(given.body),
        signal: options.signal,
        headersTimeout: options.limits.idleTimeoutMs,
        bodyTimeout: options.limits.idleTimeoutMs,
      });
    } catch (error) {
      return fail(unreachable(options.name, error));
    }
  }

  async function* bounded(body: Dispatcher.ResponseData['body'], limit: number): AsyncIterableIterator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        bytes += chunk.byteLength;
        if (bytes > limit) {
          fail(
            new GitError(
              'GitTooLarge',
              `${options.name} sent more than ${limit} bytes in one answer: use a smaller repository for manifests, or raise the limit`,
            ),
          );
        }
        yield chunk;
      }
    } catch (error) {
      fail(error instanceof GitError ? error : unreachable(options.name, error));
    }
  }

  async function run(given: RequestOptions): Promise<Response> {
    const method = given.method ?? 'GET';
    let url = rebase(given.url, moved);
    for (let hops = 0; ; hops++) {
      const answer = await send(url, given);
      const location = answer.headers['location'];
      if (method === 'GET' && REDIRECTS.has(answer.statusCode) && typeof location === 'string') {
        await answer.body.dump().catch(() => {});
        const next = redirectTarget(options, url, location, hops);
        if (typeof next !== 'string') return fail(next);
        url = next;
        continue;
      }
      if (answer.statusCode !== 200) {
        await answer.body.dump({ limit: 64 * 1024 }).catch(() => {});
        return fail(statusError(options.name, answer.statusCode, options.authorization !== undefined));
      }
      if (method === 'GET') remember(given.url, url, moved);
      else spoke = true;
      return {
        url,
        method,
        statusCode: answer.statusCode,
        statusMessage: '',
        headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
        body: bounded(answer.body, method === 'GET' ? options.limits.maxRefsBytes : options.limits.maxPackBytes),
      };
    }
  }

  return { request: run, failure: () => failure, spokeGit: () => spoke };
}

async function collect(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

const SERVICE_PATH = /\/(info\/refs\?.*|git-upload-pack)$/;

function remember(asked: string, answered: string, moved: Map<string, string>): void {
  if (asked !== answered && SERVICE_PATH.test(asked) && SERVICE_PATH.test(answered)) {
    moved.set(asked.replace(SERVICE_PATH, ''), answered.replace(SERVICE_PATH, ''));
  }
}

function rebase(url: string, moved: ReadonlyMap<string, string>): string {
  const base = moved.get(url.replace(SERVICE_PATH, ''));
  return base === undefined ? url : base + (SERVICE_PATH.exec(url)?.[0] ?? '');
}

function redirectTarget(options: GitHttpOptions, from: string, location: string, hops: number): string | GitError {
  const refuse = (why: string): GitError =>
    new GitError('GitRedirectRefused', `${options.name} ${why}: set the repository URL to its present address`);
  if (hops >= MAX_REDIRECTS) return refuse(`redirected more than ${MAX_REDIRECTS} times`);
  if (!URL.canParse(location, from)) return refuse('redirected to something that is no URL');
  const [source, target] = [new URL(from), new URL(location, from)];
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return refuse(`redirected to ${target.protocol}`);
  if (source.protocol === 'https:' && target.protocol === 'http:') return refuse('redirected from https to http');
  // http to https on the default ports is the same host; any other change of port is another server.
  const samePort = source.port === target.port && (source.protocol === target.protocol || source.port === '');
  if (options.authorization !== undefined && (source.hostname !== target.hostname || !samePort)) {
    return refuse(`redirected to another host (${target.host}), which must not get the credentials`);
  }
  target.username = '';
  target.password = '';
  return target.href;
}

function unreachable(name: string, cause: unknown): GitError {
  return new GitError(
    'GitUnreachable',
    `${name} cannot be reached (${messageOf(cause)}): check the URL, DNS, TLS and network policy`,
  );
}

function statusError(name: string, status: number, hadCredentials: boolean): GitError {
  switch (status) {
    case 401:
    case 403:
    case 203:
      return new GitError(
        'GitAuthFailed',
        hadCredentials
          ? `${name} refused the credentials (HTTP ${status}): check the repository's user name and password or token`
          : `${name} asks for credentials (HTTP ${status}): give the repository credentials, or check its name`,
      );
    case 404:
    case 410:
      return new GitError(
        'GitRepositoryNotFound',
        `${name} does not exist or is hidden from these credentials (HTTP ${status}): check the repository URL`,
      );
    default:
      return new GitError(
        status >= 500 || status === 429 || status === 408 ? 'GitUnreachable' : 'GitRepositoryNotFound',
        `${name} answered HTTP ${status}: check that the URL is that of a Git repository and that its server is well`,
      );
  }
}
