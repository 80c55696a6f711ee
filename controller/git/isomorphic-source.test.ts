import { rm } from 'node:fs/promises';
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
});
