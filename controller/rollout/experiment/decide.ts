import { timestamp } from '../../api/conditions.ts';
import type { ExperimentStatus } from '../../api/generated/experiment.ts';
import { hasVerdict } from '../analysis-step.ts';
import type { AnyCommand } from '../decision.ts';
import { compact } from '../plain.ts';
import { describeProblems, type Problem } from '../problem.ts';
import { type AnalysisStep, analysisStep } from './analyses.ts';
import { type TemplateCommands, templateCommands } from './commands.ts';
import { hasRequired, isEnding, isOver, leftOf, requiredAre } from './ending.ts';
import { replicaSetName, serviceName, templateNameOf } from './objects.ts';
import { type Assessment, assess, assessTemplates } from './phase.ts';
import { experimentConditions, experimentEvents, unreadableExperiment } from './report.ts';
import { timesOf } from './settings.ts';
import type { ExperimentDecision, ExperimentSnapshot } from './snapshot.ts';
import { isSettled, templateStatus } from './templates.ts';
import { experimentProblems } from './validate.ts';

/**
 * Decides what one Experiment needs now: level-triggered, from nothing but the snapshot and the time. What is done to the
 * cluster follows from what is stored, so that a conclusion is never acted on that a controller which dies now would not
 * come to again.
 *
 * @param now milliseconds since the epoch
 */
export function decideExperiment(snapshot: ExperimentSnapshot, now: number): ExperimentDecision {
  const { experiment } = snapshot;
  const { metadata, spec, status: before = {} } = experiment;
  if (metadata.deletionTimestamp !== undefined) return { commands: [], status: before, events: [] };
  const problems = isOver(before.phase) ? [] : experimentProblems(snapshot);
  const begun = before.templateStatuses !== undefined || snapshot.replicaSets.length > 0;
  if (problems.length > 0 && !begun && spec.terminate !== true) {
    return { commands: [], ...unreadableExperiment(experiment, describeProblems(problems), now) };
  }

  const ending = isEnding(experiment);
  const analyses = (spec.analyses ?? []).map((analysis) => analysisStep(snapshot, analysis, ending));
  const templates = spec.templates.map((template) => templateStep(snapshot, template, { ending, analyses }, now));
  const left = leftOverCommands(snapshot, now);
  const status = nextStatus(snapshot, { templates, analyses, problems }, now);
  const commands = [...templates.map(({ commands }) => commands), ...left];
  const waits = [
    ending || isOver(status.phase) ? undefined : leftOf({ ...experiment, status }, now),
    ...templates.map(({ left }) => left),
    ...commands.map(({ deadline }) => (deadline === undefined ? undefined : deadline - now)),
  ].filter((ms) => ms !== undefined && ms > 0) as number[];
  return {
    commands: [
      ...commands.flatMap(({ up }) => up),
      ...analyses.flatMap(({ create }): AnyCommand[] =>
        create === undefined ? [] : [{ type: 'createAnalysisRun', run: create }],
      ),
      ...(ending ? terminations(snapshot) : []),
      ...commands.flatMap(({ down }) => down),
    ],
    status,
    events: [...commands.flatMap(({ events }) => events), ...experimentEvents(before, status)],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.ceil(Math.min(...waits)) }),
  };
}

type TemplateStatus = NonNullable<ExperimentStatus['templateStatuses']>[number];

interface TemplateStep {
  status: TemplateStatus;
  commands: TemplateCommands;
  /** Milliseconds until it fails for want of pods. */
  left: number | undefined;
}

