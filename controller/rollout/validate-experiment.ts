import type {
  RolloutSpecStrategyCanaryStepExperiment as StepExperiment,
  RolloutSpecStrategyCanaryStepExperimentTemplate as StepTemplate,
} from '../api/generated/rollout.ts';
import { applyRules, joinRules } from '../api/metric-rules.ts';
import { mergeAnalysis } from './analysis-templates.ts';
import { servicePorts } from './experiment/objects.ts';
import { durationOf } from './experiment/settings.ts';
import { asList, asObject, asText } from './plain.ts';
import { metadataProblem } from './run-metadata.ts';
import { selects } from './selector.ts';
import type { PodTemplate, RolloutSnapshot } from './snapshot.ts';

/** A field below the step, with its dot, and why it cannot be acted on. */
type Found = { field: string; problem: string } | undefined;

/**
 * The first thing of an Experiment step that does not depend on the progress of the release and cannot be acted on.
 *
 * @param split whether requests are split by a router, and the percent of them that the step gives to the version under test
 */
export function experimentProblem(
  snapshot: RolloutSnapshot,
  step: StepExperiment,
  split: { routed: boolean; weight: number },
): Found {
  const found =
    weightProblem(step, split) ??
    durationProblem(step) ??
    templatesProblem(snapshot, step) ??
    analysesProblem(snapshot, step);
  return found === undefined ? undefined : { ...found, field: `.experiment.${found.field}` };
}

function durationProblem({ duration }: StepExperiment): Found {
  if ((asText(duration) ?? '') === '' || durationOf(duration) !== undefined) return undefined;
  return { field: 'duration', problem: `"${duration}" is no duration: write for example 30s, 5m, 1h30m` };
}

function weightProblem({ templates }: StepExperiment, { routed, weight }: { routed: boolean; weight: number }): Found {
  const weights = (asList(templates) as StepTemplate[]).map((template) => template.weight);
  const index = weights.findIndex((one) => one !== undefined);
  if (index < 0) return undefined;
  const field = `templates[${index}].weight`;
  if (!routed) return { field, problem: 'needs trafficRouting: add it, or remove the weight' };
  const sum = weights.reduce<number>((total, one) => total + (one ?? 0), weight);
  return sum <= 100
    ? undefined
    : { field, problem: `with the weight of the canary there are ${sum} percent: at most 100` };
}

function templatesProblem({ rollout, workload }: RolloutSnapshot, step: StepExperiment): Found {
  // What the pods of a workload look like is not known without it; that it is missing is said elsewhere.
  if (workload?.state === 'missing') return undefined;
  const pods = asObject(rollout.spec.template) as PodTemplate | undefined;
  for (const [index, template] of (asList(step.templates) as StepTemplate[]).entries()) {
    const found = templateProblem(pods, template);
    if (found !== undefined) return { ...found, field: `templates[${index}].${found.field}` };
  }
  return undefined;
}

function templateProblem(pods: PodTemplate | undefined, { metadata, selector, service, weight }: StepTemplate): Found {
  const wrong = metadataProblem(metadata);
  if (wrong !== undefined) return { ...wrong, field: `metadata.${wrong.field}` };
  const labels = { ...pods?.metadata?.labels, ...metadata?.labels };
  if (selector !== undefined && !selects(selector, labels)) {
    const problem = 'does not match the labels of the pods: give them to it in metadata.labels, or correct it';
    return { field: 'selector', problem };
  }
  const field = service === undefined ? 'weight' : 'service';
  return (service ?? weight) !== undefined && servicePorts(pods).length === 0
    ? { field, problem: 'no container of the template has a port: add containerPort' }
    : undefined;
}

function analysesProblem(snapshot: RolloutSnapshot, step: StepExperiment): Found {
  const sources = { rollout: snapshot.rollout, stableHash: undefined, latestHash: undefined };
  const metrics: string[] = [];
  const analyses = asList(step.analyses) as NonNullable<StepExperiment['analyses']>;
  for (const [index, { templateName, clusterScope, args }] of analyses.entries()) {
    const reference = { templateName, ...(clusterScope === undefined ? {} : { clusterScope }) };
    const asked = { templates: [reference], ...(args === undefined ? {} : { args }) };
    const merged = mergeAnalysis(asked, snapshot.templates, sources, true);
    if ('problem' in merged) {
      const field = merged.field.startsWith('analysis.args') ? 'args' : 'templateName';
      return { field: `analyses[${index}].${field}`, problem: merged.problem };
    }
    metrics.push(...merged.spec.metrics.map(({ name }) => name));
  }
  const applied = applyRules(joinRules([step]), metrics);
  if ('problem' in applied) return applied;
  const wrong = metadataProblem(step.analysisRunMetadata);
  return wrong === undefined ? undefined : { ...wrong, field: `analysisRunMetadata.${wrong.field}` };
}
