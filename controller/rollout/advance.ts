import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { runPhase, type StepRunKey, stepRun, stepRunName, stepRunStatus } from './analysis-step.ts';
import { mergeAnalysis } from './analysis-templates.ts';
import type { DecisionEvent } from './decision.ts';
import {
  experimentEvent,
  experimentPhase,
  experimentStep,
  experimentVerdict,
  withExperiment,
  withoutOtherExperiment,
} from './experiment-step.ts';
import { paused, pauseState, unpaused } from './pause.ts';
import { compact } from './plain.ts';
import type { Settings } from './settings.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import { experimentName } from './step-experiment.ts';
import { describeStep, type Step } from './steps.ts';
import { abortUpdate } from './transition.ts';

export interface AdvanceInput {
  state: RolloutStatus;
  settings: Settings;
  snapshot: RolloutSnapshot;
  /** The version under test. */
  hash: string;
  revision: number;
  /** No step may be begun or ended; a bad verdict still counts. */
  held: boolean;
  /** Whether pods and requests are where the step at an index wants them. */
  reached(index: number): boolean;
  now: number;
}

export interface Advance {
  state: RolloutStatus;
  events: readonly DecisionEvent[];
  run?: AnalysisRun;
  experiment?: Experiment;
  /** The analysis or the experiment of the step cannot be made: the field and why. */
  invalid?: { field: string; problem: string };
  /** Milliseconds until the pause of the step is over. */
  waitMs?: number;
}

/** What became of the step at the index. */
export type StepResult =
  | {
      result: 'wait';
      state: RolloutStatus;
      waitMs?: number;
      run?: AnalysisRun;
      experiment?: Experiment;
      invalid?: Advance['invalid'];
      verdict?: DecisionEvent;
    }
  | { result: 'done'; resumed?: boolean; verdict?: DecisionEvent }
  | { result: 'failed'; why: string; verdict: DecisionEvent };

/** Ends the step that runs when it is done, and begins the next: at most one step per decision. */
export function advance(input: AdvanceInput): Advance {
  const { settings, now } = input;
  const index = input.state.currentStepIndex ?? 0;
  const step = settings.steps[index];
  const state = withoutOtherRun(input, index, step);
  if (step === undefined) return { state: unpaused(state), events: [] };

  const result = work({ ...input, state }, step, index);
  switch (result.result) {
    case 'wait':
      return waiting(input, result, said(result.verdict));
    case 'failed': {
      const aborted = abortUpdate(state, settings, `in step ${index + 1}/${settings.steps.length}: ${result.why}`, now);
      return { ...aborted, events: [result.verdict, ...aborted.events] };
    }
    case 'done': {
      const events = [...said(result.verdict), ...completed(settings, index, step, result.resumed === true)];
      const ended = withExperiment(withoutStepRun(unpaused(state)), undefined);
      const moved: RolloutStatus = { ...ended, currentStepIndex: index + 1 };
      const following = settings.steps[index + 1];
      if (following === undefined || isMove(following)) return { state: moved, events };
      const begun = work({ ...input, state: moved }, following, index + 1);
      return begun.result === 'wait' ? waiting(input, begun, events) : { state: moved, events };
    }
  }
}

/**
 * The abort for the step whose run or Experiment the state names, when that has a bad verdict; undefined otherwise. For while the steps
 * of the spec are not those that the index counts: the verdict is about the version, not about the step.
 */
export function abortedByVerdict(
  state: RolloutStatus,
  settings: Settings,
  { analysisRuns: runs, experiments }: Pick<RolloutSnapshot, 'analysisRuns' | 'experiments'>,
  now: number,
): Advance | undefined {
  const { currentStepAnalysisRunStatus, currentExperiment } = state.canary ?? {};
  const experiment = experiments.find(({ metadata }) => metadata.name === currentExperiment);
  if (experiment !== undefined && isBad(experimentPhase(experiment))) {
    const aborted = abortUpdate(state, settings, `after ${experimentVerdict(experiment)}`, now);
    return { ...aborted, events: [experimentEvent(experiment), ...aborted.events] };
  }
  const name = currentStepAnalysisRunStatus?.name;
  const run = runs.find((one) => one.metadata.name === name);
  if (run === undefined || !isBad(runPhase(run))) return undefined;
  const aborted = abortUpdate(state, settings, `after ${verdict(run)}`, now);
  return { ...aborted, events: [verdictEvent(run), ...aborted.events] };
}

