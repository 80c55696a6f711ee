import type { RolloutStatus } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { availablePods, createdAt, hashOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot } from './snapshot.ts';

/** The ReplicaSets of a Rollout by their part in the release. */
export interface Lineup {
  /** Hash of the version that is rolled out; undefined when nothing was ever started. */
  currentHash: string | undefined;
  /** Its ReplicaSet, which may not exist yet. The same as `stable` when no update is under way. */
  current: ReplicaSet | undefined;
  /** The version that serves; undefined until a first one is complete. */
  stable: ReplicaSet | undefined;
  /** Everything else. */
  older: readonly ReplicaSet[];
}

export function lineupOf(
  replicaSets: readonly ReplicaSet[],
  currentHash: string | undefined,
  stable: ReplicaSet | undefined,
): Lineup {
  const current = currentHash === undefined ? undefined : byHash(replicaSets, currentHash);
  const older = replicaSets.filter((rs) => rs !== current && rs !== stable);
  return { currentHash, current, stable, older };
}

/**
 * The ReplicaSet that serves. When the status does not say (it was lost, or written by something else), the selector of
 * the stable (with blue-green: active) Service does: what was serving must not be replaced at once as if it were nothing.
 */
export function stableReplicaSet(
  snapshot: RolloutSnapshot,
  status: RolloutStatus,
  settings: Settings,
): ReplicaSet | undefined {
  if (status.stableRS !== undefined) {
    const recorded = byHash(snapshot.replicaSets, status.stableRS);
    if (recorded !== undefined) return recorded;
  }
  const name = settings.blueGreen === undefined ? settings.stableService : settings.blueGreen.activeService;
  const service = name === undefined ? undefined : snapshot.services[name];
  const hash = service?.spec.selector?.[POD_TEMPLATE_HASH_LABEL];
  const behind = hash === undefined ? undefined : byHash(snapshot.replicaSets, hash);
  return behind !== undefined && availablePods(behind) > 0 ? behind : undefined;
}

export function byHash(replicaSets: readonly ReplicaSet[], hash: string): ReplicaSet | undefined {
  return replicaSets.find((rs) => hashOf(rs) === hash && rs.metadata.deletionTimestamp === undefined);
}

/** True while a version other than the one that serves is being rolled out over it. */
export function isUpdating(lineup: Lineup): boolean {
  return (
    lineup.stable !== undefined && lineup.currentHash !== undefined && hashOf(lineup.stable) !== lineup.currentHash
  );
}

/**
 * Whether going from `stable` to `target` is a rollback that the window allows: the target was made before, with fewer
 * than `revisions` other ReplicaSets made in between. It skips steps, pauses and analysis.
 */
export function inRollbackWindow(
  target: ReplicaSet | undefined,
  stable: ReplicaSet | undefined,
  replicaSets: readonly ReplicaSet[],
  revisions: number | undefined,
): boolean {
  if (target === undefined || stable === undefined || revisions === undefined) return false;
  // One that is about to be made is the newest, not the oldest.
  if (target.metadata.creationTimestamp === undefined) return false;
  const [from, to] = [createdAt(target), createdAt(stable)];
  if (from >= to) return false;
  return replicaSets.filter((rs) => createdAt(rs) > from && createdAt(rs) < to).length < revisions;
}
