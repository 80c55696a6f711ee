import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { RolloutStatus } from '../../api/generated/rollout.ts';
import { Reason } from '../../api/reasons.ts';
import { type Advance, verdict, verdictEvent } from '../advance.ts';
import { runPhase, stepRun, stepRunName, stepRunStatus } from '../analysis-step.ts';
import { mergeAnalysis } from '../analysis-templates.ts';
import type { DecisionEvent } from '../decision.ts';
import { paused, pauseState, unpaused } from '../pause.ts';
import type { Settings } from '../settings.ts';
import type { RolloutSnapshot } from '../snapshot.ts';
import { abortUpdate } from '../transition.ts';
import type { PromotionAnalysis } from './settings.ts';
import { type RunStatus, withBlueGreen } from './state.ts';

export interface JudgeInput {
  state: RolloutStatus;
  settings: Settings;
  snapshot: RolloutSnapshot;
  /** The version under test. */
  hash: string;
  revision: number;
  /** Nothing new may be begun; a bad verdict still counts. */
  held: boolean;
  now: number;
}

/** What an analysis before or after the promotion says. */
export type Judged =
  /** `resumed`: it had no verdict, and a person took it as good. */
  | { result: 'passed'; state: RolloutStatus; events: readonly DecisionEvent[]; resumed: boolean }
  | { result: 'waits' | 'failed'; advance: Advance };

type When = 'pre' | 'post';
const FIELDS = { pre: 'prePromotionAnalysis', post: 'postPromotionAnalysis' } as const;
const RECORDS = { pre: 'prePromotionAnalysisRunStatus', post: 'postPromotionAnalysisRunStatus' } as const;

/**
 * Starts the analysis when the version is `ready` for it, and says what came out. Without a verdict the update pauses until
 * somebody promotes, which takes the version as good, or aborts.
 */
export function judge(input: JudgeInput, when: When, analysis: PromotionAnalysis | undefined, ready: boolean): Judged {
  const { state, snapshot, held, now } = input;
  if (analysis === undefined) return { result: 'passed', state, events: [], resumed: false };
  const key = {
    rollout: snapshot.rollout,
    hash: input.hash,
    revision: input.revision,
    step: when,
    retries: state.retries ?? 0,
  };
  const name = stepRunName(key);
  const recorded = state.blueGreen?.[RECORDS[when]];
  const run = snapshot.analysisRuns.find((one) => one.metadata.name === name);
  if (run === undefined) {
    // Its verdict outlives it.
    if (recorded?.name === name && recorded.status === 'Successful') {
      return { result: 'passed', state, events: [], resumed: false };
    }
    return held || !ready ? waits({ state, events: [] }) : begin(input, when, analysis, key);
  }
  const seen = record(state, when, stepRunStatus(run));
  const events = recorded?.status === runPhase(run) ? [] : [verdictEvent(run)];
  switch (runPhase(run)) {
    case 'Pending':
    case 'Running':
      return waits({ state: held ? seen : unpaused(seen), events: [] });
    case 'Successful':
      return { result: 'passed', state: seen, events, resumed: false };
    case 'Failed':
    case 'Error':
      return failed(input, when, run);
    case 'Inconclusive': {
      const pause = pauseState(state, 'InconclusiveAnalysisRun');
      if (pause.state === 'resumed') return { result: 'passed', state: seen, events, resumed: true };
      if (held || pause.state === 'paused') return waits({ state: seen, events });
      const message = `Paused in ${FIELDS[when]}: AnalysisRun ${name} is inconclusive; promote or abort`;
      return waits({
        state: paused(seen, 'InconclusiveAnalysisRun', now),
        events: [...events, { type: 'Normal', reason: Reason.RolloutPaused, message }],
      });
    }
  }
}

function begin(input: JudgeInput, when: When, analysis: PromotionAnalysis, key: Parameters<typeof stepRun>[0]): Judged {
  const { state, snapshot } = input;
  const merged = mergeAnalysis(analysis, snapshot.templates, {
    rollout: { ...snapshot.rollout, status: state },
    stableHash: state.stableRS,
    latestHash: input.hash,
  });
  if ('problem' in merged) {
    return waits({ state, events: [], invalid: { field: analysisField(when, merged.field), problem: merged.problem } });
  }
  const run = stepRun(key, merged);
  return waits({ state: record(unpaused(state), when, stepRunStatus(run)), events: [], run });
}

function failed(input: JudgeInput, when: When, run: AnalysisRun): Judged {
  const aborted = abortUpdate(input.state, input.settings, `in ${FIELDS[when]}: ${verdict(run)}`, input.now);
  // What rejected it stays to be read.
  const state = record(aborted.state, when, stepRunStatus(run));
  return { result: 'failed', advance: { state, events: [verdictEvent(run), ...aborted.events] } };
}

function record(state: RolloutStatus, when: When, run: RunStatus): RolloutStatus {
  return withBlueGreen(state, { [RECORDS[when]]: run });
}

function waits(advance: Advance): Judged {
  return { result: 'waits', advance };
}

/** The path in a Rollout of a field that {@link mergeAnalysis} names. */
export function analysisField(when: When, field: string): string {
  return `spec.strategy.blueGreen.${FIELDS[when]}${field.replace(/^analysis/, '')}`;
}
