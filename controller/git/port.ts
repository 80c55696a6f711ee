/** What the rest of Slipway may ask of Git. The adapter is chosen in the composition root. */

export type GitAuth = { username: string; password: string } | { token: string };

/** A repository and how to reach it. Two values with equal fields share one local copy; different credentials never do. */
export interface GitRepo {
  /** http(s) URL. User information in it is used as credentials and never shown. */
  url: string;
  auth?: GitAuth;
  /** PEM bundle trusted for this server instead of the system's. */
  ca?: string;
}

export interface ResolvedRevision {
  /** 40 hex digits. */
  commit: string;
  /** The full ref that was read; absent when the revision was a commit id. */
  ref?: string;
}

/** Which files of a directory are wanted. */
export interface SnapshotOptions {
  /** Also read subdirectories. */
  recurse?: boolean;
  /** Glob over paths relative to the directory; only matching files are read. `*` also matches `/`. */
  include?: string;
  /** Glob over paths relative to the directory; matching files and submodules are left out. Wins over `include`. */
  exclude?: string;
  /** File name endings such as `.yaml`; every file when absent. */
  suffixes?: readonly string[];
}

export interface GitFile {
  /** Path from the root of the repository. */
  path: string;
  /** Id of the content: equal ids mean equal text. */
  blobId: string;
  text: string;
}

export interface GitSnapshot {
  /** Id of the directory's tree: equal ids mean equal content of everything below it. */
  treeId: string;
  /** In order of path. */
  files: readonly GitFile[];
}

/**
 * Read access to Git. Every method rejects with a {@link GitError}. Both are safe to call often: a resolve is one small
 * request, and a snapshot of a directory that did not change costs no request and returns the same object as before.
 */
export interface GitSource {
  /**
   * Turns a branch, tag, full ref, 40-digit commit id, or nothing/`HEAD` into a commit. A branch wins over a tag of the same
   * name. Commit ids are not looked up here: a snapshot of an unknown one fails.
   */
  resolve(repo: GitRepo, revision: string, signal?: AbortSignal): Promise<ResolvedRevision>;
  /** The wanted files of the directory `path` in `commit`; `''` or `.` is the root. */
  snapshot(
    repo: GitRepo,
    commit: string,
    path: string,
    options?: SnapshotOptions,
    signal?: AbortSignal,
  ): Promise<GitSnapshot>;
  /** Stops the work in progress and removes the local copies. */
  close(): Promise<void>;
}
