import {
  ARGO_MANAGED_BY_ANNOTATION,
  EPHEMERAL_METADATA_ANNOTATION,
  EXPERIMENT_ANNOTATION,
  EXPERIMENT_TEMPLATE_ANNOTATION,
  GROUP,
  MANAGED_BY_ANNOTATION,
  REVISION_ANNOTATION,
  ROLLOUT_TYPE_LABEL,
  SCALE_DOWN_DEADLINE_ANNOTATION,
  STEP_INDEX_LABEL,
} from '../api/names.ts';

/** The API group of Argo Rollouts. */
export const ARGO_GROUP = 'argoproj.io';

/** On Rollouts and what belongs to them: which of several controllers serves them. Objects without it are for the one without an id. */
export const INSTANCE_ID_LABEL = 'argo-rollouts.argoproj.io/controller-instance-id';

/** On ReplicaSets: spec.replicas of the Rollout when their own number was last set. */
export const DESIRED_REPLICAS_ANNOTATION = 'rollout.argoproj.io/desired-replicas';

/** Annotations of a Rollout that Argo Rollouts does not hand on to its ReplicaSets. */
export const KEPT_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'rollout.argoproj.io/revision',
  'rollout.argoproj.io/revision-history',
  DESIRED_REPLICAS_ANNOTATION,
  'notified.notifications.argoproj.io',
]);

/** Kinds that both groups have, with the same plural names. */
const SHARED_KINDS: ReadonlySet<string> = new Set([
  'Rollout',
  'AnalysisTemplate',
  'ClusterAnalysisTemplate',
  'AnalysisRun',
  'Experiment',
]);

/** Keys of labels and annotations: ours, and what Argo Rollouts calls the same thing. The hash label has one name in both. */
const KEYS: readonly (readonly [ours: string, argo: string])[] = [
  [REVISION_ANNOTATION, 'rollout.argoproj.io/revision'],
  [SCALE_DOWN_DEADLINE_ANNOTATION, 'scale-down-deadline'],
  [EPHEMERAL_METADATA_ANNOTATION, 'rollout.argoproj.io/ephemeral-metadata'],
  [MANAGED_BY_ANNOTATION, ARGO_MANAGED_BY_ANNOTATION],
  [ROLLOUT_TYPE_LABEL, 'rollout-type'],
  [STEP_INDEX_LABEL, 'step-index'],
  [EXPERIMENT_ANNOTATION, 'experiment.argoproj.io/name'],
  [EXPERIMENT_TEMPLATE_ANNOTATION, 'experiment.argoproj.io/template-name'],
];
const TO_ARGO: ReadonlyMap<string, string> = new Map(KEYS);
const FROM_ARGO: ReadonlyMap<string, string> = new Map(KEYS.map(([ours, argo]) => [argo, ours]));

/** Whether a kind of our group is served from the other one in compatibility mode. */
export function isShared({ group, kind }: { group: string; kind: string }): boolean {
  return group === GROUP && SHARED_KINDS.has(kind);
}

/** The apiVersion of a shared kind in the cluster; others stay as they are. */
export function argoApiVersion(apiVersion: string, kind: string): string {
  return moved(apiVersion, kind, GROUP, ARGO_GROUP);
}

/** The inverse of {@link argoApiVersion}. */
export function ownApiVersion(apiVersion: string, kind: string): string {
  return moved(apiVersion, kind, ARGO_GROUP, GROUP);
}

/** Labels or annotations as the cluster has them. */
export function argoKeys<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [TO_ARGO.get(key) ?? key, value]));
}

/** The inverse of {@link argoKeys}. A key of ours that really stands in the cluster means nothing in this mode: it is left out. */
export function ownKeys<T>(entries: Readonly<Record<string, T>>): Record<string, T> {
  const seen = Object.entries(entries).filter(([key]) => !TO_ARGO.has(key));
  return Object.fromEntries(seen.map(([key, value]) => [FROM_ARGO.get(key) ?? key, value]));
}

function moved(apiVersion: string, kind: string, from: string, to: string): string {
  const inside = apiVersion.startsWith(`${from}/`) && SHARED_KINDS.has(kind);
  return inside ? `${to}${apiVersion.slice(from.length)}` : apiVersion;
}
