import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { Lru } from '../platform/lru.ts';
import { GitError } from './errors.ts';
import { type Answer, Gather } from './gather.ts';
import { DEFAULT_GIT_LIMITS, type GitLimits } from './limits.ts';
import type { GitFile, GitRepo, GitSnapshot, GitSource, ResolvedRevision, SnapshotOptions } from './port.ts';
import { publicUrl } from './repo-url.ts';
import { SingleFlight } from './single-flight.ts';
import { WorkerHost } from './worker-host.ts';
import type { CommitQuestion, GitResults } from './worker-protocol.ts';

export interface IsomorphicSourceOptions {
  /** Holds the local copies while the process lives. Nothing in it outlives the process. */
  cacheDir: string;
  clock: Clock;
  logger: Logger;
  limits?: Partial<GitLimits>;
  /** Texts kept in memory so that a commit costs what it changes, in bytes. */
  memoBytes?: number;
  /** Heap of the worker thread in MiB. */
  workerHeapMb?: number;
  /** The worker's bundle, when it is not found by itself. */
  workerScript?: string;
}

/** {@link GitSource} over http(s) by isomorphic-git in a worker thread. */
export function createGitSource(options: IsomorphicSourceOptions): GitSource {
  const limits = { ...DEFAULT_GIT_LIMITS, ...options.limits };
  const directory = claimDirectory(options.cacheDir);
  const host = new WorkerHost({
    data: { directory, limits },
    clock: options.clock,
    logger: options.logger,
    maxHeapMb: options.workerHeapMb ?? 512,
    ...(options.workerScript === undefined ? {} : { script: options.workerScript }),
  });
  const memoBytes = options.memoBytes ?? 64 * 1024 * 1024;
  const flights = new SingleFlight();
  const questions = new Gather<CommitQuestion, unknown>(options.clock);
  const snapshots = new Lru<string, GitSnapshot>(memoBytes, weight);
  /** Which entry of `snapshots` a commit leads to. */
  const byCommit = new Lru<string, string>(10_000);
  const texts = new Lru<string, string>(memoBytes, (text) => text.length + 100);

  async function load(repo: GitRepo, commit: string, path: string, wanted: SnapshotOptions): Promise<GitSnapshot> {
    const id = identity(repo);
    const key = JSON.stringify([id, path, wanted.recurse ?? false, wanted.include, wanted.exclude, wanted.suffixes]);
    const known = snapshots.get(byCommit.get(`${commit} ${key}`) ?? '');
    if (known !== undefined) return known;

    const together = `${id} ${commit}`;
    const ask = (questions: readonly CommitQuestion[]): Promise<Answer<unknown>[]> =>
      host.call({ op: 'many', repo, commit, questions });
    const list = (await questions.ask(together, { op: 'list', path, options: wanted }, ask)) as GitResults['list'];
    const byTree = `${list.treeId} ${key}`;
    byCommit.set(`${commit} ${key}`, byTree);
    const same = snapshots.get(byTree);
    if (same !== undefined) return same;
    const found = new Map<string, string>();
    for (const { blobId } of list.files) {
      const text = texts.get(`${id} ${blobId}`);
      if (text !== undefined) found.set(blobId, text);
    }
    const missing = list.files.filter(({ blobId }) => !found.has(blobId));
    if (missing.length > 0) {
      const read = (await questions.ask(together, { op: 'read', files: missing }, ask)) as GitResults['read'];
      for (const [n, { blobId }] of missing.entries()) {
        found.set(blobId, read[n] ?? '');
        texts.set(`${id} ${blobId}`, read[n] ?? '');
      }
    }
    const files = list.files.map((file): GitFile => ({ ...file, text: found.get(file.blobId) ?? '' }));
    const snapshot: GitSnapshot = { treeId: list.treeId, files };
    const bytes = weight(snapshot);
    if (bytes > limits.maxSnapshotBytes) {
      throw new GitError(
        'GitTooLarge',
        `"${path || '.'}" in ${publicUrl(repo.url)} holds ${bytes} bytes, more than ${limits.maxSnapshotBytes}: narrow it with include, exclude or a deeper path`,
      );
    }
    snapshots.set(byTree, snapshot);
    return snapshot;
  }

  return {
    resolve(repo, revision, signal): Promise<ResolvedRevision> {
      const key = JSON.stringify(['resolve', identity(repo), revision]);
      return flights.run(key, () => host.call({ op: 'resolve', repo, revision }), signal);
    },
    snapshot(repo, commit, path, wanted = {}, signal): Promise<GitSnapshot> {
      const key = JSON.stringify(['snapshot', identity(repo), commit, path, wanted]);
      return flights.run(key, () => load(repo, commit, path, wanted), signal);
    },
    async close(): Promise<void> {
      await host.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Equal only for the same repository with the same credentials: nobody reads with what another was given. */
function identity(repo: GitRepo): string {
  return JSON.stringify([repo.url, repo.auth ?? null, repo.ca ?? null]);
}

function weight(snapshot: GitSnapshot): number {
  return snapshot.files.reduce((sum, file) => sum + file.text.length + file.path.length + 100, 100);
}

/**
 * A directory that only this process uses, named by its process id. What processes that are gone have left is removed: after
 * a crash a copy may be damaged in ways that are not worth telling apart. Containers restart with the same process id, so
 * directories of our own id are leftovers too, unless this very process made them.
 */
function claimDirectory(cacheDir: string): string {
  mkdirSync(cacheDir, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(cacheDir)) {
    const pid = /^git-(\d+)-[0-9a-f-]{36}$/.exec(name)?.[1];
    if (pid === undefined || claimed.has(join(cacheDir, name)) || (Number(pid) !== process.pid && alive(Number(pid))))
      continue;
    rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
  const mine = join(cacheDir, `git-${process.pid}-${randomUUID()}`);
  claimed.add(mine);
  mkdirSync(mine, { mode: 0o700 });
  return mine;
}

const claimed = new Set<string>();

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
