/** What one repository may cost. Everything from a Git server is bounded, so that a hostile one cannot take the process. */
export interface GitLimits {
  /** One whole operation, in milliseconds: connect, fetch and read. */
  timeoutMs: number;
  /** Silence of the server that ends a request, in milliseconds. */
  idleTimeoutMs: number;
  /** Body of a ref advertisement. */
  maxRefsBytes: number;
  /** Body of a fetch. A pack is held in memory while it is indexed. */
  maxPackBytes: number;
  /** Any single object of the repository after decompression. */
  maxObjectBytes: number;
  /** A file that is read. */
  maxFileBytes: number;
  /** All files of one snapshot together. */
  maxSnapshotBytes: number;
  /** Files in one snapshot. */
  maxFiles: number;
  /** Directories below the path of a snapshot. */
  maxDepth: number;
  /** Packs in a local copy before it is replaced by a fresh one: packs are never merged. */
  maxPacks: number;
  /** Small files of all local copies together that are kept in memory instead of on the disk. */
  maxBytesInMemory: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_GIT_LIMITS: GitLimits = {
  timeoutMs: 90_000,
  idleTimeoutMs: 30_000,
  maxRefsBytes: 32 * MIB,
  maxPackBytes: 256 * MIB,
  maxObjectBytes: 64 * MIB,
  maxFileBytes: 3 * MIB,
  maxSnapshotBytes: 64 * MIB,
  maxFiles: 20_000,
  maxDepth: 32,
  maxPacks: 50,
  maxBytesInMemory: 32 * MIB,
};
