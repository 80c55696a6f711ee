import { findCondition, setCondition } from '../../api/conditions.ts';
import type { Experiment, ExperimentStatus } from '../../api/generated/experiment.ts';
import { Reason } from '../../api/reasons.ts';
import type { DecisionEvent } from '../decision.ts';
import { compact } from '../plain.ts';
import { isBad, isOver, type Phase } from './ending.ts';

/** The status, and the Event, that say that nothing is done before the spec can be acted on. */
export function unreadableExperiment(
  experiment: Experiment,
  problem: string,
  now: number,
): { status: ExperimentStatus; events: readonly DecisionEvent[] } {
  const { metadata, status: before = {} } = experiment;
  const message = `${Reason.InvalidSpec}: ${problem}`;
  const kept = isOver(before.phase) ? {} : { phase: 'Pending' as const, message };
  const next = compact<ExperimentStatus>({ ...before, observedGeneration: metadata.generation, ...kept });
  const told = findCondition(before.conditions, 'InvalidSpec')?.message === problem;
  return {
    status: { ...next, conditions: experimentConditions(experiment, next, problem, now) },
    events: told ? [] : [{ type: 'Warning', reason: Reason.InvalidSpec, message: problem }],
  };
}

/** The conditions of an Experiment in its next status. */
export function experimentConditions(
  { metadata, status: before }: Experiment,
  next: ExperimentStatus,
  problem: string,
  now: number,
): NonNullable<ExperimentStatus['conditions']> {
  const observedGeneration = metadata.generation ?? 0;
  const quoted = `Experiment "${metadata.name}"`;
  const { phase } = next;
  const progressing =
    phase === 'Successful'
      ? {
          status: 'False',
          reason: Reason.ExperimentCompleted,
          message: `${quoted} has successfully ran and completed.`,
        }
      : isOver(phase)
        ? {
            status: 'False',
            reason: Reason.ExperimentEnded,
            message: `${phase}: ${next.message ?? 'no reason is known'}`,
          }
        : phase === 'Running'
          ? { status: 'True', reason: Reason.NewReplicaSetAvailable, message: `${quoted} is running.` }
          : { status: 'True', reason: Reason.ReplicaSetUpdated, message: `${quoted} is progressing.` };
  const invalid =
    problem !== ''
      ? { status: 'True', reason: Reason.InvalidSpec, message: problem }
      : { status: 'False', reason: Reason.Healthy, message: 'the spec can be acted on' };
  let conditions = before?.conditions ?? [];
  const said = { InvalidSpec: invalid, Progressing: progressing } as const;
  for (const [type, words] of Object.entries(said)) {
    const one = { type, ...words, observedGeneration } as Parameters<typeof setCondition>[1];
    conditions = [...setCondition(conditions, one, now)];
  }
  return conditions;
}

/** Events for what changed between two statuses. */
export function experimentEvents(before: ExperimentStatus, after: ExperimentStatus): DecisionEvent[] {
  const events: DecisionEvent[] = [];
  const said = (reason: string, warns: boolean, text: string, message: string | undefined): void => {
    events.push({
      type: warns ? 'Warning' : 'Normal',
      reason,
      message: message === undefined ? text : `${text}: ${message}`,
    });
  };
  for (const { name, status, message } of after.templateStatuses ?? []) {
    const old = before.templateStatuses?.find((one) => one.name === name)?.status;
    if (status === undefined || status === old) continue;
    const text = `Template '${name}' transitioned from ${old ?? ''} -> ${status}`;
    said(TEMPLATE_REASON[status], status === 'Failed' || status === 'Error', text, message);
  }
  for (const { name, phase, message } of after.analysisRuns ?? []) {
    const old = before.analysisRuns?.find((one) => one.name === name)?.phase;
    // What was stopped with the experiment has no verdict, and that is no news.
    if (phase === old || (isOver(before.phase) && isBad(phase))) continue;
    said(RUN_REASON[phase], isBad(phase), `AnalysisRun '${name}' transitioned from ${old ?? ''} -> ${phase}`, message);
  }
  const { phase, message } = after;
  if (phase !== undefined && phase !== before.phase) {
    const text = `Experiment transitioned from ${before.phase ?? ''} -> ${phase}`;
    said(PHASE_REASON[phase], isBad(phase), text, isOver(phase) ? message : undefined);
  }
  return events;
}

const TEMPLATE_REASON = {
  Progressing: Reason.TemplateProgressing,
  Running: Reason.TemplateRunning,
  Successful: Reason.TemplateSuccessful,
  Failed: Reason.TemplateFailed,
  Error: Reason.TemplateError,
} as const;

const RUN_REASON: Readonly<Record<Phase, string>> = {
  Pending: Reason.AnalysisRunPending,
  Running: Reason.AnalysisRunRunning,
  Successful: Reason.AnalysisRunSuccessful,
  Failed: Reason.AnalysisRunFailed,
  Error: Reason.AnalysisRunError,
  Inconclusive: Reason.AnalysisRunInconclusive,
};

const PHASE_REASON: Readonly<Record<Phase, string>> = {
  Pending: Reason.ExperimentPending,
  Running: Reason.ExperimentRunning,
  Successful: Reason.ExperimentSuccessful,
  Failed: Reason.ExperimentFailed,
  Error: Reason.ExperimentError,
  Inconclusive: Reason.ExperimentInconclusive,
};
