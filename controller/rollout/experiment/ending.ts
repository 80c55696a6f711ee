import type { Experiment, ExperimentSpec, ExperimentStatus } from '../../api/generated/experiment.ts';
import { durationOf } from './settings.ts';

export type Phase = NonNullable<ExperimentStatus['phase']>;

/** True for a phase that stays. */
export function isOver(phase: Phase | undefined): boolean {
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

/** True for a phase that an Experiment, or one of its analyses, must not end in. */
export function isBad(phase: Phase | undefined): boolean {
  return isOver(phase) && phase !== 'Successful';
}

/**
 * Whether the pods have to go and nothing more is measured. Decided from what is stored: what was concluded is never
 * undone by what the pods do meanwhile.
 */
export function isEnding({ spec, status = {} }: Experiment): boolean {
  return (
    spec.terminate === true ||
    isOver(status.phase) ||
    (status.templateStatuses ?? []).some((one) => one.status === 'Failed' || one.status === 'Error') ||
    (status.analysisRuns ?? []).some((run) => isBad(run.phase)) ||
    requiredAre(spec, status, 'Successful')
  );
}

/** Whether there are required analyses and all of them have succeeded, or are over. */
export function requiredAre(
  { analyses = [] }: Pick<ExperimentSpec, 'analyses'>,
  { analysisRuns = [] }: Pick<ExperimentStatus, 'analysisRuns'>,
  what: 'Successful' | 'over',
): boolean {
  const required = analyses.filter((analysis) => analysis.requiredForCompletion === true);
  return (
    required.length > 0 &&
    required.every(({ name }) => {
      const phase = analysisRuns.find((run) => run.name === name)?.phase;
      return what === 'over' ? isOver(phase) : phase === what;
    })
  );
}

export function hasRequired({ analyses = [] }: Pick<ExperimentSpec, 'analyses'>): boolean {
  return analyses.some((analysis) => analysis.requiredForCompletion === true);
}

/** Milliseconds until the duration is over; undefined while it does not run, 0 or less when it is. */
export function leftOf({ spec, status }: Experiment, now: number): number | undefined {
  const since = Date.parse(status?.availableAt ?? '');
  const duration = durationOf(spec.duration);
  return Number.isNaN(since) || duration === undefined ? undefined : since + duration - now;
}
