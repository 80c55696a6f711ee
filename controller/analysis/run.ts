import { setCondition, timestamp } from '../api/conditions.ts';
import type {
  AnalysisRun,
  AnalysisRunStatus,
  AnalysisRunStatusMetricResult as MetricResult,
} from '../api/generated/analysisrun.ts';
import { applyRules } from '../api/metric-rules.ts';
import { specProblem } from '../api/stored-object.ts';
import { addMeasurement, assessMetric, dueIn, isDecided, type Measurement } from './measurements.ts';
import { type Metric, MetricInvalidError, prepareMetric } from './metric.ts';
import { type AnalysisEvent, completeCondition, eventsOf, summary, verdict, worst } from './verdict.ts';

export interface AnalysisDecision {
  /** Metrics to measure now; one that is being measured already is listed until its measurement is handed in. */
  measure: readonly Metric[];
  status: AnalysisRunStatus;
  events: readonly AnalysisEvent[];
  /** Look again after this many milliseconds; undefined when only a change or a measurement matters. */
  requeueAfterMs?: number;
}

/**
 * Decides what comes next in a run. Pure and level-triggered: everything that was measured and counts is in the run's status,
 * so a measurement that was lost with the process is simply due again.
 *
 * @param finished measurements that are not in the run's status yet; those that come too late are ignored
 * @param now milliseconds since the epoch
 */
export function decideAnalysisRun(run: AnalysisRun, finished: readonly Measurement[], now: number): AnalysisDecision {
  const before = run.status ?? {};
  if (isDecided(before.phase)) return { measure: [], status: before, events: [] };
  const problem = specProblem(run);
  if (problem !== undefined) return unreadable(run, problem, now);
  const rules = applyRules(
    run.spec,
    run.spec.metrics.map(({ name }) => name),
  );
  if ('problem' in rules) return unreadable(run, `spec.${rules.field}: ${rules.problem}`, now);
  // A start in the future (a clock was set back) would make the initial delay endless.
  const startedAt = Date.parse(before.startedAt ?? '') <= now ? (before.startedAt ?? '') : timestamp(now);
  const args = new Map((run.spec.args ?? []).map(({ name, value }) => [name, value]));
  const metrics = run.spec.metrics.map((spec) => {
    const known = before.metricResults?.find((result) => result.name === spec.name);
    const fresh: MetricResult = { name: spec.name, phase: 'Pending' };
    const result: MetricResult = known ?? (rules.dryRun.has(spec.name) ? { ...fresh, dryRun: true } : fresh);
    const metric = prepared(() => prepareMetric(spec, args, rules));
    if (metric instanceof MetricInvalidError) {
      return { metric: undefined, result: isDecided(result.phase) ? result : unmeasurable(result, metric) };
    }
    const mine = finished.filter((measurement) => measurement.metric === spec.name);
    const measured = mine.reduce((sum, measurement) => addMeasurement(metric, sum, measurement), result);
    return { metric, result: assessMetric(metric, measured, false) };
  });
  const deciding = metrics.filter(({ result }) => result.dryRun !== true);
  const spoiled = deciding.some(({ result }) => isDecided(result.phase) && result.phase !== 'Successful');
  const stopping = run.spec.terminate === true || spoiled;
  // What is measured without end and does not decide must not keep the run from its verdict.
  const judged = deciding.length > 0 && deciding.every(({ result }) => isDecided(result.phase));
  const measure: Metric[] = [];
  let requeueAfterMs: number | undefined;
  const results = metrics.map(({ metric, result }) => {
    if (metric === undefined || isDecided(result.phase)) return result;
    const pointless = judged && metric.dryRun && metric.count === Number.POSITIVE_INFINITY;
    if (stopping || pointless) return assessMetric(metric, result, true);
    const due = dueIn(metric, result, Date.parse(startedAt), now);
    if (due <= 0) measure.push(metric);
    else requeueAfterMs = Math.min(requeueAfterMs ?? due, due);
    return result;
  });
  const status = nextStatus(run, results, startedAt, now);
  return {
    measure,
    status,
    events: eventsOf(before, status, run.spec.terminate === true),
    ...(requeueAfterMs === undefined ? {} : { requeueAfterMs: Math.ceil(requeueAfterMs) }),
  };
}

function nextStatus(run: AnalysisRun, results: MetricResult[], startedAt: string, now: number): AnalysisRunStatus {
  const { completedAt: _, message: __, ...before } = run.status ?? {};
  const decided = results.every(({ phase }) => isDecided(phase));
  const deciding = results.filter(({ dryRun }) => dryRun !== true);
  const dry = results.filter(({ dryRun }) => dryRun === true);
  const phase = decided ? worst(deciding) : 'Running';
  const message = decided ? verdict(phase, deciding, run.spec.terminate === true) : '';
  const generation = run.metadata.generation;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const status: AnalysisRunStatus = {
    ...before,
    ...observed,
    phase,
    ...(message === '' ? {} : { message }),
    startedAt,
    ...(decided ? { completedAt: timestamp(now) } : {}),
    runSummary: summary(deciding),
    ...(dry.length > 0 ? { dryRunSummary: summary(dry) } : {}),
    metricResults: results,
  };
  return { ...status, conditions: conditionsOf(run, status, observed, now) };
}

function conditionsOf(
  run: AnalysisRun,
  status: AnalysisRunStatus,
  observed: { observedGeneration?: number },
  now: number,
): NonNullable<AnalysisRunStatus['conditions']> {
  return [...setCondition(run.status?.conditions ?? [], { ...completeCondition(status), ...observed }, now)];
}

/** A run that was stored before its CRD would have refused it. */
function unreadable(run: AnalysisRun, problem: string, now: number): AnalysisDecision {
  const before = run.status ?? {};
  const observed = run.metadata.generation === undefined ? {} : { observedGeneration: run.metadata.generation };
  const ended: AnalysisRunStatus = {
    ...before,
    ...observed,
    phase: 'Error',
    message: problem,
    completedAt: timestamp(now),
  };
  const status = { ...ended, conditions: conditionsOf(run, ended, observed, now) };
  return { measure: [], status, events: eventsOf(before, status, false) };
}

function unmeasurable(result: MetricResult, error: MetricInvalidError): MetricResult {
  return { ...result, phase: 'Error', message: error.detail };
}

function prepared(prepare: () => Metric): Metric | MetricInvalidError {
  try {
    return prepare();
  } catch (error) {
    if (error instanceof MetricInvalidError) return error;
    throw error;
  }
}
