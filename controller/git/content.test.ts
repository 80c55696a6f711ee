import { rm, symlink } from 'node:fs/promises';
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
import type { GitLimits } from './limits.ts';
import type { GitSource, SnapshotOptions } from './port.ts';

let root: string;
let server: GitHttpServer;
let repository: TestRepository;
let source: GitSource;

beforeEach(async () => {
  root = await gitRoot();
  repository = await createRepository(root, 'apps');
  server = await startGitHttp(root);
  source = open({});
});

afterEach(async () => {
  await source.close();
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const open = (limits: Partial<GitLimits>) =>
  createGitSource({ cacheDir: join(root, 'cache'), clock: systemClock, logger: silentLogger, limits });
const snapshot = (commit: string, path: string, options?: SnapshotOptions) =>
  source.snapshot({ url: server.url('apps') }, commit, path, options);
const paths = async (commit: string, path: string, options?: SnapshotOptions) =>
  (await snapshot(commit, path, options)).files.map((file) => file.path);

describe('selection', () => {
  it('by directory, suffix, include and exclude', async () => {
    const commit = await repository.commit({
      'app/a.yaml': '1',
      'app/b.json': '2',
      'app/notes.md': '3',
      'app/sub/c.yaml': '4',
      'app/sub/secret.yaml': '5',
      'other.yaml': '6',
    });
    const suffixes = ['.yaml', '.json'];
    expect(await paths(commit, 'app', { suffixes })).toEqual(['app/a.yaml', 'app/b.json']);
    expect(await paths(commit, './app/', { suffixes, recurse: true, exclude: 'sub/secret*' })).toEqual([
      'app/a.yaml',
      'app/b.json',
      'app/sub/c.yaml',
    ]);
    expect(await paths(commit, 'app', { recurse: true, include: '{*.json,sub/*}' })).toEqual([
      'app/b.json',
      'app/sub/c.yaml',
      'app/sub/secret.yaml',
    ]);
    expect(await paths(commit, '.', { suffixes })).toEqual(['other.yaml']);
  });

  it('says what is wrong with a path', async () => {
    const commit = await repository.commit({ 'app/a.yaml': '1' });
    await expect(snapshot(commit, 'nope')).rejects.toMatchObject({
      code: 'GitPathNotFound',
      message: expect.stringContaining('path "nope" does not exist'),
    });
    await expect(snapshot(commit, 'app/a.yaml')).rejects.toThrow('is a file, not a directory');
    for (const path of ['../x', 'app/../..', '/app', 'a\\b']) {
      await expect(snapshot(commit, path)).rejects.toMatchObject({ code: 'GitPathNotFound' });
    }
  });
});

describe('links', () => {
  const link = async (target: string, path: string) => symlink(target, join(repository.work, path));

  it('to files of the repository are followed, and their content counts as a change', async () => {
    await repository.commit({ 'shared/base.yaml': 'one', 'app/keep.yaml': 'x' });
    await link('../shared/base.yaml', 'app/base.yaml');
    const first = await snapshot(await repository.commit({}), 'app');
    expect(first.files.map(({ path, text }) => [path, text])).toEqual([
      ['app/base.yaml', 'one'],
      ['app/keep.yaml', 'x'],
    ]);
    const second = await snapshot(await repository.commit({ 'shared/base.yaml': 'two' }), 'app');
    expect(second.files[0]?.text).toBe('two');
    expect(second.treeId).not.toBe(first.treeId);
  });

  it('are followed on the way to the directory', async () => {
    await repository.commit({ 'envs/prod/a.yaml': 'p' });
    await link('envs/prod', 'current');
    expect(await paths(await repository.commit({}), 'current')).toEqual(['current/a.yaml']);
  });

  it.each(['/etc/passwd', '../../outside.yaml', '../../../../../proc/self/environ'])(
    'to %s are refused',
    async (target) => {
      await repository.commit({ 'app/a.yaml': '1' });
      await link(target, 'app/leak.yaml');
      const commit = await repository.commit({});
      await expect(snapshot(commit, 'app')).rejects.toMatchObject({
        code: 'GitUnsupportedContent',
        message: expect.stringMatching(/"app\/leak\.yaml" in .* leaves the repository/),
      });
      expect(await paths(commit, 'app', { exclude: 'leak*' })).toEqual(['app/a.yaml']);
    },
  );

  it('with more text than any path has are refused like one that leads nowhere', async () => {
    await repository.commit({ 'app/a.yaml': '1', 'long.txt': 'a/'.repeat(500_000) });
    const blob = await repository.git('rev-parse', 'HEAD:long.txt');
    await repository.git('update-index', '--add', '--cacheinfo', `120000,${blob},app/b.yaml`);
    await repository.git('commit', '-q', '-m', 'a long link');
    await repository.git('push', '-q', 'origin', 'HEAD:main');
    await expect(snapshot(await repository.git('rev-parse', 'HEAD'), 'app')).rejects.toMatchObject({
      code: 'GitUnsupportedContent',
    });
  });

  it('to nothing, to themselves and in circles are refused', async () => {
    for (const [target, name] of [
      ['gone.yaml', 'a.yaml'],
      ['b.yaml', 'b.yaml'],
      ['d.yaml', 'c.yaml'],
    ] as const) {
      await repository.commit({ [`${name}-dir/x.yaml`]: '1' });
      await link(target, `${name}-dir/${name}`);
      if (name === 'c.yaml') await link('c.yaml', `${name}-dir/d.yaml`);
      await expect(snapshot(await repository.commit({}), `${name}-dir`)).rejects.toMatchObject({
        code: 'GitUnsupportedContent',
      });
    }
  });
});

it('refuses submodules below a directory that is read with its subdirectories', async () => {
  await repository.commit({ 'app/a.yaml': '1' });
  await repository.git(
    'update-index',
    '--add',
    '--cacheinfo',
    '160000,1234567890123456789012345678901234567890,app/module',
  );
  await repository.git('commit', '-q', '-m', 'module');
  await repository.git('push', '-q', 'origin', 'HEAD:main');
  const commit = await repository.git('rev-parse', 'HEAD');
  await expect(snapshot(commit, 'app', { recurse: true })).rejects.toThrow('"app/module" in');
  await expect(snapshot(commit, 'app/module')).rejects.toThrow('is a submodule, which is not fetched');
  expect(await paths(commit, 'app')).toEqual(['app/a.yaml']);
  expect(await paths(commit, 'app', { recurse: true, exclude: 'module' })).toEqual(['app/a.yaml']);
});

describe('files that are no manifests', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['LFS pointers', 'version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n', 'is a Git LFS pointer'],
    ['binary files', Buffer.from([0xff, 0xfe, 0x00]), 'is not UTF-8 text'],
  ])('%s', async (_, content, message) => {
    const commit = await repository.commit({ 'app/a.yaml': content });
    await expect(snapshot(commit, 'app')).rejects.toMatchObject({
      code: 'GitUnsupportedContent',
      message: expect.stringContaining(`"app/a.yaml" in ${server.url('apps')} at ${commit.slice(0, 10)} ${message}`),
    });
  });
});

