import type { RolloutStatus } from '../../api/generated/rollout.ts';
import { inRollbackWindow, type Lineup } from '../lineup.ts';
import { deadlineOf, revisionOf } from '../replica-sets.ts';
import type { Settings } from '../settings.ts';
import type { ReplicaSet } from '../snapshot.ts';

/**
 * Why an update to the current version takes no pause and no analysis; undefined when it takes them. Two ways lead back to
 * a version that served: the rollback window, and its own pods while they still wait for the end of their delay.
 *
 * Only what was stable counts for the second: the pods of an aborted version wait for a deadline, too, and a version that
 * was rejected must not serve without its test.
 */
export function fastTrack(
  lineup: Lineup,
  status: RolloutStatus,
  replicaSets: readonly ReplicaSet[],
  settings: Settings,
  now: number,
): string | undefined {
  const { current, currentHash, stable } = lineup;
  if (current === undefined || currentHash === undefined) return undefined;
  if (status.model?.rejected?.some((entry) => entry.podTemplateHash === currentHash) === true) return undefined;
  const back = `rollback to revision ${revisionOf(current)}`;
  const deadline = deadlineOf(current);
  if (status.blueGreen?.served?.includes(currentHash) === true && deadline !== undefined && deadline > now) {
    return `${back}, whose pods are still there`;
  }
  return inRollbackWindow(current, stable, replicaSets, settings.rollbackRevisions)
    ? `${back} within the rollback window`
    : undefined;
}
