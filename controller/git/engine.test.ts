import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createRepository,
  type GitHttpServer,
  gitRoot,
  startGitHttp,
  type TestRepository,
} from '../../test/git-http.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { GitEngine } from './engine.ts';
import { GitError } from './errors.ts';
import { DEFAULT_GIT_LIMITS, type GitLimits } from './limits.ts';
import type { GitRepo } from './port.ts';
import type { GitResults } from './worker-protocol.ts';

/** The engine is run in the test's own thread here, so that its clock can be moved and its files can be damaged. */
let root: string;
let server: GitHttpServer;
let repository: TestRepository;
let engine: GitEngine;
let clock: ManualClock;

beforeEach(async () => {
  root = await gitRoot();
  repository = await createRepository(root, 'apps');
  server = await startGitHttp(root);
  clock = new ManualClock();
  engine = create({});
});

afterEach(async () => {
  await engine.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

/** Everything stands on the disk, where it can be looked at and damaged. */
const create = (limits: Partial<GitLimits>) =>
  new GitEngine({
    directory: join(root, 'copies'),
    limits: { ...DEFAULT_GIT_LIMITS, maxBytesInMemory: 0, ...limits },
    clock,
  });
const repo = (): GitRepo => ({ url: server.url('apps') });
const resolve = async (revision: string) =>
  (await engine.run({ op: 'resolve', repo: repo(), revision })) as GitResults['resolve'];
const list = async (commit: string, path = '') =>
  ((await engine.run({ op: 'list', repo: repo(), commit, path, options: { recurse: true } })) as GitResults['list'])
    .files;
const paths = async (commit: string, path = '') => (await list(commit, path)).map((file) => file.path);
const fetches = () => server.requests.filter((request) => request.startsWith('POST')).length;
const failure = async (promise: Promise<unknown>): Promise<GitError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GitError);
  return error as GitError;
};

async function packFiles(): Promise<string[]> {
  const names = await readdir(join(root, 'copies'), { recursive: true });
  return names.filter((name) => name.endsWith('.pack')).map((name) => join(root, 'copies', name));
}

