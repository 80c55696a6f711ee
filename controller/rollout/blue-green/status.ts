import type { RolloutStatus, RolloutStatusBlueGreen } from '../../api/generated/rollout.ts';
import type { Lineup } from '../lineup.ts';
import { compact } from '../plain.ts';
import { hashOf } from '../replica-sets.ts';
import { selectorText } from '../selector.ts';
import type { RolloutSnapshot } from '../snapshot.ts';

/** Hashes that the two Services have after a decision; undefined for a Service without one. */
export interface Selectors {
  active: string | undefined;
  preview: string | undefined;
}

/**
 * Pods that count for the status and for an autoscaler: those of the version behind the active Service, since those of a
 * preview carry no load. While the Service selects all versions, all count, as {@link all} says.
 */
export function servingCounts(
  { replicaSets }: RolloutSnapshot,
  { active }: Selectors,
  all: Partial<RolloutStatus>,
): Partial<RolloutStatus> {
  const serving = replicaSets.find((rs) => active !== undefined && hashOf(rs) === active);
  if (serving === undefined) return all;
  return {
    ...all,
    HPAReplicas: serving.status?.replicas ?? 0,
    readyReplicas: serving.status?.readyReplicas ?? 0,
    availableReplicas: serving.status?.availableReplicas ?? 0,
    selector: selectorText(serving.spec.selector),
  };
}

/** status.blueGreen after a decision. */
export function blueGreenStatus(
  state: RolloutStatus,
  { current }: Lineup,
  { active, preview }: Selectors,
): RolloutStatusBlueGreen {
  return compact<RolloutStatusBlueGreen>({
    ...state.blueGreen,
    activeSelector: active,
    previewSelector: preview,
    updatedAvailableReplicas: current?.status?.availableReplicas ?? 0,
  });
}

/** What still has to happen until a version whose pods are there is the one that serves; undefined when nothing has. */
export function cutoverMessage(
  { blueGreen, currentPodHash, stableRS }: RolloutStatus,
  analysed: boolean,
): string | undefined {
  if (blueGreen?.activeSelector === undefined || blueGreen.activeSelector !== currentPodHash) {
    return 'active service cutover pending';
  }
  if (stableRS === currentPodHash) return undefined;
  return analysed ? 'waiting for analysis to complete' : 'waiting for post-promotion verification to complete';
}

/** An analysis runs, or somebody is asked: no progress is expected. */
export function waitsForVerdict({ blueGreen, pauseConditions }: RolloutStatus): boolean {
  const runs = [blueGreen?.prePromotionAnalysisRunStatus, blueGreen?.postPromotionAnalysisRunStatus];
  return pauseConditions !== undefined || runs.some((run) => run?.status === 'Pending' || run?.status === 'Running');
}

/** Both Services are at the version that the spec asks for; a preview Service that there is none of counts as that. */
export function isAtCurrent({ blueGreen, currentPodHash }: RolloutStatus, previewed: boolean): boolean {
  return blueGreen?.activeSelector === currentPodHash && (!previewed || blueGreen?.previewSelector === currentPodHash);
}
