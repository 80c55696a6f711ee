import type { Rollout, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import {
  CONFIG_ANNOTATION,
  MODEL_ANNOTATION,
  MODEL_IDENTITY_ANNOTATION,
  MODEL_URI_ANNOTATION,
  POD_TEMPLATE_HASH_LABEL,
  REVISION_ANNOTATION,
  SCALE_DOWN_DEADLINE_ANNOTATION,
  TEMPLATE_DIGEST_ANNOTATION,
} from '../api/names.ts';
import type { KubeObject, OwnerReference } from '../kube/types.ts';
import { type ConfigMark, markText } from './config/mark.ts';
import { readIdentity } from './read-status.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

/** The hash that marks the pods of a ReplicaSet. */
export function hashOf(replicaSet: ReplicaSet): string | undefined {
  return replicaSet.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
}

/** Number of the revision, 0 when it has none. */
export function revisionOf(replicaSet: ReplicaSet): number {
  const revision = Number(replicaSet.metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
  return Number.isSafeInteger(revision) && revision > 0 ? revision : 0;
}

/** spec.replicas with the default of the API server. */
export function wantedPods(replicaSet: ReplicaSet): number {
  return replicaSet.spec.replicas ?? 1;
}

/** Pods that exist, ready or not. */
export function createdPods(replicaSet: ReplicaSet): number {
  return replicaSet.status?.replicas ?? 0;
}

/** Pods that serve and will stay: those above spec.replicas are about to be removed. */
export function availablePods(replicaSet: ReplicaSet): number {
  return Math.min(replicaSet.status?.availableReplicas ?? 0, wantedPods(replicaSet));
}

/** Pods that serve of the version with this hash. */
export function availableWith(replicaSets: readonly ReplicaSet[], hash: string): number {
  return replicaSets.filter((rs) => hashOf(rs) === hash).reduce((sum, rs) => sum + availablePods(rs), 0);
}

/** Time in milliseconds after which it may go; undefined when there is none that can be read. */
export function deadlineOf(replicaSet: ReplicaSet): number | undefined {
  const deadline = Date.parse(replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION] ?? '');
  return Number.isNaN(deadline) ? undefined : deadline;
}

/** The model version that its pods serve, as it was resolved when it was made. */
export function identityOf(replicaSet: ReplicaSet): RolloutStatusModelCurrent | undefined {
  const text = replicaSet.metadata.annotations?.[MODEL_IDENTITY_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    return readIdentity(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** When it was made, in milliseconds; 0 when unknown. */
export function createdAt(replicaSet: ReplicaSet): number {
  const time = Date.parse(replicaSet.metadata.creationTimestamp ?? '');
  return Number.isNaN(time) ? 0 : time;
}

/** Says that a Rollout or an Experiment controls an object, which goes with it. */
export function ownedBy({ apiVersion, kind, metadata }: KubeObject): OwnerReference[] {
  return [
    { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true },
  ];
}

/** What a new ReplicaSet is made of. */
export interface NewReplicaSet {
  rollout: Rollout;
  hash: string;
  digest: string;
  revision: number;
  replicas: number;
  minReadySeconds: number;
  template: PodTemplate;
  identity: RolloutStatusModelCurrent | undefined;
  /** What its containers read; undefined when that starts no revision. */
  config?: ConfigMark | undefined;
}

/** The ReplicaSet for a template that has none yet. */
export function newReplicaSet(parts: NewReplicaSet): ReplicaSet {
  const { rollout, hash, template, identity, config } = parts;
  const { selector = {} } = rollout.spec;
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  const model = template.metadata?.annotations?.[MODEL_ANNOTATION];
  const uri = template.metadata?.annotations?.[MODEL_URI_ANNOTATION];
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${rollout.metadata.name}-${hash}`,
      namespace: rollout.metadata.namespace ?? '',
      labels,
      annotations: {
        [REVISION_ANNOTATION]: String(parts.revision),
        [TEMPLATE_DIGEST_ANNOTATION]: parts.digest,
        ...(config === undefined ? {} : { [CONFIG_ANNOTATION]: markText(config) }),
        ...(identity === undefined ? {} : { [MODEL_IDENTITY_ANNOTATION]: JSON.stringify(identity) }),
        ...(identity === undefined || model === undefined ? {} : { [MODEL_ANNOTATION]: model }),
        ...(identity === undefined || uri === undefined ? {} : { [MODEL_URI_ANNOTATION]: uri }),
      },
      ownerReferences: ownedBy(rollout),
    },
    spec: {
      replicas: parts.replicas,
      minReadySeconds: parts.minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