describe('histories', () => {
  it('follows a force-push, back to before what was fetched first', async () => {
    const first = await repository.commit({ 'a.yaml': 'one' });
    const second = await repository.commit({ 'b.yaml': 'two' });
    await resolve('main');
    expect(await paths(second)).toEqual(['a.yaml', 'b.yaml']);
    await repository.git('reset', '-q', '--hard', first);
    const rewritten = await repository.commit({ 'c.yaml': 'three' }, { force: true });
    expect(await resolve('main')).toEqual({ commit: rewritten, ref: 'refs/heads/main' });
    expect(await paths(rewritten)).toEqual(['a.yaml', 'c.yaml']);
  });

  it('says that a branch was deleted, keeps what it has, and follows when it is back', async () => {
    const first = await repository.commit({ 'a.yaml': 'one' }, { branch: 'prod' });
    await resolve('prod');
    await list(first);
    await repository.git('push', '-q', 'origin', ':prod');
    const error = await failure(resolve('prod'));
    expect(error.code).toBe('GitRevisionNotFound');
    expect(error.message).toContain('no branch or tag "prod"');
    expect(await paths(first)).toEqual(['a.yaml']);
    const second = await repository.commit({ 'b.yaml': 'two' }, { branch: 'prod' });
    expect((await resolve('prod')).commit).toBe(second);
    expect(await paths(second)).toEqual(['a.yaml', 'b.yaml']);
  });

  it('finds a pinned commit that is no tip, though the server hands out tips only', async () => {
    const old = await repository.commit({ 'a.yaml': 'one' });
    for (let n = 0; n < 3; n++) await repository.commit({ 'a.yaml': `later ${n}` });
    await resolve('main');
    expect(await paths(old)).toEqual(['a.yaml']);
  });

  it('reads an annotated tag whose commit is on no branch', async () => {
    const base = await repository.commit({ 'a.yaml': 'one' });
    const tagged = await repository.commit({ 'a.yaml': 'tagged' }, { branch: 'scratch' });
    await repository.git('tag', '-a', 'v2', '-m', 'two');
    await repository.git('push', '-q', 'origin', 'v2', ':scratch');
    await repository.git('reset', '-q', '--hard', base);
    expect(await resolve('v2')).toEqual({ commit: tagged, ref: 'refs/tags/v2' });
    expect(await paths(tagged)).toEqual(['a.yaml']);
  });

  it('alternates between branches without losing either', async () => {
    const main = await repository.commit({ 'a.yaml': 'main' });
    await repository.git('checkout', '-q', '-b', 'staging');
    const staging = await repository.commit({ 'b.yaml': 'staging' }, { branch: 'staging' });
    await resolve('main');
    await resolve('staging');
    expect(await paths(main)).toEqual(['a.yaml']);
    expect(await paths(staging)).toEqual(['a.yaml', 'b.yaml']);
    const before = fetches();
    expect(await paths(main)).toEqual(['a.yaml']);
    expect(fetches()).toBe(before);
  });

  it('says so for an unknown commit, an empty repository and a default branch that does not exist', async () => {
    expect((await failure(resolve(''))).message).toContain('no default branch');
    await repository.commit({ 'a.yaml': 'one' }, { branch: 'other' });
    expect((await failure(resolve('HEAD'))).code).toBe('GitRevisionNotFound');
    const missing = await failure(list('1234567890123456789012345678901234567890'));
    expect(missing.code).toBe('GitRevisionNotFound');
  });

  it('looks for an unknown commit once in a while, and at once when a ref leads to it', async () => {
    await repository.commit({ 'a.yaml': 'one' });
    await repository.git('commit', '-q', '--allow-empty', '-m', 'unpushed');
    const commit = await repository.git('rev-parse', 'HEAD');
    expect((await failure(list(commit))).code).toBe('GitRevisionNotFound');
    const before = server.requests.length;
    expect(await resolve(commit)).toEqual({ commit });
    expect((await failure(list(commit))).code).toBe('GitRevisionNotFound');
    expect(server.requests.length).toBe(before);
    await repository.git('push', '-q', 'origin', 'HEAD:main');
    await resolve('main');
    expect(await paths(commit)).toEqual(['a.yaml']);
  });
});

describe('many questions about one commit', () => {
  it('share one fetch, and each has its own answer', async () => {
    const commit = await repository.commit({ 'x/a.yaml': 'a', 'y/b.yaml': 'b' });
    const ask = (path: string) => ({ op: 'list' as const, path, options: {} });
    const before = fetches();
    const answers = await engine.run({
      op: 'many',
      repo: repo(),
      commit,
      questions: [ask('x'), ask('nowhere'), ask('y')],
    });
    expect(fetches() - before).toBe(1);
    expect(answers).toMatchObject([
      { value: { files: [{ path: 'x/a.yaml' }] } },
      { error: { code: 'GitPathNotFound' } },
      { value: { files: [{ path: 'y/b.yaml' }] } },
    ]);
  });

  it('are all asked again when the local copy turns out to be damaged', async () => {
    const commit = await repository.commit({ 'x/a.yaml': 'a'.repeat(500) });
    const files = await list(commit);
    for (const file of await packFiles()) await writeFile(file, Buffer.alloc(40));
    const read = { op: 'read' as const, files };
    const answers = await engine.run({ op: 'many', repo: repo(), commit, questions: [read, read] });
    expect(answers).toEqual([{ value: ['a'.repeat(500)] }, { value: ['a'.repeat(500)] }]);
  });
});

