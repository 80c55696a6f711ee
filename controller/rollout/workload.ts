import type { Rollout } from '../api/generated/rollout.ts';
import type { KubeObject } from '../kube/types.ts';
import { asInteger, asObject, asText } from './plain.ts';
import type { PodTemplate, WorkloadKind, WorkloadState } from './snapshot.ts';
import { withoutLabel } from './template.ts';

/** Kinds that a Rollout can take its template from. */
export const WORKLOAD_KINDS: readonly WorkloadKind[] = ['Deployment', 'ReplicaSet', 'PodTemplate'];

/** On the pods of Deployments; with it on ours, the Deployment would take them for its own. */
const DEPLOYMENT_HASH_LABEL = 'pod-template-hash';

/** What spec.workloadRef names. */
export interface WorkloadReference {
  kind: WorkloadKind;
  name: string;
  /** What becomes of the pods of a Deployment that the Rollout takes over. */
  scaleDown: 'never' | 'onsuccess' | 'progressively';
}

/** Total on rubbish; undefined when the spec has its template itself, or names a kind that is none of these. */
export function workloadReference(rollout: KubeObject): WorkloadReference | undefined {
  const reference = asObject(asObject(rollout['spec'])?.['workloadRef']);
  const kind = WORKLOAD_KINDS.find((one) => one === reference?.['kind']);
  const name = asText(reference?.['name']);
  if (kind === undefined || name === undefined) return undefined;
  const scaleDown = (['onsuccess', 'progressively'] as const).find((one) => one === reference?.['scaleDown']);
  return { kind, name, scaleDown: scaleDown ?? 'never' };
}

/**
 * The Rollout as if it had the template, and where it has none the selector, of the workload itself; and what else a decision
 * has to know of the workload. Without a reference the Rollout stays what it is.
 */
export function resolveWorkload(
  rollout: Rollout,
  workload: KubeObject | undefined,
): { rollout: Rollout; workload: WorkloadState | undefined } {
  const reference = workloadReference(rollout);
  if (reference === undefined) return { rollout, workload: undefined };
  const { kind, name } = reference;
  if (workload === undefined) return { rollout, workload: { state: 'missing', kind, name } };
  const spec = asObject(workload['spec']);
  const raw = asObject(kind === 'PodTemplate' ? workload['template'] : spec?.['template']) ?? {};
  const template = withoutLabel(raw as PodTemplate, DEPLOYMENT_HASH_LABEL);
  const labels = asObject(template.metadata?.labels);
  const given = kind === 'PodTemplate' ? { matchLabels: labels ?? {} } : asObject(spec?.['selector']);
  const { [DEPLOYMENT_HASH_LABEL]: _, ...matchLabels } = asObject(given?.['matchLabels']) ?? {};
  const selector = (rollout.spec.selector ?? { ...given, matchLabels }) as NonNullable<Rollout['spec']['selector']>;
  return {
    rollout: { ...rollout, spec: { ...rollout.spec, selector, template } },
    workload: {
      state: 'found',
      kind,
      name,
      generation: workload.metadata.generation,
      resourceVersion: workload.metadata.resourceVersion ?? '',
      replicas: kind === 'Deployment' ? (asInteger(spec?.['replicas'], 0) ?? 1) : 0,
    },
  };
}
