import { join } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { Lru } from '../platform/lru.ts';
import { GitError, scrub } from './errors.ts';
import type { GitHttp } from './http-client.ts';
import type { GitLimits } from './limits.ts';
import { type FetchOptions, LocalCopy } from './local-copy.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { Mutex } from './mutex.ts';
import type { RemoteRevision } from './remote-refs.ts';
import type { Objects, TreeEntry } from './tree.ts';

export interface RepositoryOptions {
  /** Where the local copies of this repository live, one directory per generation. */
  directory: string;
  /** Address to connect to, without credentials. */
  url: string;
  /** Address for messages. */
  name: string;
  limits: GitLimits;
  /** For small files of local copies. */
  memory: MemoryBudget;
  clock: Clock;
}

/** How long a commit that was not found stays so, unless a ref is seen to lead to it. */
const MISSING_MS = 5 * 60_000;

/** What a read may use while it holds the repository. */
export interface CommitView {
  root: string;
  objects: Objects;
}

/** Talks to the server of a repository when it is its turn. */
export type Connect = <T>(use: (http: GitHttp) => Promise<T>) => Promise<T>;

type FetchScope = Pick<FetchOptions, 'want' | 'depth' | 'all'>;

/** Weight of the tree memo, in entries: about 100 bytes each. */
const TREE_MEMO_ENTRIES = 100_000;

/**
 * One repository with one set of credentials. All work on the local copy goes through one mutex, so two Applications of one
 * repository share a fetch. The local copy is disposable: whatever goes wrong with it, a fresh one replaces it.
 */
export class Repository {
  readonly #options: RepositoryOptions;
  readonly #mutex = new Mutex();
  readonly #trees = new Lru<string, readonly TreeEntry[]>(TREE_MEMO_ENTRIES, (entries) => entries.length + 1);
  /** What the server called a commit when it was resolved: the ref to continue from, the id it will hand out. */
  readonly #seen = new Lru<string, RemoteRevision>(1000);
  /** The newest commit that is here, by ref. */
  readonly #tips = new Lru<string, string>(200);
  /** Commits that no branch or tag had, and until when that is taken for granted: finding out costs a full clone. */
  readonly #missing = new Lru<string, number>(1000);
  #copy: LocalCopy | undefined;
  #generation = 0;

  constructor(options: RepositoryOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#mutex.busy;
  }

  noteResolved(revision: RemoteRevision): void {
    // A commit id is not looked up, so it says nothing about where the commit is.
    if (revision.ref === undefined) return;
    this.#seen.set(revision.commit, revision);
    this.#missing.delete(revision.commit);
  }

