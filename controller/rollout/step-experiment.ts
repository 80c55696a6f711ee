import { EXPERIMENT_RESOURCE, type Experiment, type ExperimentSpec } from '../api/generated/experiment.ts';
import type {
  RolloutSpecStrategyCanaryStepExperiment as StepExperiment,
  RolloutSpecStrategyCanaryStepExperimentTemplate as StepTemplate,
} from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION } from '../api/names.ts';
import type { StepRunKey } from './analysis-step.ts';
import { type ArgumentSources, argumentValue } from './analysis-templates.ts';
import { undressed } from './dress.ts';
import { asObject, asText } from './plain.ts';
import { ownedBy } from './replica-sets.ts';
import { shortHash } from './short-hash.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

/** The versions that a template can refer to. */
export interface Versions {
  canary: ReplicaSet;
  stable: ReplicaSet;
}

/**
 * `<rollout>-<hash>-<revision>-<step>`, after a retry with `-N`: a dot, as the names of AnalysisRuns have, could not be in the
 * name of a Service. It depends on nothing but the state of the release, so a controller that dies right after the creation
 * finds its Experiment again.
 */
export function experimentName({ rollout, hash, revision, step, retries }: StepRunKey): string {
  return `${rollout.metadata.name}-${hash}-${revision}-${step}${retries === 0 ? '' : `-${retries}`}`;
}

/** The Experiment of a step, or the field of the step that stands in the way and why. */
export function stepExperiment(
  key: StepRunKey,
  step: StepExperiment,
  versions: Versions,
  sources: ArgumentSources,
): { experiment: Experiment } | { field: string; problem: string } {
  const { rollout, hash, revision } = key;
  const { metadata } = rollout;
  const name = experimentName(key);
  const analyses: NonNullable<ExperimentSpec['analyses']> = [];
  for (const [index, { args = [], ...analysis }] of (step.analyses ?? []).entries()) {
    const values: { name: string; value: string }[] = [];
    for (const arg of args) {
      const resolved = argumentValue({ ...arg }, sources, false);
      const problem =
        'problem' in resolved ? resolved.problem : resolved.value === undefined ? 'has no value' : undefined;
      if (problem !== undefined) {
        return { field: `experiment.analyses[${index}].args`, problem: `argument "${arg.name}": ${problem}` };
      }
      if ('value' in resolved && resolved.value !== undefined) values.push({ name: arg.name, value: resolved.value });
    }
    analyses.push({ ...analysis, ...(values.length > 0 ? { args: values } : {}) });
  }
  const { duration, scaleDownDelaySeconds, dryRun, measurementRetention, analysisRunMetadata } = step;
  const { progressDeadlineSeconds } = rollout.spec;
  const spec = {
    templates: step.templates.map((template) => experimentTemplate(name, template, versions[template.specRef])),
    analyses: analyses.length > 0 ? analyses : undefined,
    duration,
    scaleDownDelaySeconds,
    progressDeadlineSeconds,
    dryRun,
    measurementRetention,
    analysisRunMetadata,
  };
  const experiment: Experiment = {
    apiVersion: `${EXPERIMENT_RESOURCE.group}/${EXPERIMENT_RESOURCE.version}`,
    kind: EXPERIMENT_RESOURCE.kind,
    metadata: {
      name,
      namespace: metadata.namespace ?? '',
      labels: { ...metadata.labels, [POD_TEMPLATE_HASH_LABEL]: hash },
      annotations: { [REVISION_ANNOTATION]: String(revision) },
      ownerReferences: ownedBy(rollout),
    },
    // What is undefined does not get into the JSON.
    spec: JSON.parse(JSON.stringify(spec)) as ExperimentSpec,
  };
  return { experiment };
}

function experimentTemplate(
  experiment: string,
  step: StepTemplate,
  version: ReplicaSet,
): ExperimentSpec['templates'][number] {
  const { spec } = version;
  const { name, replicas, metadata = {}, weight } = step;
  const service = step.service ?? (weight === undefined ? undefined : {});
  const selector = asObject(step.selector ?? spec.selector) ?? {};
  const serviceName = asText(service?.name) ?? shortName(`${experiment}-${name}`);
  return {
    name,
    ...(replicas === undefined ? {} : { replicas }),
    minReadySeconds: spec.minReadySeconds ?? 0,
    selector: { ...selector, matchLabels: { ...withoutHash(selector['matchLabels']), ...metadata.labels } },
    // Without what marks the pods of the version for its part in the release: these have none.
    template: withMetadata(undressed(version), metadata),
    ...(service === undefined ? {} : { service: serviceName === undefined ? {} : { name: serviceName } }),
  };
}

/** The pods of a version with what the step adds, and without the hash: they get one of their own. */
function withMetadata(
  template: PodTemplate,
  { labels, annotations }: NonNullable<StepTemplate['metadata']>,
): PodTemplate {
  const { metadata } = template;
  return {
    ...template,
    metadata: {
      ...metadata,
      labels: { ...withoutHash(metadata?.labels), ...labels },
      ...(metadata?.annotations === undefined && annotations === undefined
        ? {}
        : { annotations: { ...metadata?.annotations, ...annotations } }),
    },
  };
}

function withoutHash(labels: unknown): Record<string, string> {
  const { [POD_TEMPLATE_HASH_LABEL]: _, ...rest } = asObject(labels) ?? {};
  return rest as Record<string, string>;
}

/** A name for a Service where that of the ReplicaSet cannot be one; undefined where it can. */
function shortName(name: string): string | undefined {
  return /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name) ? undefined : `e-${shortHash(name)}`;
}
