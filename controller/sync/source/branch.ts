import { GitError, type GitErrorCode } from '../../git/errors.ts';
import type { GitFile, GitSource } from '../../git/port.ts';
import { backoffDelay } from '../../kube/backoff.ts';
import type { ObjectKey } from '../../kube/types.ts';
import type { ManifestErrorCode } from '../../manifest/errors.ts';
import { type LoadResult, loadManifests, MANIFEST_SUFFIXES, type ManifestMemo } from '../../manifest/load.ts';
import type { Clock } from '../../platform/clock.ts';
import { SlipwayError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Random } from '../../platform/random.ts';
import type { Credentials } from './credentials.ts';
import { isPinned, type SourceRequest } from './request.ts';
import { failureOf, type SourceContent, type SourceState } from './state.ts';

export interface BranchOptions {
  git: GitSource;
  /** Reads a Secret; throws an error with a code and a message for the user. */
  credentials: (secret: ObjectKey, signal: AbortSignal) => Promise<Credentials>;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Milliseconds between two looks at a branch, give or take 10 %. */
  pollIntervalMs: number;
  /** Called when a folder whose content is new was parsed. */
  onRender?: () => void;
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

/** An Application that follows a branch. */
interface Follower {
  request: SourceRequest;
  state: SourceState;
  /** The commit that `state` is final for. */
  commit: string | undefined;
  /** What was read last, and the tree it was read from. */
  content: (SourceContent & { treeId: string }) | undefined;
  /** Somebody has asked for a look: the word by which they asked, and the number of the look that answers them. */
  asked: { word: string; look: number } | undefined;
}

/** One branch of one repository with one set of credentials, looked at for all Applications that follow it. */
export class Branch {
  readonly request: SourceRequest;
  readonly #o: BranchOptions;
  readonly #memo: ManifestMemo;
  readonly #followers = new Map<ObjectKey, Follower>();
  readonly #stop = new AbortController();
  #credentials: Credentials | undefined;
  #failures = 0;
  /** The commit at which the branch was found last. */
  #head: string | undefined;
  /** How many looks have begun and ended. */
  #begun = 0;
  #ended = 0;
  #looking = false;
  #again = false;
  #cancelTimer: (() => void) | undefined;

  constructor(request: SourceRequest, memo: ManifestMemo, options: BranchOptions) {
    this.request = request;
    this.#memo = memo;
    this.#o = options;
  }

  get isLooking(): boolean {
    return this.#looking;
  }

  follower(application: ObjectKey): Readonly<Follower> | undefined {
    return this.#followers.get(application);
  }

  follow(application: ObjectKey, request: SourceRequest): void {
    const nothing = { commit: undefined, content: undefined, asked: undefined };
    this.#followers.set(application, { request, state: { state: 'pending' }, ...nothing });
    this.look();
  }