  /** Runs `read` on a commit, fetching it first when it is not here. Damage found on the way is healed once. */
  withCommit<T>(commit: string, connect: Connect, read: (view: CommitView) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      try {
        return await this.#attempt(commit, connect, read);
      } catch (error) {
        if (error instanceof GitError) throw error;
        await this.#discard();
        try {
          return await this.#attempt(commit, connect, read);
        } catch (again) {
          if (again instanceof GitError) throw again;
          throw new GitError(
            'GitCorrupt',
            `the local copy of ${this.#options.name} cannot be used (${messageOf(again)}): it is fetched anew; check the disk if this repeats`,
          );
        }
      } finally {
        this.#copy?.forget();
      }
    });
  }

  /** Removes the local copy. */
  remove(): Promise<void> {
    return this.#mutex.run(() => this.#discard());
  }

  async #attempt<T>(commit: string, connect: Connect, read: (view: CommitView) => Promise<T>): Promise<T> {
    const copy = await this.#ensure(commit, connect);
    const raw = copy.objects();
    const tree = async (oid: string): Promise<readonly TreeEntry[]> => {
      const known = this.#trees.get(oid);
      if (known !== undefined) return known;
      const entries = await raw.tree(oid);
      this.#trees.set(oid, entries);
      return entries;
    };
    return read({ root: await copy.rootTree(commit), objects: { tree, blob: raw.blob } });
  }

  async #ensure(commit: string, connect: Connect): Promise<LocalCopy> {
    const copy = this.#copy;
    if ((this.#missing.get(commit) ?? 0) > this.#options.clock.monotonic()) throw this.#notFound(commit);
    if (copy !== undefined) {
      if (await copy.hasCommit(commit)) return copy;
      if ((await copy.packs()) < this.#options.limits.maxPacks) {
        try {
          await this.#fetchInto(copy, commit, connect);
          if (await copy.hasCommit(commit)) return this.#note(commit, copy);
        } catch (error) {
          // A rewritten branch can make the difference larger than the whole; a fresh copy decides.
          if (!(error instanceof GitError) || error.code !== 'GitTooLarge') throw error;
        }
      }
    }
    // A server that hands out tips only needs the whole history to be asked for, when the commit is no tip any more.
    const want = this.#seen.get(commit)?.advertised ?? commit;
    const fresh =
      (await this.#fresh(commit, connect, { want, depth: 1 })) ??
      (await this.#fresh(commit, connect, { want, all: true }));
    if (fresh === undefined) {
      this.#missing.set(commit, this.#options.clock.monotonic() + MISSING_MS);
      throw this.#notFound(commit);
    }
    this.#copy = fresh;
    await copy?.remove();
    return this.#note(commit, fresh);
  }

  /** The next commit of a known ref costs its difference; a ref seen for the first time costs one tree. */
  async #fetchInto(copy: LocalCopy, commit: string, connect: Connect): Promise<void> {
    const seen = this.#seen.get(commit);
    const want = seen?.advertised ?? commit;
    const have = seen?.ref === undefined ? undefined : this.#tips.get(seen.ref);
    const from = have !== undefined && (await copy.hasCommit(have)) ? { have } : { depth: 1 };
    await connect((http) =>
      fetchOr(http, this.#options, () => copy.fetch({ http, url: this.#options.url, want, ...from })),
    );
  }

  /** A new copy that has the commit, or undefined when the server did not send it. The old copy stays until the swap. */
  async #fresh(commit: string, connect: Connect, what: FetchScope): Promise<LocalCopy | undefined> {
    const { directory, name, url, limits, memory } = this.#options;
    const copy = await LocalCopy.create({
      directory: join(directory, String(++this.#generation)),
      name,
      maxObjectBytes: limits.maxObjectBytes,
      memory,
    });
    let useful = false;
    try {
      await connect((http) => fetchOr(http, this.#options, () => copy.fetch({ http, url, ...what })));
      useful = await copy.hasCommit(commit);
      return useful ? copy : undefined;
    } finally {
      if (!useful) await copy.remove();
    }
  }

  #notFound(commit: string): GitError {
    return new GitError(
      'GitRevisionNotFound',
      `${this.#options.name} does not have commit ${commit} on any branch or tag: correct targetRevision or push it`,
    );
  }

  #note(commit: string, copy: LocalCopy): LocalCopy {
    const ref = this.#seen.get(commit)?.ref;
    if (ref !== undefined) this.#tips.set(ref, commit);
    return copy;
  }

  async #discard(): Promise<void> {
    const copy = this.#copy;
    this.#copy = undefined;
    await copy?.remove();
  }
}

/** Runs a fetch and turns what isomorphic-git throws into our errors; damage of the local copy passes through. */
async function fetchOr(
  http: GitHttp,
  options: Pick<RepositoryOptions, 'name'>,
  fetch: () => Promise<void>,
): Promise<void> {
  try {
    await fetch();
  } catch (error) {
    throw remoteError(error, options.name, http);
  }
}

/** The meaning of an error of a remote operation; errors of the local copy come back as they are. */
export function remoteError(thrown: unknown, name: string, http: GitHttp): unknown {
  const error = http.failure() ?? thrown;
  if (error instanceof GitError || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  const unreadable = code === 'ParseError' || code === 'SmartHttpError' || code === 'EmptyServerResponseError';
  if (unreadable && !http.spokeGit()) {
    return new GitError(
      'GitRepositoryNotFound',
      `${name} did not answer as a Git server: check that it is the URL to clone from`,
    );
  }
  // isomorphic-git passes on a message of the server as an Error without a code.
  if (unreadable || code === undefined) {
    return new GitError(
      'GitUnreachable',
      `${name} broke off the fetch (${scrub(error.message).trim()}): it is tried again; look at the server's log if this repeats`,
    );
  }
  return error;
}
