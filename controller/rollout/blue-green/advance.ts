import type { RolloutStatus } from '../../api/generated/rollout.ts';
import { Reason } from '../../api/reasons.ts';
import type { Advance } from '../advance.ts';
import type { DecisionEvent } from '../decision.ts';
import { paused, pauseState, unpaused } from '../pause.ts';
import { compact } from '../plain.ts';
import { availablePods, hashOf } from '../replica-sets.ts';
import type { ReplicaSet } from '../snapshot.ts';
import { type Pointer, pointsAtHash } from '../traffic.ts';
import { type Judged, type JudgeInput, judge } from './judge.ts';
import type { BlueGreenSettings } from './settings.ts';
import { isReleased, withBlueGreen } from './state.ts';

export interface BlueGreenAdvanceInput extends JudgeInput {
  blueGreen: BlueGreenSettings;
  /** See {@link previewReady}. */
  previewReady: boolean;
  /** The active Service points at the new version. */
  active: boolean;
}

/**
 * Where a blue-green update goes from here. Before the promotion: the preview is complete, the analysis is good, the pause
 * is over; that is stored as scaleUpPreviewCheckPoint, since all that follows rests on it. After it: the analysis of what
 * serves now.
 */
export function advanceBlueGreen(input: BlueGreenAdvanceInput): Advance {
  return isReleased(input.state) ? afterRelease(input) : beforeRelease(input);
}

function beforeRelease(input: BlueGreenAdvanceInput): Advance {
  const { blueGreen, held, previewReady, now } = input;
  const judged = judge(input, 'pre', blueGreen.before, previewReady);
  if (judged.result !== 'passed') return judged.advance;
  const { state, events } = judged;
  if (judged.resumed || !blueGreen.pauses) return release(input, judged);

  const pause = pauseState(state, 'BlueGreenPause');
  const { autoPromotionMs } = blueGreen;
  switch (pause.state) {
    case 'none': {
      if (held || !previewReady) return { state, events };
      const waits = autoPromotionMs === undefined ? 'until somebody promotes' : `for ${autoPromotionMs / 1000}s`;
      const message = `Paused before the promotion (BlueGreenPause): waits ${waits}`;
      return compact<Advance>({
        state: paused(state, 'BlueGreenPause', now),
        events: [...events, { type: 'Normal', reason: Reason.RolloutPaused, message }],
        waitMs: autoPromotionMs === undefined ? undefined : Math.ceil(now / 1000) * 1000 + autoPromotionMs - now,
      });
    }
    case 'paused': {
      if (autoPromotionMs === undefined) return { state, events };
      const left = pause.since + autoPromotionMs - now;
      if (left > 0) return { state, events, waitMs: left };
      return release(input, judged, `Resumed after ${autoPromotionMs / 1000}s`);
    }
    case 'resumed':
      return release(input, judged, 'Resumed by request');
  }
}

/** Nothing stands before the promotion any more; what was paused stays so while no version may move on. */
function release(
  { held, previewReady }: BlueGreenAdvanceInput,
  { state, events, resumed }: Extract<Judged, { result: 'passed' }>,
  message = resumed ? 'Resumed by request' : undefined,
): Advance {
  if (held || !previewReady) return { state, events };
  const said: DecisionEvent[] =
    message === undefined ? [] : [{ type: 'Normal', reason: Reason.RolloutResumed, message }];
  return {
    state: withBlueGreen(unpaused(state), { scaleUpPreviewCheckPoint: true }),
    events: [...events, ...said],
  };
}

function afterRelease(input: BlueGreenAdvanceInput): Advance {
  const { state, held, active, blueGreen } = input;
  if (state.blueGreen?.fastTracked === true || blueGreen.after === undefined) {
    return { state: held ? state : unpaused(state), events: [] };
  }
  const judged = judge(input, 'post', blueGreen.after, active);
  return judged.result === 'passed' ? { state: judged.state, events: judged.events } : judged.advance;
}

/** Whether what was to be measured after the requests moved is good, or a person took it as good. */
export function passedAfter(state: RolloutStatus, { after }: BlueGreenSettings): boolean {
  if (after === undefined || state.blueGreen?.fastTracked === true) return true;
  const verdict = state.blueGreen?.postPromotionAnalysisRunStatus?.status;
  if (verdict === 'Inconclusive') return pauseState(state, 'InconclusiveAnalysisRun').state === 'resumed';
  return verdict === 'Successful';
}

/** All pods that a preview is to have serve, behind the preview Service where there is one. */
export function previewReady(current: ReplicaSet, preview: Pointer, blueGreen: BlueGreenSettings): boolean {
  const { previewReplicas } = blueGreen;
  if (current.metadata.resourceVersion === undefined || availablePods(current) < previewReplicas) return false;
  return preview.at === 'nothing' || previewReplicas === 0 || pointsAtHash(preview, hashOf(current));
}
