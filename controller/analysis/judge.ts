import { messageOf } from '../platform/errors.ts';
import type { Condition } from './condition.ts';
import { formatFloat } from './expr/values.ts';

/** What a provider measured: one number, or one number for each series. */
export type MeasuredValue = number | readonly number[];

/** Phase of a measurement that is finished. */
export type MeasurementPhase = 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

export interface Judgement {
  phase: MeasurementPhase;
  /** Why; absent for a good measurement. */
  message?: string;
}

/** The conditions of a metric. */
export interface Conditions {
  success?: Condition;
  failure?: Condition;
}

/**
 * Judges one measurement.
 *
 * - No conditions: good. Only one of them: it decides alone.
 * - Both: a true failureCondition is bad, even if successCondition is true too; else a true successCondition is good; neither
 *   is inconclusive.
 * - A condition that cannot be evaluated is an error.
 *
 * Missing data is not success. When the result is empty or holds NaN, a condition that does not itself say what that means
 * (by len, isNil or default for an empty result, by isNaN for NaN) is unknown, and what depends on it is inconclusive. In Argo
 * Rollouts a failureCondition lets NaN pass as success, because every comparison with NaN is false.
 */
export function judge({ success, failure }: Conditions, value: MeasuredValue): Judgement {
  const missing = missingData(value);
  const answers = (condition: Condition): boolean =>
    missing === undefined || (missing.kind === 'empty' ? condition.handlesEmpty : condition.handlesNaN);
  try {
    const noData = { phase: 'Inconclusive', message: missing?.message ?? '' } as const;
    if (failure !== undefined) {
      if (!answers(failure)) return noData;
      if (failure.evaluate(value))
        return { phase: 'Failed', message: `${formatValue(value)} satisfies ${failure.text}` };
    }
    if (success === undefined) {
      return missing !== undefined && failure === undefined ? noData : { phase: 'Successful' };
    }
    if (!answers(success)) return noData;
    if (success.evaluate(value)) return { phase: 'Successful' };
    return failure === undefined
      ? { phase: 'Failed', message: `${formatValue(value)} does not satisfy ${success.text}` }
      : {
          phase: 'Inconclusive',
          message: `${formatValue(value)} satisfies neither ${failure.text} nor ${success.text}`,
        };
  } catch (error) {
    return { phase: 'Error', message: `${formatValue(value)} cannot be judged: ${messageOf(error)}` };
  }
}

/** A measured value as text, for example `0.25`, `[0.25, NaN]`; long lists are cut. */
export function formatValue(value: MeasuredValue): string {
  if (typeof value === 'number') return formatFloat(value);
  const shown = value.slice(0, 20).map(formatFloat);
  return `[${shown.join(', ')}${value.length > shown.length ? `, … ${value.length} in all` : ''}]`;
}

function missingData(value: MeasuredValue): { kind: 'empty' | 'nan'; message: string } | undefined {
  const values = typeof value === 'number' ? [value] : value;
  const remedy = (function_: string): string => `a condition that uses ${function_} can decide what that means`;
  if (values.length === 0) {
    return { kind: 'empty', message: `no data: the query matched no series; ${remedy('len(result)')}` };
  }
  if (values.some(Number.isNaN)) {
    return { kind: 'nan', message: `no data: ${formatValue(value)} holds NaN; ${remedy('isNaN')}` };
  }
  return undefined;
}
