import { beforeEach, describe, expect, it } from 'vitest';
import { GitError, type GitErrorCode } from '../../git/errors.ts';
import type { GitFile, GitRepo, GitSource } from '../../git/port.ts';
import { silentLogger } from '../../platform/logger.ts';
import { ManualClock } from '../../platform/manual-clock.ts';
import { seededRandom } from '../../platform/random.ts';
import { CredentialsError } from './credentials.ts';
import type { SourceRequest } from './request.ts';
import { SourceWatcher } from './watcher.ts';

const POLL_MS = 60_000;

/** A Git server in memory; a look ends with {@link settle}. */
class FakeGit implements GitSource {
  head = 'a'.repeat(40);
  treeId = 'tree-1';
  /** Other tree ids by path. */
  readonly treeIds = new Map<string, string>();
  files: GitFile[] = [{ path: 'a.yaml', blobId: '1', text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }];
  failure: { resolve?: GitErrorCode; snapshot?: GitErrorCode } = {};
  password: string | undefined;
  resolves: GitRepo[] = [];
  snapshots = 0;
  /** Looks wait for this. */
  gate: Promise<void> = Promise.resolve();

  async resolve(repo: GitRepo): Promise<{ commit: string }> {
    this.resolves.push(repo);
    await this.gate;
    if (this.failure.resolve) throw new GitError(this.failure.resolve, 'resolve failed');
    const given = repo.auth && 'password' in repo.auth ? repo.auth.password : undefined;
    if (given !== this.password) throw new GitError('GitAuthFailed', 'refused');
    return { commit: this.head };
  }

