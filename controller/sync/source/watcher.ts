import { Reason } from '../../api/reasons.ts';
import { GitError, type GitErrorCode } from '../../git/errors.ts';
import type { GitSource } from '../../git/port.ts';
import { sameRepository } from '../../git/repo-url.ts';
import { backoffDelay } from '../../kube/backoff.ts';
import type { ObjectKey } from '../../kube/types.ts';
import type { ManifestErrorCode } from '../../manifest/errors.ts';
import { type LoadResult, loadManifests, MANIFEST_SUFFIXES, ManifestMemo } from '../../manifest/load.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf, SlipwayError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import type { SourceFailure } from '../status.ts';
import type { Credentials } from './credentials.ts';
import { branchKey, isPinned, type SourceRequest, sameRequest } from './request.ts';

/** The manifests of one commit. The same result is returned as long as the folder is the same. */
export interface SourceContent {
  revision: string;
  loaded: LoadResult;
}

export type SourceState =
  /** Not fetched yet. */
  { state: 'pending' } | { state: 'ready'; content: SourceContent } | { state: 'failed'; failure: SourceFailure };

export interface SourceWatcherOptions {
  git: GitSource;
  /** Reads a Secret; throws an error with a code and a message for the user. */
  credentials: (secret: ObjectKey, signal: AbortSignal) => Promise<Credentials>;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Milliseconds between two looks at a branch, give or take 10 %. */
  pollIntervalMs: number;
  /** Called when the answer for an Application has changed. */
  onChange: (application: ObjectKey) => void;
}

/** A failed look is repeated after 5 s, 10 s, … up to 3 minutes. */
const RETRY = { baseMs: 5_000, maxMs: 180_000 };

/** Failures that lie in the content of a commit: the same commit cannot do better. */
const CONTENT_CODES: ReadonlySet<string> = new Set<GitErrorCode | ManifestErrorCode>([
  'GitPathNotFound',
  'GitTooLarge',
  'GitUnsupportedContent',
  'ManifestDuplicate',
  'ManifestInvalid',
  'ManifestTooLarge',
]);

interface User {
  request: SourceRequest;
  state: SourceState;
  /** The commit that `state` is final for. */
  commit: string | undefined;
  /** What was read last, and the tree it was read from. */
  content: (SourceContent & { treeId: string }) | undefined;
}

/** One branch of one repository, looked at for all Applications that follow it. */
interface Branch {
  key: string;
  request: SourceRequest;
  users: Map<ObjectKey, User>;
  credentials: Credentials | undefined;
  failures: number;
  looking: boolean;
  again: boolean;
  cancelTimer: (() => void) | undefined;
  stop: AbortController;
}

/**
 * Follows branches for Applications. A look may take as long as a repository is slow, so it runs by itself and never inside
 * a reconcile; a reconcile asks for what is known and is told when that changes.
 */
export class SourceWatcher {
  readonly #o: SourceWatcherOptions;
  readonly #branches = new Map<string, Branch>();
  readonly #memo = new ManifestMemo();
  readonly #branchOf = new Map<ObjectKey, Branch>();
  #closed = false;

  constructor(options: SourceWatcherOptions) {
    this.#o = options;
  }

  /** What is known of what an Application wants; a new or changed request starts a look at once. */
  ask(application: ObjectKey, request: SourceRequest): SourceState {
    const known = this.#branchOf.get(application)?.users.get(application);
    if (known !== undefined && sameRequest(known.request, request)) return known.state;
    this.forget(application);
    const branch = this.#branchFor(request);
    branch.users.set(application, { request, state: { state: 'pending' }, commit: undefined, content: undefined });
    this.#branchOf.set(application, branch);
    this.#look(branch);
    return { state: 'pending' };
  }

  /** Looks at every branch of a repository now; for webhooks. Returns how many branches that are. */
  look(repoURL: string): number {
    const branches = [...this.#branches.values()].filter(({ request }) => sameRepository(request.repoURL, repoURL));
    for (const branch of branches) this.#look(branch);
    return branches.length;
  }

  /** The revision of the newest answer for an Application. */
  revisionOf(application: ObjectKey): string | undefined {
    return this.#branchOf.get(application)?.users.get(application)?.content?.revision;
  }

  /** The Application is gone or wants something else. */
  forget(application: ObjectKey): void {
    const branch = this.#branchOf.get(application);
    if (branch === undefined) return;
    this.#branchOf.delete(application);
    branch.users.delete(application);
    if (branch.users.size === 0) this.#drop(branch);
  }

  close(): void {
    this.#closed = true;
    for (const branch of this.#branches.values()) this.#drop(branch);
    this.#branchOf.clear();
  }

  #branchFor(request: SourceRequest): Branch {
    const key = branchKey(request);
    let branch = this.#branches.get(key);
    if (branch === undefined) {
      branch = {
        key,
        request,
        users: new Map(),
        credentials: undefined,
        failures: 0,
        looking: false,
        again: false,
        cancelTimer: undefined,
        stop: new AbortController(),
      };
      this.#branches.set(key, branch);
    }
    return branch;
  }

  #drop(branch: Branch): void {
    this.#branches.delete(branch.key);
    branch.cancelTimer?.();
    branch.stop.abort(new DOMException('nobody wants this source any more', 'AbortError'));
  }

