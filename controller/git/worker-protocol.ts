import type { GitErrorData } from './errors.ts';
import type { Answer } from './gather.ts';
import type { GitLimits } from './limits.ts';
import type { GitRepo, ResolvedRevision, SnapshotOptions } from './port.ts';

/** What the host asks of the worker. Everything is plain data. */
export type GitCall =
  | { op: 'resolve'; repo: GitRepo; revision: string }
  | ({ repo: GitRepo; commit: string } & CommitQuestion)
  /** Several questions about one commit, of which each may fail for itself. */
  | { op: 'many'; repo: GitRepo; commit: string; questions: readonly CommitQuestion[] };

/** A question about a commit. */
export type CommitQuestion = ListQuestion | ReadQuestion;

export interface ListQuestion {
  op: 'list';
  path: string;
  options: SnapshotOptions;
}

export interface ReadQuestion {
  op: 'read';
  files: readonly FileRef[];
}

export interface FileRef {
  path: string;
  blobId: string;
}

export interface GitResults {
  resolve: ResolvedRevision;
  list: { treeId: string; files: FileRef[] };
  /** Texts in the order of the files asked for. */
  read: string[];
  many: Answer<unknown>[];
}

export type HostMessage = { type: 'call'; id: number; call: GitCall } | { type: 'ping' };

export type WorkerMessage =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: GitErrorData }
  | { type: 'pong' };

/** Given to the worker when it starts. */
export interface GitWorkerData {
  /** A directory that this process alone uses. */
  directory: string;
  limits: GitLimits;
}