function isBad(phase: string): boolean {
  return phase === 'Failed' || phase === 'Error';
}

function work(input: AdvanceInput, step: Step, index: number): StepResult {
  switch (step.kind) {
    case 'setCanaryScale':
    case 'setWeight':
    case 'setHeaderRoute':
    case 'setMirrorRoute':
      return !input.held && (input.reached(index) || isIgnored(step, input.settings))
        ? { result: 'done' }
        : { result: 'wait', state: unpausedUnlessHeld(input) };
    case 'pause':
      return pauseStep(input, step.durationMs);
    case 'analysis':
      return analysisStep(input, step, index);
    case 'experiment':
      return experimentStep(input, step, index, runKey(input, index));
    case 'invalid':
      return { result: 'wait', state: input.state };
  }
}

/** Steps that are begun by the plan of the same decision: their pods and requests. */
function isMove({ kind }: Step): boolean {
  return ['setWeight', 'setCanaryScale', 'setHeaderRoute', 'setMirrorRoute'].includes(kind);
}

/** Without traffic routing the pods are the traffic, so they cannot be scaled apart from it. */
function isIgnored({ kind }: Step, { routed }: Settings): boolean {
  return kind === 'setCanaryScale' && !routed;
}

function pauseStep({ state, held, now }: AdvanceInput, durationMs: number | undefined): StepResult {
  const pause = pauseState(state, 'CanaryPauseStep');
  if (held) return { result: 'wait', state };
  switch (pause.state) {
    case 'resumed':
      return { result: 'done', resumed: true };
    case 'none':
      return {
        result: 'wait',
        state: paused(state, 'CanaryPauseStep', now),
        ...(durationMs === undefined ? {} : { waitMs: Math.ceil(now / 1000) * 1000 + durationMs - now }),
      };
    case 'paused': {
      if (durationMs === undefined) return { result: 'wait', state };
      const left = pause.since + durationMs - now;
      return left <= 0 ? { result: 'done' } : { result: 'wait', state, waitMs: left };
    }
  }
}

function analysisStep(input: AdvanceInput, step: Step & { kind: 'analysis' }, index: number): StepResult {
  const { state, snapshot, held, now } = input;
  const key = runKey(input, index);
  const name = stepRunName(key);
  const run = snapshot.analysisRuns.find((one) => one.metadata.name === name);
  if (run === undefined) {
    if (held) return { result: 'wait', state };
    const merged = mergeAnalysis(step.analysis, snapshot.templates, {
      rollout: { ...snapshot.rollout, status: state },
      stableHash: state.stableRS,
      latestHash: input.hash,
    });
    if ('problem' in merged) {
      const field = `spec.strategy.canary.steps[${index}].${merged.field}`;
      return { result: 'wait', state, invalid: { field, problem: merged.problem } };
    }
    const created = stepRun(key, merged);
    return { result: 'wait', state: withStepRun(unpaused(state), created), run: created };
  }
  const seen = withStepRun(state, run);
  switch (runPhase(run)) {
    case 'Pending':
    case 'Running':
      return { result: 'wait', state: unpausedUnlessHeld({ ...input, state: seen }) };
    case 'Successful':
      return held ? { result: 'wait', state: seen } : { result: 'done', verdict: verdictEvent(run) };
    case 'Failed':
    case 'Error':
      return { result: 'failed', why: verdict(run), verdict: verdictEvent(run) };
    case 'Inconclusive': {
      if (held) return { result: 'wait', state: seen };
      const pause = pauseState(state, 'InconclusiveAnalysisRun');
      if (pause.state === 'resumed') return { result: 'done', resumed: true };
      if (pause.state === 'paused') return { result: 'wait', state: seen };
      return { result: 'wait', state: paused(seen, 'InconclusiveAnalysisRun', now), verdict: verdictEvent(run) };
    }
  }
}