  async snapshot(_: GitRepo, __: string, path: string): Promise<{ treeId: string; files: GitFile[] }> {
    this.snapshots += 1;
    if (this.failure.snapshot) throw new GitError(this.failure.snapshot, 'snapshot failed');
    return { treeId: this.treeIds.get(path) ?? this.treeId, files: this.files };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const request = (changes: Partial<SourceRequest> = {}): SourceRequest => ({
  repoURL: 'http://git.test/repo.git',
  targetRevision: 'main',
  path: '.',
  recurse: false,
  include: undefined,
  exclude: undefined,
  secret: undefined,
  ...changes,
});

let git: FakeGit;
let clock: ManualClock;
let changed: string[];
let secret: string | undefined;
let secretReads: number;
let watcher: SourceWatcher;

beforeEach(() => {
  git = new FakeGit();
  clock = new ManualClock();
  changed = [];
  secret = 'old';
  secretReads = 0;
  watcher = new SourceWatcher({
    git,
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    pollIntervalMs: POLL_MS,
    onChange: (application) => changed.push(application),
    credentials: async () => {
      secretReads += 1;
      if (secret === undefined) throw new CredentialsError('no Secret');
      return { auth: { username: 'u', password: secret } };
    },
  });
});

/** Lets everything that is under way come to an end. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

const revision = (application = 'team/app', wanted = request()): string | undefined => {
  const state = watcher.ask(application, wanted);
  return state.state === 'ready' ? state.content.revision : state.state;
};

describe('following a branch', () => {
  it('looks at once, tells when it has an answer, and answers from memory then', async () => {
    expect(revision()).toBe('pending');
    await settle();
    expect(changed).toEqual(['team/app']);
    expect(revision()).toBe(git.head);
    expect(git.resolves).toHaveLength(1);
  });

  it('polls, and is silent while nothing changes', async () => {
    revision();
    await settle();
    for (let round = 0; round < 3; round++) {
      clock.advance(POLL_MS * 1.1);
      await settle();
    }
    expect(git.resolves).toHaveLength(4);
    expect(git.snapshots).toBe(1);
    expect(changed).toHaveLength(1);
    git.head = 'b'.repeat(40);
    clock.advance(POLL_MS * 1.1);
    await settle();
    expect(revision()).toBe(git.head);
    expect(changed).toHaveLength(2);
  });

  it('parses nothing again when a commit touches another folder', async () => {
    revision();
    await settle();
    const before = watcher.ask('team/app', request());
    git.head = 'b'.repeat(40);
    watcher.look('http://git.test/repo');
    await settle();
    const after = watcher.ask('team/app', request());
    expect(before).toMatchObject({ state: 'ready' });
    expect(after).toMatchObject({ state: 'ready', content: { revision: git.head } });
    if (before.state === 'ready' && after.state === 'ready') expect(after.content.loaded).toBe(before.content.loaded);
  });

  it('asks the server once for many Applications', async () => {
    for (let i = 0; i < 100; i++) watcher.ask(`team/${i}`, request({ path: `apps/${i}` }));
    await settle();
    expect(git.resolves.length).toBeLessThanOrEqual(2);
    expect(new Set(changed).size).toBe(100);
  });

  it('tells of folders that a commit has changed before those that it has not', async () => {
    watcher.ask('team/still', request({ path: 'still' }));
    watcher.ask('team/changed', request({ path: 'changed' }));
    await settle();
    git.head = 'b'.repeat(40);
    git.treeIds.set('changed', 'tree-2');
    changed = [];
    watcher.look('http://git.test/repo.git');
    await settle();
    expect(changed).toEqual(['team/changed', 'team/still']);
  });

  it('a webhook makes one look now; during a look it makes one more after it', async () => {
    revision();
    await settle();
    let open = (): void => {};
    git.gate = new Promise((resolve) => {
      open = resolve;
    });
    expect(watcher.look('https://git.test/repo')).toBe(1);
    expect(watcher.look('http://git.test/other.git')).toBe(0);
    watcher.look('http://git.test/repo.git');
    watcher.look('http://git.test/repo.git');
    await settle();
    expect(git.resolves).toHaveLength(2);
    open();
    await settle();
    expect(git.resolves).toHaveLength(3);
  });

  it('a look that somebody asks for is made once for each word, and tells when it has ended', async () => {
    revision();
    await settle();
    expect(watcher.looked('team/app', 'one')).toBe(false);
    expect(watcher.looked('team/app', 'one')).toBe(false);
    await settle();
    expect(watcher.looked('team/app', 'one')).toBe(true);
    expect(git.resolves).toHaveLength(2);
    expect(changed).toHaveLength(2);
    // It ends also when it fails, and when it is asked for during another.
    git.failure = { resolve: 'GitUnreachable' };
    watcher.look('http://git.test/repo.git');
    expect(watcher.looked('team/app', 'two')).toBe(false);
    await settle();
    expect(watcher.looked('team/app', 'two')).toBe(true);
    expect(git.resolves).toHaveLength(4);
    expect(watcher.looked('team/stranger', 'two')).toBe(true);
  });

  it('does not poll for a commit id, and stops when nobody is interested', async () => {
    const commit = 'c'.repeat(40);
    watcher.ask('team/pinned', request({ targetRevision: commit }));
    watcher.ask('team/app', request());
    await settle();
    watcher.forget('team/app');
    clock.advance(POLL_MS * 10);
    await settle();
    expect(git.resolves).toHaveLength(2);
    expect(clock.nextTimerIn()).toBeUndefined();
  });

  it('a change of the request starts over', async () => {
    revision();
    await settle();
    expect(watcher.ask('team/app', request({ path: 'other' }))).toEqual({ state: 'pending' });
    await settle();
    expect(revision('team/app', request({ path: 'other' }))).toBe(git.head);
  });
});

describe('failures', () => {
  it('are told once, retried after 5 s and then ever later, and end by themselves', async () => {
    git.failure = { resolve: 'GitUnreachable' };
    revision();
    await settle();
    expect(watcher.ask('team/app', request())).toMatchObject({
      state: 'failed',
      failure: { code: 'GitUnreachable', retryable: true },
    });
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      waits.push(clock.nextTimerIn() ?? 0);
      clock.advance(waits.at(-1) ?? 0);
      await settle();
    }
    expect(waits[0]).toBeLessThanOrEqual(5_000);
    expect(Math.max(...waits)).toBeGreaterThan(80_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(180_000);
    expect(changed).toHaveLength(1);
    git.failure = {};
    clock.advance(180_000);
    await settle();
    expect(revision()).toBe(git.head);
    expect(changed).toHaveLength(2);
  });

  it('end with the commit that was there before', async () => {
    revision();
    await settle();
    git.failure = { resolve: 'GitUnreachable' };
    watcher.look('http://git.test/repo.git');
    await settle();
    expect(revision()).toBe('failed');
    git.failure = {};
    watcher.look('http://git.test/repo.git');
    await settle();
    expect(revision()).toBe(git.head);
  });

  it('a commit that cannot be used is read once, not at every poll', async () => {
    git.failure = { snapshot: 'GitPathNotFound' };
    revision();
    await settle();
    clock.advance(POLL_MS * 1.1);
    await settle();
    expect(git.snapshots).toBe(1);
    expect(watcher.ask('team/app', request())).toMatchObject({
      failure: { code: 'GitPathNotFound', retryable: false },
    });
    git.failure = {};
    git.head = 'b'.repeat(40);
    clock.advance(POLL_MS * 1.1);
    await settle();
    expect(revision()).toBe(git.head);
  });

  it('a network failure while reading is repeated for the same commit', async () => {
    git.failure = { snapshot: 'GitUnreachable' };
    revision();
    await settle();
    git.failure = {};
    clock.advance(5_000);
    await settle();
    expect(revision()).toBe(git.head);
  });

  it('broken YAML names the place, and one Application does not hurt the other', async () => {
    git.files = [{ path: 'x/bad.yaml', blobId: '2', text: 'kind: [\n' }];
    revision();
    await settle();
    expect(watcher.ask('team/app', request())).toMatchObject({
      state: 'failed',
      failure: { code: 'ManifestInvalid', message: expect.stringMatching(/^x\/bad\.yaml:\d/) },
    });
  });
});

describe('credentials', () => {
  const wanted = request({ secret: 'team/git' });

  it('are read once while they work, and again when they are refused', async () => {
    git.password = 'old';
    revision('team/app', wanted);
    await settle();
    clock.advance(POLL_MS * 1.1);
    await settle();
    expect(secretReads).toBe(1);
    git.password = secret = 'new';
    git.head = 'b'.repeat(40);
    clock.advance(POLL_MS * 1.1);
    await settle();
    expect(revision('team/app', wanted)).toBe(git.head);
    expect(secretReads).toBe(2);
  });

  it.each<GitErrorCode>(['GitRepositoryNotFound', 'GitUnreachable'])('are read again after %s', async (code) => {
    git.password = 'old';
    git.failure.resolve = code;
    revision('team/app', wanted);
    await settle();
    expect(watcher.ask('team/app', wanted)).toMatchObject({ failure: { code } });
    secret = 'new';
    clock.advance(5_000);
    await settle();
    expect(git.resolves.at(-1)?.auth).toEqual({ username: 'u', password: 'new' });
  });

  it('that are missing are looked for again', async () => {
    git.password = 'late';
    secret = undefined;
    revision('team/app', wanted);
    await settle();
    expect(watcher.ask('team/app', wanted)).toMatchObject({ failure: { code: 'CredentialsInvalid' } });
    secret = 'late';
    clock.advance(5_000);
    await settle();
    expect(revision('team/app', wanted)).toBe(git.head);
  });
});
