import type { ExperimentSpecTemplate } from '../../api/generated/experiment.ts';
import { applyRules } from '../../api/metric-rules.ts';
import { asObject } from '../plain.ts';
import type { Problem } from '../problem.ts';
import { selects } from '../selector.ts';
import type { PodTemplate } from '../snapshot.ts';
import { mergeFor } from './analyses.ts';
import { serviceName, servicePorts } from './objects.ts';
import { durationOf } from './settings.ts';
import type { ExperimentSnapshot } from './snapshot.ts';

/** Everything that keeps an Experiment from being begun. */
export function experimentProblems(snapshot: ExperimentSnapshot): readonly Problem[] {
  const { spec } = snapshot.experiment;
  const problems: Problem[] = [];
  if ((spec.duration ?? '') !== '' && durationOf(spec.duration) === undefined) {
    const problem = `"${spec.duration}" is no duration: write for example 30s, 5m, 1h30m`;
    problems.push({ field: 'spec.duration', problem });
  }
  for (const [index, template] of spec.templates.entries()) {
    for (const { field, problem } of templateProblems(snapshot, template)) {
      problems.push({ field: `spec.templates[${index}].${field}`, problem });
    }
  }
  problems.push(...sharedServices(snapshot), ...analysisProblems(snapshot));
  return problems;
}

function templateProblems({ experiment }: ExperimentSnapshot, template: ExperimentSpecTemplate): Problem[] {
  const problems: Problem[] = [];
  const labels = (asObject(template.template) as PodTemplate | undefined)?.metadata?.labels ?? {};
  if (!selects(template.selector, labels)) {
    const problem = 'does not match template.metadata.labels: give the template the labels of the selector';
    problems.push({ field: 'selector', problem });
  }
  const deadline = experiment.spec.progressDeadlineSeconds ?? 600;
  if ((template.minReadySeconds ?? 0) > deadline) {
    problems.push({ field: 'minReadySeconds', problem: `must not be above progressDeadlineSeconds (${deadline})` });
  }
  if (template.service === undefined) return problems;
  const name = serviceName(experiment, template);
  if (!/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) {
    const problem = `"${name}" is no name for a Service: write one of at most 63 small letters, digits and "-"`;
    problems.push({ field: 'service.name', problem });
  }
  if (servicePorts(template.template).length === 0) {
    problems.push({ field: 'service', problem: 'no container of the template has a port: add containerPort' });
  }
  return problems;
}

function sharedServices({ experiment }: ExperimentSnapshot): Problem[] {
  const names = experiment.spec.templates.map((one) => one.service && serviceName(experiment, one));
  return names.flatMap((name, index) => {
    if (name === undefined || names.indexOf(name) === index) return [];
    return [{ field: `spec.templates[${index}].service.name`, problem: `"${name}" is used twice: write another` }];
  });
}

/** What of the analyses, and of the rules about their metrics, cannot be followed. */
function analysisProblems(snapshot: ExperimentSnapshot): Problem[] {
  const { analyses = [], dryRun = [], measurementRetention = [] } = snapshot.experiment.spec;
  const merged = analyses.map((analysis) => mergeFor(snapshot, analysis, 'any'));
  const problems = merged.filter((one) => 'problem' in one);
  if (problems.length > 0) return problems;
  const metrics = merged.flatMap((one) => ('spec' in one ? one.spec.metrics.map(({ name }) => name) : []));
  const applied = applyRules({ dryRun, measurementRetention }, metrics);
  return 'problem' in applied ? [{ field: `spec.${applied.field}`, problem: applied.problem }] : [];
}
