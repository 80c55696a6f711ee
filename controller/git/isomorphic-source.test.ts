import { mkdir, readdir, rm } from 'node:fs/promises';
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
import { createGitSource } from './isomorphic-source.ts';
import type { GitSource } from './port.ts';

let root: string;
let server: GitHttpServer;
let repository: TestRepository;
let source: GitSource;

beforeEach(async () => {
  root = await gitRoot();
  repository = await createRepository(root, 'apps');
  server = await startGitHttp(root);
  source = createGitSource({ cacheDir: join(root, 'cache'), clock: systemClock, logger: silentLogger });
});

afterEach(async () => {
  await source.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const repo = () => ({ url: server.url('apps') });

describe('resolve', () => {
  it('reads branches, tags, full refs, HEAD and commit ids without cloning', async () => {
    const first = await repository.commit({ 'a.yaml': 'one' });
    await repository.git('tag', '-a', 'v1', '-m', 'one');
    await repository.git('push', '-q', 'origin', 'v1');
    const second = await repository.commit({ 'a.yaml': 'two' });
    expect(await source.resolve(repo(), 'main')).toEqual({ commit: second, ref: 'refs/heads/main' });
    expect(await source.resolve(repo(), 'v1')).toEqual({ commit: first, ref: 'refs/tags/v1' });
    expect(await source.resolve(repo(), 'refs/tags/v1')).toEqual({ commit: first, ref: 'refs/tags/v1' });
    expect(await source.resolve(repo(), '')).toEqual({ commit: second, ref: 'refs/heads/main' });
    expect(await source.resolve(repo(), 'HEAD')).toEqual({ commit: second, ref: 'refs/heads/main' });
    expect(await source.resolve(repo(), first)).toEqual({ commit: first });
    expect(server.bytesSent()).toBeLessThan(8000);
  });
});

describe('snapshot', () => {
  it('reads the files of a directory', async () => {
    const commit = await repository.commit({
      'apps/a.yaml': 'a: 1\n',
      'apps/sub/b.yaml': 'b: 1\n',
      'other/c.yaml': 'c',
    });
    const flat = await source.snapshot(repo(), commit, 'apps');
    expect(flat.files.map(({ path, text }) => [path, text])).toEqual([['apps/a.yaml', 'a: 1\n']]);
    const deep = await source.snapshot(repo(), commit, 'apps', { recurse: true });
    expect(deep.files.map(({ path }) => path)).toEqual(['apps/a.yaml', 'apps/sub/b.yaml']);
  });

  it('costs the difference after a push of one file', async () => {
    const files: Record<string, string> = {};
    for (let n = 0; n < 300; n++) files[`d${n % 10}/f${n}.yaml`] = `n: ${n}\n${Math.sin(n)}\n`.repeat(20);
    const first = await repository.commit(files);
    await source.resolve(repo(), 'main');
    const before = await source.snapshot(repo(), first, '', { recurse: true });
    expect(before.files).toHaveLength(300);
    const bytes = server.bytesSent();

    const second = await repository.commit({ 'd1/f1.yaml': 'n: changed\n' });
    await source.resolve(repo(), 'main');
    const after = await source.snapshot(repo(), second, '', { recurse: true });
    expect(after.files.find(({ path }) => path === 'd1/f1.yaml')?.text).toBe('n: changed\n');
    expect(server.bytesSent() - bytes).toBeLessThan(4000);
  });

  it('returns the same object for an unchanged directory, and asks the server for nothing twice', async () => {
    const first = await repository.commit({ 'apps/a.yaml': 'a', 'apps/b.yaml': 'b', 'other/c.yaml': 'c' });
    const before = await source.snapshot(repo(), first, 'apps');
    const requests = server.requests.length;
    expect(await source.snapshot(repo(), first, 'apps')).toBe(before);
    expect(server.requests.length).toBe(requests);
    const second = await repository.commit({ 'other/c.yaml': 'changed' });
    expect(await source.snapshot(repo(), second, 'apps')).toBe(before);
    const third = await repository.commit({ 'apps/a.yaml': 'changed' });
    const after = await source.snapshot(repo(), third, 'apps');
    expect(after.treeId).not.toBe(before.treeId);
    expect(after.files.map(({ text }) => text)).toEqual(['changed', 'b']);
  });

  it('fetches once for all that ask at the same time', async () => {
    const commit = await repository.commit({ 'a/x.yaml': 'x', 'b/y.yaml': 'y' });
    await Promise.all(Array.from({ length: 20 }, () => source.resolve(repo(), 'main')));
    expect(server.requests).toHaveLength(2);
    const snapshots = await Promise.all(
      Array.from({ length: 20 }, (_, n) => source.snapshot(repo(), commit, n % 2 === 0 ? 'a' : 'b')),
    );
    expect(snapshots.map(({ files }) => files[0]?.text)).toEqual(snapshots.map((_, n) => (n % 2 === 0 ? 'x' : 'y')));
    expect(server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(2);
  });

  it('lets one caller leave without taking the work from the others', async () => {
    const commit = await repository.commit({ 'a.yaml': 'a' });
    const leaving = new AbortController();
    const left = source.snapshot(repo(), commit, '', {}, leaving.signal).catch((error: Error) => error.name);
    const stayed = source.snapshot(repo(), commit, '');
    leaving.abort();
    expect(await left).toBe('AbortError');
    expect((await stayed).files).toHaveLength(1);
  });
});

it('removes what a process that is gone has left, and its own copies at the end', async () => {
  const cache = join(root, 'cache');
  await source.close();
  expect(await readdir(cache)).toEqual([]);
  // A process id that cannot be alive: above the largest that Linux hands out.
  await mkdir(join(cache, 'git-9999999-123e4567-e89b-12d3-a456-426614174000'));
  await mkdir(join(cache, 'something-else'));
  source = createGitSource({ cacheDir: cache, clock: systemClock, logger: silentLogger });
  const other = createGitSource({ cacheDir: cache, clock: systemClock, logger: silentLogger });
  expect((await readdir(cache)).filter((name) => name.startsWith('git-9999999'))).toEqual([]);
  expect(await readdir(cache)).toHaveLength(3);
  const commit = await repository.commit({ 'a.yaml': 'a' });
  expect((await source.snapshot(repo(), commit, '')).files).toHaveLength(1);
  await other.close();
});
