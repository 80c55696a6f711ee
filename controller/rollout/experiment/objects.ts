import type { Experiment, ExperimentSpecTemplate } from '../../api/generated/experiment.ts';
import { EXPERIMENT_ANNOTATION, EXPERIMENT_TEMPLATE_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../../api/names.ts';
import { canonicalJson } from '../../manifest/canonical.ts';
import { asInteger, asList, asObject, asText, type Json } from '../plain.ts';
import { ownedBy } from '../replica-sets.ts';
import { shortHash } from '../short-hash.ts';
import type { PodTemplate, ReplicaSet, Service } from '../snapshot.ts';

/** Name of the ReplicaSet of a template, and of its Service unless that has one of its own. */
export function replicaSetName(experiment: Experiment, template: { name: string }): string {
  return `${experiment.metadata.name}-${template.name}`;
}

export function serviceName(experiment: Experiment, template: ExperimentSpecTemplate): string {
  return asText(template.service?.name) ?? replicaSetName(experiment, template);
}

/** Name of the AnalysisRun of an analysis. */
export function runName(experiment: Experiment, analysis: { name: string }): string {
  return `${experiment.metadata.name}-${analysis.name}`;
}

/** The template of the Experiment that an object of it was made for. */
export function templateNameOf({
  metadata,
}: {
  metadata: { annotations?: Record<string, string> };
}): string | undefined {
  return metadata.annotations?.[EXPERIMENT_TEMPLATE_ANNOTATION];
}

/**
 * The hash that marks the pods of a template. No other ReplicaSet has it, not even one with the same pod template: a Service
 * of a Rollout must not reach the pods of an experiment.
 */
export function experimentHash(experiment: Experiment, template: ExperimentSpecTemplate): string {
  const { name, template: pods } = template;
  return shortHash(`experiment/v1\n${experiment.metadata.uid ?? ''}\n${name}\n${canonicalJson(pods)}`);
}

/** The ReplicaSet of a template, with all its pods. */
export function experimentReplicaSet(experiment: Experiment, template: ExperimentSpecTemplate): ReplicaSet {
  const hash = experimentHash(experiment, template);
  const pods = template.template as PodTemplate;
  const labels = { ...pods.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  const { selector } = template;
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: replicaSetName(experiment, template),
      namespace: experiment.metadata.namespace ?? '',
      labels,
      annotations: marks(experiment, template),
      ownerReferences: ownedBy(experiment),
    },
    spec: {
      replicas: template.replicas ?? 1,
      minReadySeconds: template.minReadySeconds ?? 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } },
      template: { ...pods, metadata: { ...pods.metadata, labels } },
    },
  };
}

/** The Service of a template: the pods of its ReplicaSet, on the ports of their containers. */
export function experimentService(
  experiment: Experiment,
  template: ExperimentSpecTemplate,
  replicaSet: ReplicaSet,
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(experiment, template),
      namespace: experiment.metadata.namespace ?? '',
      annotations: marks(experiment, template),
      ownerReferences: ownedBy(experiment),
    },
    spec: { selector: { ...replicaSet.spec.template.metadata?.labels }, ports: servicePorts(template.template) },
  };
}

/** One port of a Service for each port of a container; names only where every port has its own, as the API server asks. */
export function servicePorts(template: unknown): Json[] {
  const containers = asList(asObject(asObject(template)?.['spec'])?.['containers']);
  const ports = containers
    .flatMap((container) => asList(asObject(container)?.['ports']))
    .flatMap((raw) => {
      const port = asObject(raw) ?? {};
      const number = asInteger(port['containerPort'], 1, 65535);
      const protocol = asText(port['protocol']) ?? 'TCP';
      return number === undefined ? [] : [{ number, protocol, name: asText(port['name']) }];
    });
  const unique = [...new Map(ports.map((port) => [`${port.protocol}/${port.number}`, port])).values()];
  return unique.map(({ number, protocol, name }) => ({
    ...(name !== undefined || unique.length > 1 ? { name: name ?? `${protocol.toLowerCase()}-${number}` } : {}),
    protocol,
    port: number,
    targetPort: number,
  }));
}

function marks(experiment: Experiment, template: { name: string }): Record<string, string> {
  return { [EXPERIMENT_ANNOTATION]: experiment.metadata.name, [EXPERIMENT_TEMPLATE_ANNOTATION]: template.name };
}
