/** Group, labels, annotations and field managers: every name that is part of the contract with a cluster. */

export const GROUP = 'slipway.dev';
export const VERSION = 'v1alpha1';

/** Field manager of the sync half. Load-bearing: the API server remembers it on every object ever applied. */
export const FIELD_MANAGER = 'slipway';
/** Field manager of what the controller itself writes outside of the status of an Application. */
export const OPERATION_FIELD_MANAGER = 'slipway-operation';
/** Field manager of the rollout half. */
export const ROLLOUT_FIELD_MANAGER = 'slipway-rollout';

/** Label on ReplicaSets and pods, and key in Service selectors; the same key as Argo Rollouts uses, in every mode. */
export const POD_TEMPLATE_HASH_LABEL = 'rollouts-pod-template-hash';

/** On every object that an Application applied: names the Application and the object itself. */
export const TRACKING_ANNOTATION = 'slipway.dev/tracking-id';
/** On Applications: any new value asks to look at Git and at the cluster now. */
export const RECONCILE_ANNOTATION = 'slipway.dev/reconcile';
/**
 * Finalizer on an Application whose objects are to go with it, by itself or followed by `/foreground`, `/background` or
 * `/orphan`. Without it they stay.
 */
export const RESOURCES_FINALIZER = 'resources-finalizer.slipway.dev';
/** On Rollouts and ReplicaSets: number of the revision, counted from 1. */
export const REVISION_ANNOTATION = 'slipway.dev/revision';
/** On ReplicaSets: time after which it may be scaled to zero. */
export const SCALE_DOWN_DEADLINE_ANNOTATION = 'slipway.dev/scale-down-deadline';
/** On Services: the Rollout that owns the hash in the selector. */
export const MANAGED_BY_ANNOTATION = 'slipway.dev/managed-by-rollout';
/** The same in compatibility mode. */
export const ARGO_MANAGED_BY_ANNOTATION = 'argo-rollouts.argoproj.io/managed-by-rollouts';
/** On pods and ReplicaSets: model and version, for example `fraud/8`. */
export const MODEL_ANNOTATION = 'slipway.dev/model';
/** On pods and ReplicaSets: where the artifacts of the version are. */
export const MODEL_URI_ANNOTATION = 'slipway.dev/model-uri';
/** On ReplicaSets: the resolved identity of the model version as JSON, so that going back needs no registry. */
export const MODEL_IDENTITY_ANNOTATION = 'slipway.dev/model-identity';
/** On ReplicaSets: versioned digest of the pod template as it was asked for, by which a ReplicaSet is found again. */
export const TEMPLATE_DIGEST_ANNOTATION = 'slipway.dev/template-digest';
/** On ReplicaSets: digests of the ConfigMaps and Secrets that its pods were started with, as JSON; see spec.revisionTriggers. */
export const CONFIG_ANNOTATION = 'slipway.dev/config';
/** On what an Experiment makes: its name, and the name of the template. */
export const EXPERIMENT_ANNOTATION = 'slipway.dev/experiment';
export const EXPERIMENT_TEMPLATE_ANNOTATION = 'slipway.dev/experiment-template';
/** On ReplicaSets: the labels and annotations that its pods have for their part in the release, as JSON. */
export const EPHEMERAL_METADATA_ANNOTATION = 'slipway.dev/ephemeral-metadata';
/** On ReplicaSets: keys of labels and annotations that may still be as they were on some of its pods, as JSON. */
export const PODS_TO_UPDATE_ANNOTATION = 'slipway.dev/pods-to-update';
/** On AnalysisRuns: what asked for it, one of Step, PrePromotion, PostPromotion. */
export const ROLLOUT_TYPE_LABEL = 'slipway.dev/rollout-type';
/** On AnalysisRuns: index of the step that asked for it. */
export const STEP_INDEX_LABEL = 'slipway.dev/step-index';

/**
 * Annotations of objects in Git that say how they are synced, each also read under Argo CD's prefix `argocd.argoproj.io/`;
 * ours comes first. See controller/sync/object-options.ts.
 */
export const SYNC_OPTIONS_ANNOTATION = 'slipway.dev/sync-options';
export const IGNORE_HEALTHCHECK_ANNOTATION = 'slipway.dev/ignore-healthcheck';
export const COMPARE_OPTIONS_ANNOTATION = 'slipway.dev/compare-options';
/** On Applications: RFC 3339 time at which a person confirmed the deletes that wait for it (`Prune=confirm`). */
export const DELETION_APPROVED_ANNOTATION = 'slipway.dev/deletion-approved';
export const SYNC_WAVE_ANNOTATION = 'slipway.dev/sync-wave';
export const HOOK_ANNOTATION = 'slipway.dev/hook';
export const HOOK_DELETE_POLICY_ANNOTATION = 'slipway.dev/hook-delete-policy';
/** On hooks in the cluster: the sync that they ran in, so that an earlier run is never taken for this one's. */
export const HOOK_RUN_ANNOTATION = 'slipway.dev/hook-run';
