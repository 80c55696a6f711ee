import type { Experiment } from '../../api/generated/experiment.ts';
import { parseDuration } from '../../platform/duration.ts';

/** The times of an Experiment with their defaults, in milliseconds. */
export interface ExperimentTimes {
  /** undefined: it has no end of its own. */
  durationMs: number | undefined;
  deadlineMs: number;
  scaleDownDelayMs: number;
}

export function timesOf({ spec }: Experiment): ExperimentTimes {
  return {
    durationMs: durationOf(spec.duration),
    deadlineMs: (spec.progressDeadlineSeconds ?? 600) * 1000,
    scaleDownDelayMs: (spec.scaleDownDelaySeconds ?? 30) * 1000,
  };
}

/** undefined for none, and for one that cannot be read, which validation reports. */
export function durationOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const ms = parseDuration(text);
    return ms < 0 ? undefined : ms;
  } catch {
    return undefined;
  }
}
