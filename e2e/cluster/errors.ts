/** A failure of the local cluster that a developer reads: what failed, why, and what to do about it. May span lines. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}

/** The message of anything that was thrown. */
export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