  /** Starts a look; one that is asked for while another runs follows it, since the first may have missed the news. */
  #look(branch: Branch): void {
    branch.cancelTimer?.();
    branch.cancelTimer = undefined;
    branch.again = true;
    if (branch.looking) return;
    branch.looking = true;
    void this.#lookWhileAsked(branch).catch((error: unknown) => {
      this.#o.logger.error({ err: error }, 'a look at a repository threw');
    });
  }

  async #lookWhileAsked(branch: Branch): Promise<void> {
    let failed = false;
    try {
      while (branch.again && !branch.stop.signal.aborted) {
        branch.again = false;
        failed = !(await this.#lookOnce(branch));
      }
    } finally {
      branch.looking = false;
      branch.failures = failed ? branch.failures + 1 : 0;
      this.#schedule(branch);
    }
  }

  #schedule(branch: Branch): void {
    const { clock, random, pollIntervalMs } = this.#o;
    if (this.#closed || branch.stop.signal.aborted) return;
    if (branch.failures === 0 && isPinned(branch.request)) return;
    const delay =
      branch.failures > 0 ? backoffDelay(branch.failures, RETRY, random) : pollIntervalMs * (0.9 + 0.2 * random());
    branch.cancelTimer = clock.after(delay, () => this.#look(branch));
  }

  /** Returns false when the look should be repeated soon. */
  async #lookOnce(branch: Branch): Promise<boolean> {
    const { git } = this.#o;
    const { signal } = branch.stop;
    let commit: string;
    try {
      const resolved = await this.#withCredentials(branch, (credentials) =>
        git.resolve({ url: branch.request.repoURL, ...credentials }, branch.request.targetRevision, signal),
      );
      commit = resolved.commit;
    } catch (error) {
      if (!signal.aborted) for (const [key, user] of branch.users) this.#fail(key, user, error);
      return false;
    }
    const behind = [...branch.users].filter(([, user]) => user.commit !== commit);
    const results = await Promise.all(behind.map(([key, user]) => this.#read(branch, key, user, commit)));
    return results.every((done) => done);
  }

  /** Reads the folder of one Application at a commit. Returns false when that should be repeated soon. */
  async #read(branch: Branch, key: ObjectKey, user: User, commit: string): Promise<boolean> {
    const { git } = this.#o;
    const { request } = user;
    try {
      const snapshot = await this.#withCredentials(branch, (credentials) =>
        git.snapshot(
          { url: request.repoURL, ...credentials },
          commit,
          request.path,
          {
            recurse: request.recurse,
            suffixes: MANIFEST_SUFFIXES,
            ...(request.include !== undefined && { include: request.include }),
            ...(request.exclude !== undefined && { exclude: request.exclude }),
          },
          branch.stop.signal,
        ),
      );
      const { treeId, files } = snapshot;
      // Most commits of a big repository touch other folders.
      const same = user.content?.treeId === treeId ? user.content : undefined;
      const loaded = same?.loaded ?? loadManifests(files, { memo: this.#memo });
      const content = { revision: commit, loaded, treeId };
      user.content = content;
      user.state = { state: 'ready', content };
      user.commit = commit;
      this.#o.onChange(key);
      return true;
    } catch (error) {
      if (branch.stop.signal.aborted) return false;
      const final = error instanceof SlipwayError && CONTENT_CODES.has(error.code);
      this.#fail(key, user, error);
      if (final) user.commit = commit;
      return final;
    }
  }

  #fail(key: ObjectKey, user: User, error: unknown): void {
    const failure = failureOf(error);
    if (!(error instanceof SlipwayError))
      this.#o.logger.error({ err: error, application: key }, 'reading a source threw');
    const old = user.state;
    user.state = { state: 'failed', failure };
    user.commit = undefined;
    const same = old.state === 'failed' && old.failure.code === failure.code && old.failure.message === failure.message;
    if (!same) this.#o.onChange(key);
  }

  /** Remembered credentials that are refused may have been rotated: they are read again, once. */
  async #withCredentials<T>(branch: Branch, act: (credentials: Credentials) => Promise<T>): Promise<T> {
    const { secret } = branch.request;
    if (secret === undefined) return await act({});
    const remembered = branch.credentials;
    branch.credentials ??= await this.#o.credentials(secret, branch.stop.signal);
    try {
      return await act(branch.credentials);
    } catch (error) {
      if (!(error instanceof GitError) || error.code !== 'GitAuthFailed') throw error;
      branch.credentials = undefined;
      if (remembered === undefined) throw error;
      const fresh = await this.#o.credentials(secret, branch.stop.signal);
      const result = await act(fresh);
      branch.credentials = fresh;
      return result;
    }
  }
}

function failureOf(error: unknown): SourceFailure {
  if (error instanceof SlipwayError) return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: Reason.SourceNotReady, message: messageOf(error), retryable: true };
}
