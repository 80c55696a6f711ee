import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { type Advance, verdict, verdictEvent } from './advance.ts';
import { runPhase, type StepRunKey, stepRun, stepRunName, stepRunStatus } from './analysis-step.ts';
import { mergeAnalysis } from './analysis-templates.ts';
import type { DecisionEvent } from './decision.ts';
import { paused, pauseState, unpaused } from './pause.ts';
import type { Settings } from './settings.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import { abortUpdate } from './transition.ts';

export interface BackgroundInput {
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

/** What the analysis beside the steps says: `goesOn` leaves it to the steps, with what is newly known. */
export type Background =
  | { goesOn: true; state: RolloutStatus; events: readonly DecisionEvent[] }
  | ({ goesOn: false } & Advance);

/**
 * The analysis that goes on beside the steps, from `startingStep` to the promotion. A bad verdict aborts at any time, also in
 * the middle of a pause. Without a verdict the update pauses; who promotes then wants it measured once more. That it ended
 * as good before the steps did is fine.
 */
export function background(input: BackgroundInput): Background {
  const { state, settings, snapshot, held } = input;
  const recorded = state.canary?.currentBackgroundAnalysisRunStatus;
  if (recorded === undefined) {
    return isDue(input) && !held ? begin(input, 0) : { goesOn: true, state, events: [] };
  }
  const run = snapshot.analysisRuns.find((one) => one.metadata.name === recorded.name);
  // Its verdict outlives it; one that was deleted while it ran is measured anew.
  if (run === undefined) {
    const over = recorded.status === 'Successful' || held || !isDue(input);
    return over ? { goesOn: true, state, events: [] } : begin(input, countOf(recorded.name));
  }
  const seen = record(state, run);
  const events = recorded.status === runPhase(run) ? [] : said(run);
  switch (runPhase(run)) {
    case 'Pending':
    case 'Running':
    case 'Successful':
      return { goesOn: true, state: seen, events };
    case 'Failed':
    case 'Error': {
      const aborted = abortUpdate(state, settings, `in the analysis beside the steps: ${verdict(run)}`, input.now);
      // What rejected it stays to be read.
      return {
        goesOn: false,
        ...aborted,
        state: record(aborted.state, run),
        events: [verdictEvent(run), ...aborted.events],
      };
    }
    case 'Inconclusive':
      return inconclusive(input, run, seen, events, recorded.status === 'Inconclusive');
  }
}

/**
 * @param known the status said before that there is no verdict; otherwise a pause that a person has just ended is that of a
 *   step
 */
function inconclusive(
  input: BackgroundInput,
  run: AnalysisRun,
  seen: RolloutStatus,
  events: readonly DecisionEvent[],
  known: boolean,
): Background {
  const pause = pauseState(seen, 'InconclusiveAnalysisRun');
  if (input.held || (pause.state === 'resumed' && !known)) return { goesOn: true, state: seen, events };
  if (pause.state === 'paused') return { goesOn: false, state: seen, events };
  if (pause.state === 'resumed') {
    const begun = begin({ ...input, state: unpaused(seen) }, countOf(run.metadata.name) + 1);
    const message = 'Resumed by request: measured once more beside the steps';
    return { ...begun, events: [{ type: 'Normal', reason: Reason.RolloutResumed, message }, ...begun.events] };
  }
  const message = `Paused: AnalysisRun ${run.metadata.name} is inconclusive; promote or abort`;
  return {
    goesOn: false,
    state: paused(seen, 'InconclusiveAnalysisRun', input.now),
    events: [...events, { type: 'Normal', reason: Reason.RolloutPaused, message }],
  };
}

/** There is an update whose steps are not skipped, and it is far enough. */
function isDue({ state, settings }: BackgroundInput): boolean {
  const index = state.currentStepIndex ?? 0;
  const { background: wanted, steps } = settings;
  return wanted !== undefined && index >= wanted.startingStep && (steps.length === 0 || index < steps.length);
}

function begin(input: BackgroundInput, count: number): Background {
  const { state, settings, snapshot, hash, revision } = input;
  const analysis = settings.background?.analysis;
  if (analysis === undefined) return { goesOn: true, state, events: [] };
  const merged = mergeAnalysis(analysis, snapshot.templates, {
    rollout: { ...snapshot.rollout, status: state },
    stableHash: state.stableRS,
    latestHash: hash,
  });
  if ('problem' in merged) {
    const invalid = { field: `spec.strategy.canary.${merged.field}`, problem: merged.problem };
    return { goesOn: false, state, events: [], invalid };
  }
  const retries = Math.max(state.retries ?? 0, count);
  const key: StepRunKey = { rollout: snapshot.rollout, hash, revision, step: 'background', retries };
  const run = stepRun(key, merged);
  // Made before a crash, it is already there.
  const made = snapshot.analysisRuns.find((one) => one.metadata.name === stepRunName(key));
  return { goesOn: false, state: record(state, made ?? run), events: [], ...(made === undefined && { run }) };
}

/** The number at the end of the name of a run: how often it was begun anew. */
function countOf(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
}

function record(state: RolloutStatus, run: AnalysisRun): RolloutStatus {
  return { ...state, canary: { ...state.canary, currentBackgroundAnalysisRunStatus: stepRunStatus(run) } };
}

function said(run: AnalysisRun): DecisionEvent[] {
  const phase = runPhase(run);
  return phase === 'Pending' || phase === 'Running' ? [] : [verdictEvent(run)];
}
