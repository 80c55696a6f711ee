import type {
  RolloutStatus,
  RolloutStatusBlueGreen,
  RolloutStatusBlueGreenPrePromotionAnalysisRunStatus,
} from '../../api/generated/rollout.ts';
import { unpaused } from '../pause.ts';
import { compact } from '../plain.ts';
import { hashOf } from '../replica-sets.ts';
import type { ReplicaSet } from '../snapshot.ts';

/** An AnalysisRun as status.blueGreen shows it. */
export type RunStatus = RolloutStatusBlueGreenPrePromotionAnalysisRunStatus;

const MAX_SERVED = 20;

/** Everything before the promotion is done: the new version gets all its pods and then the requests. */
export function isReleased(state: RolloutStatus): boolean {
  return state.blueGreen?.scaleUpPreviewCheckPoint === true;
}

/** The status with some fields of status.blueGreen changed; undefined removes one. */
export function withBlueGreen(
  state: RolloutStatus,
  change: { [K in keyof RolloutStatusBlueGreen]: RolloutStatusBlueGreen[K] | undefined },
): RolloutStatus {
  const blueGreen = compact<RolloutStatusBlueGreen>({ ...state.blueGreen, ...change });
  const { blueGreen: _, ...rest } = state;
  return Object.keys(blueGreen).length === 0 ? rest : { ...rest, blueGreen };
}

/** What is left of status.blueGreen when an update starts or is started over: nothing that belongs to a run. */
export function withoutBlueGreenRun(state: RolloutStatus): RolloutStatus {
  return withBlueGreen(state, {
    scaleUpPreviewCheckPoint: undefined,
    fastTracked: undefined,
    prePromotionAnalysisRunStatus: undefined,
    postPromotionAnalysisRunStatus: undefined,
  });
}

/** No pause and no analysis from here on. */
export function fastTracked(state: RolloutStatus): RolloutStatus {
  return withBlueGreen(state, { scaleUpPreviewCheckPoint: true, fastTracked: true });
}

/** No update is under way; the verdicts of the last one stay to be read. */
export function settledBlueGreen(state: RolloutStatus): RolloutStatus {
  return withBlueGreen(state, { scaleUpPreviewCheckPoint: undefined, fastTracked: undefined });
}

/** A version became the one that serves, and the update is over: going back to it later needs no test. */
export function withServed(state: RolloutStatus, hash: string, replicaSets: readonly ReplicaSet[]): RolloutStatus {
  const known = new Set(replicaSets.map(hashOf));
  const others = (state.blueGreen?.served ?? []).filter((one) => one !== hash && known.has(one));
  return withBlueGreen(settledBlueGreen(unpaused(state)), { served: [hash, ...others].slice(0, MAX_SERVED) });
}
