import type { ExperimentSpec, ExperimentStatus } from '../../api/generated/experiment.ts';
import { hasRequired, isBad, isOver, type Phase, requiredAre } from './ending.ts';
import { isSettled } from './templates.ts';

/** A phase and why. */
export interface Assessment {
  phase: Phase;
  message: string | undefined;
}

const TEMPLATES_FROM_BEST_TO_WORST = ['Successful', 'Running', 'Progressing', 'Error', 'Failed'] as const;
const RUNS_FROM_BEST_TO_WORST = ['Successful', 'Running', 'Pending', 'Inconclusive', 'Error', 'Failed'] as const;

/**
 * The phase of an Experiment that is not over, from the next statuses of its templates and analyses. A bad verdict ends it at
 * once; the required analyses end it well as soon as all have succeeded; else its pods decide: they fail it when they
 * do not serve in time, and when their time is over it ended well.
 */
export function assess(spec: ExperimentSpec, status: ExperimentStatus): Assessment {
  const pods = assessTemplates(status);
  if (pods.phase === 'Failed' || pods.phase === 'Error') return pods;
  const runs = worstRun(spec, status);
  if (runs !== undefined && isBad(runs.phase)) return runs;
  if (requiredAre(spec, status, 'Successful')) {
    const rest = runs !== undefined && !isOver(runs.phase);
    return { phase: 'Successful', message: rest ? 'Required AnalysisRuns completed' : undefined };
  }
  if (pods.phase === 'Successful' && hasRequired(spec)) return stopped(spec, status);
  return pods;
}

/** The worst of the templates. */
export function assessTemplates({ templateStatuses = [] }: ExperimentStatus): Assessment {
  const rank = (status: (typeof templateStatuses)[number]['status']): number =>
    TEMPLATES_FROM_BEST_TO_WORST.indexOf(status ?? 'Progressing');
  const worst = [...templateStatuses].sort((a, b) => rank(b.status) - rank(a.status))[0];
  const status = worst?.status ?? 'Progressing';
  const phase = status === 'Progressing' ? 'Pending' : status;
  return { phase, message: isSettled(status) ? worst?.message : undefined };
}

/** The worst of the analyses that have begun. */
function worstRun({ analyses = [] }: ExperimentSpec, { analysisRuns = [] }: ExperimentStatus): Assessment | undefined {
  const rank = (phase: Phase): number => RUNS_FROM_BEST_TO_WORST.indexOf(phase);
  const named = analysisRuns.filter(({ name }) => analyses.some((analysis) => analysis.name === name));
  const worst = named.sort((a, b) => rank(b.phase) - rank(a.phase))[0];
  return worst === undefined ? undefined : { phase: worst.phase, message: worst.message };
}

/** Somebody ended it before the required analyses had a verdict: theirs is waited for, and none is no success. */
function stopped({ analyses = [] }: ExperimentSpec, { analysisRuns = [] }: ExperimentStatus): Assessment {
  const never = analyses.find(
    ({ name, requiredForCompletion }) =>
      requiredForCompletion === true && !analysisRuns.some((run) => run.name === name),
  );
  return never === undefined
    ? { phase: 'Running', message: undefined }
    : { phase: 'Inconclusive', message: `terminated before the required analysis '${never.name}' began` };
}