describe('local copies', () => {
  const { maxBytesInMemory } = DEFAULT_GIT_LIMITS;
  const onDisk = async (): Promise<string[]> =>
    (await readdir(join(root, 'copies'), { recursive: true }).catch(() => [])).filter((name) => name.includes('.'));

  it('of small repositories stay in memory, fetch after fetch', async () => {
    engine = create({ maxBytesInMemory });
    for (let n = 1; n <= 3; n++) {
      await repository.commit({ [`${n}.yaml`]: `n: ${n}\n` });
      const { commit } = await resolve('main');
      expect(await paths(commit)).toContain(`${n}.yaml`);
    }
    expect(await onDisk()).toEqual([]);
  });

  it('of a larger repository, and all beyond the limit, go to the disk', async () => {
    engine = create({ maxBytesInMemory });
    const noise = randomBytes(300 * 1024).toString('hex');
    const large = await repository.commit({ 'large.yaml': `noise: ${noise}\n`, 'small.yaml': 'a: 1\n' });
    expect(await paths(large)).toEqual(expect.arrayContaining(['large.yaml', 'small.yaml']));
    expect(await packFiles()).toHaveLength(1);
    const files = await list(large);
    const read = await engine.run({ op: 'read', repo: repo(), commit: large, files });
    expect(read).toEqual(expect.arrayContaining([`noise: ${noise}\n`]));

    engine = create({ maxBytesInMemory: 600 });
    const { commit } = await resolve('main');
    expect(await paths(commit)).toContain('small.yaml');
  });

  it('heals a damaged pack by itself', async () => {
    const commit = await repository.commit({ 'x/a.yaml': 'a'.repeat(500), 'y/b.yaml': 'b' });
    await resolve('main');
    await list(commit, 'x');
    for (const file of await packFiles()) {
      const bytes = await readFile(file);
      bytes.fill(0xff, 20, bytes.length - 30);
      await writeFile(file, bytes);
    }
    const { files } = (await engine.run({
      op: 'list',
      repo: repo(),
      commit,
      path: 'y',
      options: {},
    })) as GitResults['list'];
    expect(await engine.run({ op: 'read', repo: repo(), commit, files })).toEqual(['b']);
  });

  it('heals when everything is gone', async () => {
    const commit = await repository.commit({ 'a.yaml': 'a' });
    await list(commit);
    await rm(join(root, 'copies'), { recursive: true });
    expect(await paths(commit)).toEqual(['a.yaml']);
  });

  it('starts afresh instead of piling up packs', async () => {
    engine = create({ maxPacks: 3 });
    let commit = '';
    for (let n = 0; n < 8; n++) {
      commit = await repository.commit({ [`f${n}.yaml`]: `${n}` });
      await resolve('main');
      await list(commit);
    }
    expect(await paths(commit)).toHaveLength(8);
    expect((await packFiles()).length).toBeLessThanOrEqual(3);
  });

  it('are removed when nobody asked for hours', async () => {
    const commit = await repository.commit({ 'a.yaml': 'a' });
    await list(commit);
    expect(await packFiles()).toHaveLength(1);
    clock.advance(4 * 3_600_000);
    await createRepository(root, 'other');
    await failure(engine.run({ op: 'resolve', repo: { url: server.url('other') }, revision: 'main' }));
    expect(await packFiles()).toEqual([]);
    expect(await paths(commit)).toEqual(['a.yaml']);
  });
});