  /** Looks now, once for each word. Returns whether that look has ended; the Application is told when it has. */
  looked(application: ObjectKey, word: string): boolean {
    const follower = this.#followers.get(application);
    if (follower === undefined) return true;
    if (follower.asked?.word !== word) {
      follower.asked = { word, look: this.#begun + 1 };
      this.look();
    }
    return this.#ended >= follower.asked.look;
  }

  /**
   * Whether there is something newer than the revision that an Application has acted on, or nothing was read yet. While the
   * repository does not answer, what was known before stands.
   */
  isBehind(application: ObjectKey, revision: string | undefined): boolean {
    const state = this.#followers.get(application)?.state;
    if (state === undefined || state.state === 'pending') return true;
    if (state.state === 'ready') return this.#head !== revision;
    return !state.failure.retryable || (this.#head !== undefined && this.#head !== revision);
  }

  /** Returns whether anybody still follows the branch; if not, it has stopped. */
  leave(application: ObjectKey): boolean {
    this.#followers.delete(application);
    if (this.#followers.size > 0) return true;
    this.stop();
    return false;
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#stop.abort(new DOMException('nobody wants this source any more', 'AbortError'));
  }

  /** Starts a look; one that is asked for while another runs follows it, since the first may have missed the news. */
  look(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#lookWhileAsked().catch((error: unknown) => {
      this.#o.logger.error({ err: error }, 'a look at a repository threw');
    });
  }

  async #lookWhileAsked(): Promise<void> {
    let failed = false;
    try {
      while (this.#again && !this.#stop.signal.aborted) {
        this.#again = false;
        this.#begun += 1;
        failed = !(await this.#lookOnce());
        this.#ended = this.#begun;
        for (const [key, { asked }] of this.#followers) if (asked?.look === this.#ended) this.#o.onChange(key);
      }
    } finally {
      this.#looking = false;
      this.#failures = failed ? this.#failures + 1 : 0;
      this.#schedule();
    }
  }

  #schedule(): void {
    const { clock, random, pollIntervalMs } = this.#o;
    if (this.#stop.signal.aborted) return;
    if (this.#failures === 0 && isPinned(this.request)) return;
    const delay =
      this.#failures > 0 ? backoffDelay(this.#failures, RETRY, random) : pollIntervalMs * (0.9 + 0.2 * random());
    this.#cancelTimer = clock.after(delay, () => this.look());
  }

  /** Returns false when the look should be repeated soon. */
  async #lookOnce(): Promise<boolean> {
    const { repoURL, targetRevision } = this.request;
    const { signal } = this.#stop;
    let commit: string;
    try {
      ({ commit } = await this.#withCredentials((credentials) =>
        this.#o.git.resolve({ url: repoURL, ...credentials }, targetRevision, signal),
      ));
    } catch (error) {
      if (!signal.aborted) for (const [key, follower] of this.#followers) this.#fail(key, follower, error);
      return false;
    }
    this.#head = commit;
    const behind = [...this.#followers].filter(([, follower]) => follower.commit !== commit);
    const results = await Promise.all(behind.map(([key, follower]) => this.#read(key, follower, commit)));
    // Those whose folder has changed were told at once; the others, which only note the commit, come after them.
    for (const [i, [key]] of behind.entries()) if (results[i] === 'moved') this.#o.onChange(key);
    return !results.includes('again');
  }

  /**
   * Reads the folder of one Application at a commit. `moved`: its content is what it was, and nobody was told yet. `again`:
   * that should be repeated soon.
   */
  async #read(key: ObjectKey, follower: Follower, commit: string): Promise<'done' | 'moved' | 'again'> {
    const { repoURL, path, recurse, include, exclude } = follower.request;
    const options = {
      recurse,
      suffixes: MANIFEST_SUFFIXES,
      ...(include !== undefined && { include }),
      ...(exclude !== undefined && { exclude }),
    };
    const { signal } = this.#stop;
    try {
      const { treeId, files } = await this.#withCredentials((credentials) =>
        this.#o.git.snapshot({ url: repoURL, ...credentials }, commit, path, options, signal),
      );
      // Most commits of a big repository touch other folders.
      const same = follower.content?.treeId === treeId ? follower.content : undefined;
      const loaded = same?.loaded ?? this.#render(files);
      const content = { revision: commit, loaded, treeId };
      follower.content = content;
      follower.state = { state: 'ready', content };
      follower.commit = commit;
      if (same !== undefined) return 'moved';
      this.#o.onChange(key);
      return 'done';
    } catch (error) {
      if (signal.aborted) return 'again';
      const final = error instanceof SlipwayError && CONTENT_CODES.has(error.code);
      this.#fail(key, follower, error);
      if (final) follower.commit = commit;
      return final ? 'done' : 'again';
    }
  }

  #render(files: readonly GitFile[]): LoadResult {
    this.#o.onRender?.();
    return loadManifests(files, { memo: this.#memo });
  }

  #fail(key: ObjectKey, follower: Follower, error: unknown): void {
    const failure = failureOf(error);
    if (!(error instanceof SlipwayError)) {
      this.#o.logger.error({ err: error, application: key }, 'reading a source threw');
    }
    const old = follower.state;
    follower.state = { state: 'failed', failure };
    follower.commit = undefined;
    const same = old.state === 'failed' && old.failure.code === failure.code && old.failure.message === failure.message;
    if (!same) this.#o.onChange(key);
  }

  /**
   * Remembered credentials that are refused may have been rotated: they are read again, once. A forge may also hide the
   * repository from them, and a CA bundle may have become another, so after any such failure the next look reads them again.
   */
  async #withCredentials<T>(act: (credentials: Credentials) => Promise<T>): Promise<T> {
    const { secret } = this.request;
    if (secret === undefined) return await act({});
    const remembered = this.#credentials;
    this.#credentials ??= await this.#o.credentials(secret, this.#stop.signal);
    try {
      return await act(this.#credentials);
    } catch (error) {
      if (error instanceof GitError && !CONTENT_CODES.has(error.code)) this.#credentials = undefined;
      if (!(error instanceof GitError) || error.code !== 'GitAuthFailed' || remembered === undefined) throw error;
      const fresh = await this.#o.credentials(secret, this.#stop.signal);
      const result = await act(fresh);
      this.#credentials = fresh;
      return result;
    }
  }
}
