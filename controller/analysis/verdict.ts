import type { NewCondition } from '../api/conditions.ts';
import type { AnalysisRunStatus, AnalysisRunStatusMetricResult as MetricResult } from '../api/generated/analysisrun.ts';
import { Reason } from '../api/reasons.ts';
import { isDecided } from './measurements.ts';

/** An Event to record on the AnalysisRun. */
export interface AnalysisEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

type Phase = MetricResult['phase'];

/** From best to worst: the phase of a run is the worst of its metrics. */
const FROM_BEST_TO_WORST: readonly Phase[] = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'];

/** Why the run ended as it did: what the metrics that spoiled it say, else what all say that decide. */
export function verdict(phase: Phase, results: readonly MetricResult[], terminated: boolean): string {
  if (results.length === 0) return `${terminated ? 'terminated; ' : ''}no metric decides, all are dry runs`;
  const spoiling = results.filter((result) => result.phase === phase);
  const words = spoiling.map((result) => `metric "${result.name}" ${VERB[result.phase]}: ${result.message ?? ''}`);
  return `${terminated ? 'terminated; ' : ''}${words.join('; ')}`;
}

/** How far a metric is, for the condition of a run that goes on. */
function progress(result: MetricResult): string {
  const { name, phase, message, count = 0, successful = 0 } = result;
  if (isDecided(phase)) return `metric "${name}" ${VERB[phase]}: ${message ?? ''}`;
  return `metric "${name}": ${message ?? (count === 0 ? 'not measured yet' : `${successful} of ${count} measurements good so far`)}`;
}

/**
 * Events for what changed between two statuses. That a run which was stopped from outside has no verdict is no news about
 * the version, so it warns nobody; nor does what never decides.
 */
export function eventsOf(before: AnalysisRunStatus, after: AnalysisRunStatus, terminated: boolean): AnalysisEvent[] {
  const events: AnalysisEvent[] = [];
  for (const result of after.metricResults ?? []) {
    if (terminated && result.phase === 'Inconclusive') continue;
    const old = before.metricResults?.find(({ name }) => name === result.name);
    const dry = result.dryRun === true;
    const about = `${dry ? 'dry run of ' : ''}metric "${result.name}"`;
    if (isDecided(result.phase) && old?.phase !== result.phase) {
      const message = `${about} ${VERB[result.phase]}: ${result.message ?? ''}`;
      events.push({ type: dry ? 'Normal' : typeOf(result.phase), reason: METRIC_REASON[result.phase], message });
    } else if ((result.error ?? 0) > (old?.error ?? 0)) {
      const type = dry ? 'Normal' : 'Warning';
      events.push({ type, reason: Reason.MeasurementError, message: `${about}: ${result.message ?? ''}` });
    }
  }
  const { phase } = after;
  if (phase !== undefined && isDecided(phase)) {
    const type = terminated && phase === 'Inconclusive' ? 'Normal' : typeOf(phase);
    events.push({ type, reason: RUN_REASON[phase], message: after.message ?? '' });
  }
  return events;
}

function typeOf(phase: Phase): 'Normal' | 'Warning' {
  return phase === 'Successful' ? 'Normal' : 'Warning';
}

/** The phase of a run from the metrics that decide, which all have; good when none does. */
export function worst(results: readonly MetricResult[]): Phase {
  const rank = Math.max(0, ...results.map(({ phase }) => FROM_BEST_TO_WORST.indexOf(phase)));
  return FROM_BEST_TO_WORST[rank] ?? 'Error';
}

/** Metrics by phase. */
export function summary(results: readonly MetricResult[]): NonNullable<AnalysisRunStatus['runSummary']> {
  const of = (phase: Phase): number => results.filter((result) => result.phase === phase).length;
  return {
    count: results.length,
    successful: of('Successful'),
    failed: of('Failed'),
    inconclusive: of('Inconclusive'),
    error: of('Error'),
  };
}

/** The condition `Complete` of a run with this status, but for its times: it says nothing that the rest does not say. */
export function completeCondition(status: AnalysisRunStatus): Omit<NewCondition, 'observedGeneration'> {
  const { phase, metricResults = [] } = status;
  if (phase !== undefined && isDecided(phase)) {
    return { type: 'Complete', status: 'True', reason: runReason(phase), message: status.message ?? '' };
  }
  const trouble = metricResults.some((result) => result.dryRun !== true && (result.consecutiveError ?? 0) > 0);
  return {
    type: 'Complete',
    status: 'False',
    reason: trouble ? Reason.MeasurementError : Reason.Measuring,
    message: metricResults.map(progress).join('; '),
  };
}

/** Reason of the condition and of the Event for a run in this phase. */
function runReason(phase: Phase): string {
  return RUN_REASON[phase];
}

const VERB: Readonly<Record<Phase, string>> = {
  Pending: 'waits',
  Running: 'is measured',
  Successful: 'held',
  Failed: 'failed',
  Inconclusive: 'is inconclusive',
  Error: 'could not be measured',
};

const RUN_REASON: Readonly<Record<Phase, string>> = {
  Pending: Reason.Measuring,
  Running: Reason.Measuring,
  Successful: Reason.AnalysisRunSuccessful,
  Failed: Reason.AnalysisRunFailed,
  Inconclusive: Reason.AnalysisRunInconclusive,
  Error: Reason.AnalysisRunError,
};

const METRIC_REASON: Readonly<Record<Phase, string>> = {
  Pending: Reason.Measuring,
  Running: Reason.Measuring,
  Successful: Reason.MetricSuccessful,
  Failed: Reason.MetricFailed,
  Inconclusive: Reason.MetricInconclusive,
  Error: Reason.MetricError,
};