describe('servers that misbehave', () => {
  it('that cut a pack short cost one failed try', async () => {
    const files: Record<string, string> = {};
    for (let n = 0; n < 50; n++) files[`f${n}.yaml`] = `${Math.sin(n)}`.repeat(30);
    const commit = await repository.commit(files);
    await resolve('main');
    server.truncateAt = 3000;
    const error = await failure(list(commit));
    expect(error.retryable).toBe(true);
    expect(await packFiles()).toEqual([]);
    server.truncateAt = undefined;
    expect(await paths(commit)).toHaveLength(50);
  });

  it('that fall silent are given up after the time limit', async () => {
    const commit = await repository.commit({ 'a.yaml': 'a' });
    await resolve('main');
    for (const [silent, operation] of [
      ['GET', () => resolve('main')],
      ['POST', () => list(commit)],
    ] as const) {
      const arrived = new Promise<void>((seen) => {
        server.intercept = (request) => {
          if (request.method !== silent) return false;
          seen();
          return true;
        };
      });
      const failed = failure(operation());
      await arrived;
      clock.advance(DEFAULT_GIT_LIMITS.timeoutMs);
      const error = await failed;
      expect(error.code).toBe('GitUnreachable');
      expect(error.message).toContain('did not finish within 90 s');
    }
    server.intercept = undefined;
    expect(await paths(commit)).toEqual(['a.yaml']);
  });

  it('that send nothing for a while are given up sooner', async () => {
    engine = create({ idleTimeoutMs: 50 });
    server.intercept = () => true;
    expect((await failure(resolve('main'))).code).toBe('GitUnreachable');
  });

  it('that send too much are cut off', async () => {
    const commit = await repository.commit({
      'a.bin': Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n * 31 + n) % 251)),
    });
    engine = create({ maxPackBytes: 1000 });
    const error = await failure(list(commit));
    expect(error.code).toBe('GitTooLarge');
    expect(error.message).toContain('more than 1000 bytes');
  });

  it('that pack a bomb do not get it inflated', async () => {
    const commit = await repository.commit({ 'bomb.yaml': Buffer.alloc(5 * 1024 * 1024) });
    engine = create({ maxObjectBytes: 1024 * 1024 });
    expect((await failure(list(commit))).message).toContain('an object of more than 1048576 bytes');
  });

  it.each([
    [500, 'GitUnreachable'],
    [503, 'GitUnreachable'],
    [429, 'GitUnreachable'],
    [404, 'GitRepositoryNotFound'],
    [403, 'GitAuthFailed'],
    [401, 'GitAuthFailed'],
  ])('that answer %i mean %s', async (status, code) => {
    server.intercept = (_, response) => {
      response.writeHead(status).end('<html>secret internals</html>');
      return true;
    };
    const error = await failure(resolve('main'));
    expect(error.code).toBe(code);
    expect(error.retryable).toBe(code === 'GitUnreachable');
    expect(error.message).not.toContain('internals');
  });

  it('that are no Git servers are called so', async () => {
    server.intercept = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
      return true;
    };
    expect((await failure(resolve('main'))).message).toContain('did not answer as a Git server');
  });

  it('that are not there at all', async () => {
    const url = server.url('apps');
    await server.close();
    const error = await failure(engine.run({ op: 'resolve', repo: { url }, revision: 'main' }));
    expect(error.code).toBe('GitUnreachable');
    expect(error.message).toContain(url);
    server = await startGitHttp(root);
  });

  it('are asked by no more than 16 conversations at a time, and do not wait for each other', async () => {
    const held: ServerResponse[] = [];
    let holding = true;
    const full = new Promise<void>((resolve) => {
      server.intercept = (request, response) => {
        if (!holding || request.url?.startsWith('/other')) response.writeHead(404).end();
        else if (held.push(response) === 16) resolve();
        return true;
      };
    });
    const urls = Array.from({ length: 64 }, (_, n) => server.url(`team-${n}`));
    const all = urls.map((url) => failure(engine.run({ op: 'resolve', repo: { url }, revision: 'main' })));
    await full;
    const other = server.url('other').replace('127.0.0.1', 'localhost');
    await failure(engine.run({ op: 'resolve', repo: { url: other }, revision: 'main' }));
    expect(held).toHaveLength(16);
    holding = false;
    for (const response of held) response.writeHead(404).end();
    expect(new Set((await Promise.all(all)).map(({ code }) => code))).toEqual(new Set(['GitRepositoryNotFound']));
  });
});
