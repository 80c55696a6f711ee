import type {
  AnalysisRunStatusMetricResultMeasurement,
  AnalysisRunStatusMetricResult as MetricResult,
} from '../api/generated/analysisrun.ts';
import { formatValue, judge, type MeasuredValue } from './judge.ts';
import type { Metric } from './metric.ts';

const MAX_MESSAGE = 2000;
/** Wait after a measurement that failed for a technical reason, when the metric has no interval. */
const ERROR_RETRY_MS = 10_000;

/** What came of asking the provider; times in milliseconds since the epoch. */
export interface Measurement {
  metric: string;
  startedAt: number;
  finishedAt: number;
  outcome: { value: MeasuredValue; warnings?: readonly string[] } | { error: string };
}

/** Phases in which a metric, or a run, stays for good. */
export function isDecided(phase: MetricResult['phase'] | undefined): boolean {
  switch (phase) {
    case 'Successful':
    case 'Failed':
    case 'Error':
    case 'Inconclusive':
      return true;
    case 'Pending':
    case 'Running':
    case undefined:
      return false;
  }
}

/**
 * Adds a measurement to what is known of a metric. A decided metric takes no more, and one that is in the status already
 * (its write succeeded and the answer was lost) is not counted twice.
 */
export function addMeasurement(metric: Metric, before: MetricResult, measurement: Measurement): MetricResult {
  const measurements = before.measurements ?? [];
  const startedAt = new Date(measurement.startedAt).toISOString();
  if (isDecided(before.phase) || measurements.some((known) => known.startedAt === startedAt)) return before;
  const { outcome } = measurement;
  const judgement =
    'error' in outcome
      ? ({ phase: 'Error', message: outcome.error } as const)
      : judge(metric.conditions, outcome.value);
  const warnings = 'value' in outcome ? (outcome.warnings ?? []).map((warning) => `warning: ${warning}`) : [];
  const words = [judgement.message, ...warnings].filter((text) => text !== undefined).join('; ');
  const entry: AnalysisRunStatusMetricResultMeasurement = {
    phase: judgement.phase,
    ...('value' in outcome ? { value: formatValue(outcome.value) } : {}),
    ...(words === '' ? {} : { message: words.slice(0, MAX_MESSAGE) }),
    startedAt,
    finishedAt: new Date(measurement.finishedAt).toISOString(),
  };
  const after: MetricResult = {
    ...before,
    phase: 'Running',
    measurements: [...measurements, entry].slice(-metric.kept),
  };
  switch (judgement.phase) {
    case 'Successful':
      return { ...after, ...counted(before), successful: (before.successful ?? 0) + 1 };
    case 'Failed':
      return { ...after, ...counted(before), failed: (before.failed ?? 0) + 1 };
    case 'Inconclusive':
      return { ...after, ...counted(before), inconclusive: (before.inconclusive ?? 0) + 1 };
    case 'Error':
      return { ...after, error: (before.error ?? 0) + 1, consecutiveError: (before.consecutiveError ?? 0) + 1 };
  }
}

function counted(before: MetricResult): Pick<MetricResult, 'count' | 'consecutiveError'> {
  return { count: (before.count ?? 0) + 1, consecutiveError: 0 };
}

/**
 * Decides a metric by its counts. `stopping` means that no more measurements will come.
 *
 * A limit that is exceeded decides at once. When all measurements are in, the metric is Successful, but only if at least one
 * of them was: bad ones within failureLimit and technical errors alone are no evidence that the version is good.
 */
export function assessMetric(metric: Metric, result: MetricResult, stopping: boolean): MetricResult {
  if (isDecided(result.phase)) return result;
  const { count = 0, successful = 0, failed = 0, inconclusive = 0, error = 0, consecutiveError = 0 } = result;
  const last = (phase: string, words: string): string => {
    const found = result.measurements?.findLast((measurement) => measurement.phase === phase)?.message;
    return found === undefined ? '' : `; ${words}${found}`;
  };
  if (failed > metric.failureLimit) {
    const message = exceeds(failed, 'failed', 'failureLimit', metric.failureLimit) + last('Failed', 'last value ');
    return { ...result, phase: 'Failed', message };
  }
  if (inconclusive > metric.inconclusiveLimit) {
    const words = exceeds(inconclusive, 'inconclusive', 'inconclusiveLimit', metric.inconclusiveLimit);
    return { ...result, phase: 'Inconclusive', message: words + last('Inconclusive', '') };
  }
  if (consecutiveError > metric.consecutiveErrorLimit) {
    const words = exceeds(
      consecutiveError,
      'consecutive failed',
      'consecutiveErrorLimit',
      metric.consecutiveErrorLimit,
    );
    return { ...result, phase: 'Error', message: words.replace('measurement', 'attempt') + last('Error', '') };
  }
  if (count < metric.count && !stopping)
    return consecutiveError > 0 ? retrying(metric, result) : without(result, 'message');
  const tally = `${successful} of ${count} measurements good`;
  if (successful > 0) return { ...result, phase: 'Successful', message: tally };
  const errors = error === 0 ? '' : `, ${error} could not be taken`;
  const why = stopping && count < metric.count ? 'stopped before any was' : 'that is no evidence of a good version';
  return { ...result, phase: 'Inconclusive', message: `${tally}${errors}: ${why}` };
}

/** Milliseconds until the next measurement of an undecided metric is due; 0 or less is now. */
export function dueIn(metric: Metric, result: MetricResult, runStartedAt: number, now: number): number {
  const last = result.measurements?.at(-1);
  if (last === undefined) return runStartedAt + metric.initialDelayMs - now;
  const wait = metric.intervalMs ?? (last.phase === 'Error' ? ERROR_RETRY_MS : 0);
  const due = Date.parse(last.finishedAt ?? '') + wait - now;
  // A time that is unreadable, or further ahead than two clocks differ (one was set back), must not stop the run.
  return Number.isNaN(due) || due > 2 * wait ? 0 : due;
}

function retrying(metric: Metric, result: MetricResult): MetricResult {
  const last = result.measurements?.at(-1)?.message ?? 'unknown error';
  return {
    ...result,
    message: `attempt ${result.consecutiveError} of ${metric.consecutiveErrorLimit + 1} failed: ${last}`,
  };
}

function exceeds(count: number, what: string, field: string, limit: number): string {
  return `${count} ${what} measurement${count === 1 ? ' exceeds' : 's exceed'} ${field} ${limit}`;
}

function without(result: MetricResult, key: 'message'): MetricResult {
  if (result[key] === undefined) return result;
  const { [key]: _, ...rest } = result;
  return rest;
}