function waiting(input: AdvanceInput, result: StepResult & { result: 'wait' }, before: DecisionEvent[]): Advance {
  const { settings } = input;
  const old = input.state.pauseConditions?.[0]?.reason;
  const current = result.state.pauseConditions?.[0]?.reason;
  const events = [...before];
  const index = result.state.currentStepIndex ?? 0;
  const where = `step ${index + 1}/${settings.steps.length}`;
  const run = result.state.canary?.currentStepAnalysisRunStatus;
  if (current !== undefined && current !== old) {
    const open =
      current === 'InconclusiveAnalysisRun'
        ? `AnalysisRun ${run?.name}`
        : current === 'InconclusiveExperiment'
          ? `Experiment ${result.state.canary?.currentExperiment}`
          : undefined;
    const message =
      open !== undefined
        ? `Paused at ${where}: ${open} is inconclusive; promote or abort`
        : `Paused at ${where} (${describeStep(settings.steps[index] ?? { kind: 'pause', durationMs: undefined })})`;
    events.push({ type: 'Normal', reason: Reason.RolloutPaused, message });
  }
  const { state, run: created, experiment, invalid, waitMs } = result;
  return compact<Advance>({ state, events, run: created, experiment, invalid, waitMs });
}

function said(verdict: DecisionEvent | undefined): DecisionEvent[] {
  return verdict === undefined ? [] : [verdict];
}

function completed(settings: Settings, index: number, step: Step, resumed: boolean): DecisionEvent[] {
  const where = `step ${index + 1}/${settings.steps.length} (${describeStep(step)})`;
  const events: DecisionEvent[] = [];
  if (resumed)
    events.push({ type: 'Normal', reason: Reason.RolloutResumed, message: `Resumed by request at ${where}` });
  events.push({ type: 'Normal', reason: Reason.RolloutStepCompleted, message: `Completed ${where}` });
  return events;
}

/** The Event that tells the verdict of a run. */
export function verdictEvent(run: AnalysisRun): DecisionEvent {
  const good = runPhase(run) === 'Successful';
  return {
    type: good ? 'Normal' : 'Warning',
    reason: `AnalysisRun${runPhase(run)}`,
    message: verdict(run),
  };
}

/** The verdict with its numbers, for example `AnalysisRun r-1: Failed: error-rate 0.08 …`. */
export function verdict(run: AnalysisRun): string {
  const message = run.status?.message;
  return `AnalysisRun ${run.metadata.name} ${runPhase(run)}${message === undefined || message === '' ? '' : `: ${message}`}`;
}

function runKey(input: AdvanceInput, step: number): StepRunKey {
  const { snapshot, hash, revision, state } = input;
  return { rollout: snapshot.rollout, hash, revision, step, retries: state.retries ?? 0 };
}

/** A run or an Experiment that belongs to another step, because a person moved the index, says nothing of this one. */
function withoutOtherRun(input: AdvanceInput, index: number, step: Step | undefined): RolloutStatus {
  const name = step?.kind === 'experiment' ? experimentName(runKey(input, index)) : undefined;
  const state = withoutOtherExperiment(input.state, name);
  const run = state.canary?.currentStepAnalysisRunStatus;
  if (run === undefined) return state;
  return step?.kind === 'analysis' && run.name === stepRunName(runKey(input, index)) ? state : withoutStepRun(state);
}

function withStepRun(state: RolloutStatus, run: AnalysisRun): RolloutStatus {
  return { ...state, canary: { ...state.canary, currentStepAnalysisRunStatus: stepRunStatus(run) } };
}

function withoutStepRun(state: RolloutStatus): RolloutStatus {
  const { currentStepAnalysisRunStatus: _, ...canary } = state.canary ?? {};
  return { ...state, canary };
}

function unpausedUnlessHeld({ state, held }: AdvanceInput): RolloutStatus {
  return held ? state : unpaused(state);
}