function templateStep(
  { experiment, replicaSets, services, refused, routedServices = [] }: ExperimentSnapshot,
  template: ExperimentSnapshot['experiment']['spec']['templates'][number],
  { ending, analyses }: { ending: boolean; analyses: readonly AnalysisStep[] },
  now: number,
): TemplateStep {
  const { spec, status: stored } = experiment;
  const { deadlineMs, scaleDownDelayMs } = timesOf(experiment);
  const before = stored?.templateStatuses?.find(({ name }) => name === template.name);
  const replicaSet = replicaSets.find(
    (rs) => templateNameOf(rs) === template.name && rs.metadata.deletionTimestamp === undefined,
  );
  const service = services.find(
    (one) => templateNameOf(one) === template.name && one.metadata.deletionTimestamp === undefined,
  );
  const wanted = ending || isSettled(before?.status) ? undefined : (template.replicas ?? 1);
  const names = [replicaSetName(experiment, template), serviceName(experiment, template)];
  const why = names.map((name) => refused?.[name]).find((text) => text !== undefined);
  const known = { analysisRuns: analyses.flatMap(({ status }) => status ?? []) };
  // What is required is measured on pods that are there.
  const mayEnd = !hasRequired(spec) || requiredAre(spec, known, 'over');
  const timeIsOver = mayEnd && (leftOf(experiment, now) ?? 1) <= 0;
  const status = templateStatus({
    template,
    before,
    replicaSet,
    service,
    wanted,
    ends: ending || (timeIsOver && (replicaSet?.status?.availableReplicas ?? 0) === wanted),
    refused: why,
    deadlineMs,
    now,
  });
  const since = Date.parse(status.lastTransitionTime ?? '');
  const routed = routedServices.includes(service?.metadata.name ?? '');
  const parts = { template, replicaSet, service, wanted, refused: why !== undefined, routed };
  return {
    status,
    commands: templateCommands(experiment, parts, scaleDownDelayMs, now),
    left: status.status === 'Progressing' ? since + deadlineMs + 1 - now : undefined,
  };
}

/** Takes the pods of templates that the spec no longer has. */
function leftOverCommands({ experiment, replicaSets, services }: ExperimentSnapshot, now: number): TemplateCommands[] {
  const { scaleDownDelayMs } = timesOf(experiment);
  const wanted = new Set(experiment.spec.templates.map(({ name }) => name));
  return replicaSets
    .filter((rs) => !wanted.has(templateNameOf(rs) ?? '') && rs.metadata.deletionTimestamp === undefined)
    .map((replicaSet) => {
      const service = services.find((one) => templateNameOf(one) === templateNameOf(replicaSet));
      const parts = { template: undefined, replicaSet, service, wanted: undefined, refused: false, routed: false };
      return templateCommands(experiment, parts, scaleDownDelayMs, now);
    });
}

function nextStatus(
  { experiment }: ExperimentSnapshot,
  {
    templates,
    analyses,
    problems,
  }: { templates: TemplateStep[]; analyses: AnalysisStep[]; problems: readonly Problem[] },
  now: number,
): ExperimentStatus {
  const { metadata, spec, status: before = {} } = experiment;
  const runs = analyses.flatMap(({ status }) => status ?? []);
  const next = compact<ExperimentStatus>({
    ...before,
    observedGeneration: metadata.generation,
    templateStatuses: templates.map(({ status }) => status),
    analysisRuns: runs.length > 0 ? runs : undefined,
  });
  const seen: Assessment = isOver(before.phase)
    ? { phase: before.phase ?? 'Error', message: before.message }
    : assess(spec, next);
  const serves = assessTemplates(next).phase === 'Running';
  // Whole seconds are stored: up, so that no part of the duration is lost.
  const availableAt = before.availableAt ?? (serves ? timestamp(Math.ceil(now / 1000) * 1000) : undefined);
  const told = compact<ExperimentStatus>({ ...next, phase: seen.phase, message: seen.message, availableAt });
  return { ...told, conditions: experimentConditions(experiment, told, describeProblems(problems), now) };
}

/** Ends what is still measured, all of it: also a run whose creation the status does not show. */
function terminations({ analysisRuns }: ExperimentSnapshot): AnyCommand[] {
  return analysisRuns
    .filter((run) => !hasVerdict(run) && run.spec.terminate !== true && run.metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => ({ type: 'terminateAnalysisRun', name: metadata.name }));
}
