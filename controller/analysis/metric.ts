import type { AnalysisRunSpecMetric, AnalysisRunSpecMetricProvider } from '../api/generated/analysisrun.ts';
import type { AppliedRules } from '../api/metric-rules.ts';
import { parseDuration } from '../platform/duration.ts';
import { SlipwayError } from '../platform/errors.ts';
import { substituteArgs } from './args.ts';
import { parseCondition } from './condition.ts';
import type { Conditions } from './judge.ts';

/** Measurements in a row that may fail for technical reasons, unless the metric says otherwise. */
const DEFAULT_CONSECUTIVE_ERROR_LIMIT = 4;

/** How many measurements the status keeps of a metric, unless a rule says otherwise. */
const KEPT_MEASUREMENTS = 10;

/** A metric ready to be measured: arguments filled in, numbers and conditions parsed, defaults applied. */
export interface Metric {
  name: string;
  initialDelayMs: number;
  intervalMs?: number;
  /** Measurements without error after which the metric is decided; Infinity when it is measured until it is stopped. */
  count: number;
  /** Infinity when any number of bad measurements is tolerated. */
  failureLimit: number;
  inconclusiveLimit: number;
  consecutiveErrorLimit: number;
  conditions: Conditions;
  /** It is measured and never decides. */
  dryRun: boolean;
  /** How many measurements the status keeps. */
  kept: number;
  provider: AnalysisRunSpecMetricProvider;
}

/** A metric that cannot be measured as it is written; the message names the metric and the field. */
export class MetricInvalidError extends SlipwayError {
  /** The message without the name of the metric. */
  readonly detail: string;

  constructor(metric: string, detail: string, cause?: unknown) {
    super('MetricInvalid', `metric "${metric}": ${detail}`, { cause });
    this.detail = detail;
  }
}

/** Makes a metric of the run's spec ready; throws MetricInvalidError. */
export function prepareMetric(
  spec: AnalysisRunSpecMetric,
  args: ReadonlyMap<string, string>,
  rules?: AppliedRules,
): Metric {
  const field = <T>(name: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      throw new MetricInvalidError(spec.name, `${name}: ${error.message}`, error);
    }
  };
  const text = (name: 'interval' | 'initialDelay' | 'successCondition' | 'failureCondition'): string | undefined => {
    const value = spec[name];
    return value === undefined || value === '' ? undefined : field(name, () => substituteArgs(value, args));
  };
  const duration = (name: 'interval' | 'initialDelay'): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : field(name, () => positive(parseDuration(value), value));
  };
  const integer = (name: NumericField, fallback: number): number => {
    const value = spec[name];
    return value === undefined ? fallback : field(name, () => parseInteger(substituteArgs(value, args), LOWEST[name]));
  };
  const condition = (name: 'successCondition' | 'failureCondition') => {
    const value = text(name);
    return value === undefined ? undefined : field(name, () => parseCondition(value));
  };
  const intervalMs = duration('interval');
  const success = condition('successCondition');
  const failure = condition('failureCondition');
  // As in Argo Rollouts a count of 0 is no count.
  const count = integer('count', 0) || (intervalMs === undefined ? 1 : Number.POSITIVE_INFINITY);
  if (count > 1 && intervalMs === undefined) {
    throw new MetricInvalidError(spec.name, `count: ${count} measurements need an interval`);
  }
  const failureLimit = integer('failureLimit', 0);
  return {
    name: spec.name,
    initialDelayMs: duration('initialDelay') ?? 0,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    count,
    failureLimit: failureLimit === -1 ? Number.POSITIVE_INFINITY : failureLimit,
    inconclusiveLimit: integer('inconclusiveLimit', 0),
    consecutiveErrorLimit: integer('consecutiveErrorLimit', DEFAULT_CONSECUTIVE_ERROR_LIMIT),
    conditions: { ...(success === undefined ? {} : { success }), ...(failure === undefined ? {} : { failure }) },
    dryRun: rules?.dryRun.has(spec.name) === true,
    kept: rules?.kept.get(spec.name) ?? KEPT_MEASUREMENTS,
    provider: field('provider', () => substituteArgs(spec.provider, args)),
  };
}

type NumericField = 'count' | 'failureLimit' | 'inconclusiveLimit' | 'consecutiveErrorLimit';

const LOWEST: Readonly<Record<NumericField, number>> = {
  count: 0,
  failureLimit: -1,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 0,
};

function parseInteger(value: number | string, lowest: number): number {
  const number = typeof value === 'number' ? value : /^[+-]?\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
  if (!Number.isInteger(number)) throw new SlipwayError('InvalidNumber', `"${value}" is not an integer`);
  if (number < lowest) throw new SlipwayError('InvalidNumber', `${number} is below ${lowest}`);
  return number;
}

function positive(ms: number, text: string): number {
  if (ms < 0) throw new SlipwayError('InvalidDuration', `${text} is negative`);
  return ms;
}
