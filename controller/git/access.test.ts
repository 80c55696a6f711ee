import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRepository,
  type GitHttpServer,
  gitRoot,
  startGitHttp,
  type TestRepository,
} from '../../test/git-http.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import type { GitError } from './errors.ts';
import { createGitSource } from './isomorphic-source.ts';
import type { GitAuth, GitSource } from './port.ts';

const PASSWORD = 's3cr3t+p@ss/word';
let root: string;
let server: GitHttpServer;
let repository: TestRepository;
let source: GitSource;
let commit: string;

beforeEach(async () => {
  root = await gitRoot();
  repository = await createRepository(root, 'apps');
  commit = await repository.commit({ 'a.yaml': 'a' });
  server = await startGitHttp(root, { username: 'bot', password: PASSWORD });
  source = createGitSource({ cacheDir: join(root, 'cache'), clock: systemClock, logger: silentLogger });
});

afterEach(async () => {
  await source.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const good: GitAuth = { username: 'bot', password: PASSWORD };
const failure = (promise: Promise<unknown>): Promise<GitError> =>
  promise.then(
    () => {
      throw new Error('did not fail');
    },
    (error: GitError) => error,
  );

it('signs in with a user name and password, also out of the URL', async () => {
  const url = server.url('apps');
  expect((await source.resolve({ url, auth: good }, 'main')).commit).toBe(commit);
  const inUrl = url.replace('://', `://bot:${encodeURIComponent(PASSWORD)}@`);
  expect((await source.snapshot({ url: inUrl }, commit, '')).files).toHaveLength(1);
});

it('names wrong and missing credentials differently, and shows neither', async () => {
  const url = server.url('apps');
  const wrong = await failure(source.resolve({ url, auth: { username: 'bot', password: 'wr0ng-pass' } }, 'main'));
  expect(wrong.code).toBe('GitAuthFailed');
  expect(wrong.message).toContain('refused the credentials');
  expect(wrong.message).not.toContain('wr0ng-pass');
  const token = await failure(source.resolve({ url, auth: { token: 'ghp_token123' } }, 'main'));
  expect(token.message).not.toContain('ghp_token123');
  const none = await failure(source.resolve({ url }, 'main'));
  expect(none.message).toContain('asks for credentials');
  const inUrl = await failure(source.resolve({ url: url.replace('://', '://bot:wr0ng-pass@') }, 'main'));
  expect(inUrl.message).toContain(url);
  expect(inUrl.message).not.toContain('wr0ng-pass');
});

it('does not serve from a copy that was fetched with the credentials of another', async () => {
  const url = server.url('apps');
  await source.snapshot({ url, auth: good }, commit, '');
  expect((await failure(source.snapshot({ url }, commit, ''))).code).toBe('GitAuthFailed');
  expect((await failure(source.snapshot({ url, auth: { username: 'bot', password: 'x' } }, commit, ''))).code).toBe(
    'GitAuthFailed',
  );
});

describe('redirects', () => {
  const redirect = (from: string, to: (url: string) => string) => {
    server.intercept = (request, response) => {
      if (!request.url?.startsWith(from)) return false;
      response.writeHead(301, { location: to(request.url) }).end();
      return true;
    };
  };

  it('on the same host are followed, also by the requests after the first', async () => {
    redirect('/old.git', (url) => url.replace('/old.git', '/apps.git'));
    const repo = { url: server.url('old'), auth: good };
    expect((await source.resolve(repo, 'main')).commit).toBe(commit);
    expect((await source.snapshot(repo, commit, '')).files).toHaveLength(1);
    expect(server.requests.filter((request) => request.startsWith('POST /old.git'))).toEqual([]);
  });

  it('to another host never carry the credentials', async () => {
    const seen: unknown[] = [];
    const stranger = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const elsewhere = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
    try {
      redirect('/apps.git', (url) => elsewhere + url);
      const error = await failure(source.resolve({ url: server.url('apps'), auth: good }, 'main'));
      expect(error.code).toBe('GitRedirectRefused');
      expect(seen).toEqual([]);
      await failure(source.resolve({ url: server.url('apps') }, 'main'));
      expect(seen).toEqual([undefined]);
    } finally {
      stranger.closeAllConnections();
      stranger.close();
    }
  });

  it('in a circle and to other protocols are refused', async () => {
    redirect('/apps.git', (url) => url);
    expect((await failure(source.resolve({ url: server.url('apps'), auth: good }, 'main'))).message).toContain(
      'more than 5 times',
    );
    redirect('/apps.git', () => 'file:///etc/passwd');
    expect((await failure(source.resolve({ url: server.url('apps'), auth: good }, 'main'))).code).toBe(
      'GitRedirectRefused',
    );
  });
});

it.each([
  'git@host:team/apps.git',
  'ssh://git@host/team/apps.git',
  'file:///srv/apps.git',
  '/srv/apps.git',
  'not a url',
  'https://h/a?token=abc123',
])('refuses the address %s', async (url) => {
  const error = await failure(source.resolve({ url }, 'main'));
  expect(error.code).toBe('GitUnsupportedUrl');
  expect(error.message).not.toContain('abc123');
});