describe('limits', () => {
  it.each<[string, Partial<GitLimits>, string]>([
    ['file size', { maxFileBytes: 100 }, '"app/d/big.yaml" in'],
    ['number of files', { maxFiles: 2 }, 'more than 2 files'],
    ['depth', { maxDepth: 0 }, 'more than 0 levels'],
    ['all files together', { maxSnapshotBytes: 150 }, 'more than 150'],
  ])('on %s', async (_, limits, message) => {
    await source.close();
    source = open(limits);
    const commit = await repository.commit({ 'app/a.yaml': '1', 'app/b.yaml': '2', 'app/d/big.yaml': 'x'.repeat(200) });
    await expect(snapshot(commit, 'app', { recurse: true })).rejects.toMatchObject({
      code: 'GitTooLarge',
      message: expect.stringContaining(message),
    });
  });

  it('on trees that are nested into themselves', async () => {
    await repository.commit({ 'a.yaml': '1' });
    // 3 trees that unfold into 100 directories.
    let tree = await repository.git('rev-parse', 'HEAD^{tree}');
    for (let level = 0; level < 2; level++) {
      await repository.git('read-tree', '--empty');
      for (let n = 0; n < 10; n++) await repository.git('read-tree', `--prefix=d${n}/`, tree);
      tree = await repository.git('write-tree');
    }
    const commit = await repository.git('commit-tree', tree, '-m', 'bomb');
    await repository.git('push', '-q', '--force', 'origin', `${commit}:refs/heads/bomb`);
    await source.close();
    source = open({ maxFiles: 5 });
    await expect(snapshot(commit, '', { recurse: true, suffixes: ['.none'] })).rejects.toThrow('more than 40 entries');
  });
});
