// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves Application. */
export const APPLICATION_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'Application',
  plural: 'applications',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** An Application keeps what a cluster runs equal to one path of a Git repository. */
export interface Application extends KubeObject {
  /** A sync that somebody asks for, now. The controller takes it over into status.operationState and removes it from here. It is done whatever spec.syncPolicy.automated and spec.suspend say; a sync window may refuse it. */
  operation?: ApplicationOperation;
  spec: ApplicationSpec;
  status?: ApplicationStatus;
}

/** Who asks; shown in the status. */
export interface ApplicationOperationInitiatedBy {
  username?: string;
}

export interface ApplicationOperationSyncResource {
  /** API group; empty for the core group. */
  group?: string;
  kind: string;
  /** Default is any. */
  namespace?: string;
  name: string;
}

/** Bring the cluster to a revision. */
export interface ApplicationOperationSync {
  /** Branch, tag, full ref or commit id of 40 hex digits to sync to this once. Default is spec.source.targetRevision. */
  revision?: string;
  /** Delete what is gone from Git. Default is what spec.syncPolicy.automated.prune says. */
  prune?: boolean;
  /** Sync only these objects. Nothing else is applied or pruned, and no history entry is written. */
  resources?: ApplicationOperationSyncResource[];
}

/** Go back to an entry of status.history. It suspends the Application, and says so. */
export interface ApplicationOperationRollback {
  /** The id of the entry. */
  id: number;
  /** Delete what that revision does not have. Default is what spec.syncPolicy.automated.prune says. */
  prune?: boolean;
}

/** A sync that somebody asks for, now. The controller takes it over into status.operationState and removes it from here. It is done whatever spec.syncPolicy.automated and spec.suspend say; a sync window may refuse it. */
export interface ApplicationOperation {
  /** Who asks; shown in the status. */
  initiatedBy?: ApplicationOperationInitiatedBy;
  /** Bring the cluster to a revision. */
  sync?: ApplicationOperationSync;
  /** Go back to an entry of status.history. It suspends the Application, and says so. */
  rollback?: ApplicationOperationRollback;
}

/** Which files of the folder are manifests. */
export interface ApplicationSpecSourceDirectory {
  /** Also read the folders below. */
  recurse: boolean;
  /** Glob of the files to read, relative to path; several as {a,b}. */
  include?: string;
  /** Glob of files to leave out, relative to path; several as {a,b}. Wins over include. */
  exclude?: string;
}

/** Secret in the namespace of the Application with the credentials for the repository: `username` and `password`, or `token`; and optionally `ca.crt`, a PEM bundle to trust. */
export interface ApplicationSpecSourceSecretRef {
  name: string;
}

/** Where the manifests come from. */
export interface ApplicationSpecSource {
  /** URL of the Git repository, http or https. Credentials belong in secretRef, never in the URL. */
  repoURL: string;
  /** Folder inside the repository, relative to its root. */
  path: string;
  /** Branch, tag, full ref (refs/...), or commit id of 40 hex digits. HEAD is the default branch. */
  targetRevision: string;
  /** Which files of the folder are manifests. */
  directory?: ApplicationSpecSourceDirectory;
  /** Secret in the namespace of the Application with the credentials for the repository: `username` and `password`, or `token`; and optionally `ca.crt`, a PEM bundle to trust. */
  secretRef?: ApplicationSpecSourceSecretRef;
}

/** Where the objects go. */
export interface ApplicationSpecDestination {
  /** Namespace of the namespaced objects that do not name one. Default: the namespace of the Application. */
  namespace?: string;
}

export interface ApplicationSpecIgnoreDifference {
  /** API group; empty for the core group, `*` for any. */
  group?: string;
  /** Kind, or `*` for any. */
  kind: string;
  namespace?: string;
  name?: string;
  /** RFC 6901 pointers, for example /spec/replicas. */
  jsonPointers?: string[];
  /** Paths in a safe subset of jq, for example .webhooks[]?.clientConfig.caBundle; see the docs. */
  jqPathExpressions?: string[];
  /** Field managers whose fields are left to them, for example kube-controller-manager. */
  managedFieldsManagers?: string[];
}

export interface ApplicationSpecHealthCheck {
  /** API group; empty for the core group. */
  group?: string;
  kind: string;
  /** Healthy when true. */
  current: string;
  /** Progressing when true. */
  inProgress?: string;
  /** Degraded when true. */
  failed?: string;
  /** Suspended when true. */
  suspended?: string;
  /** Gives the text beside the health, for example status.reason. */
  message?: string;
}

export interface ApplicationSpecDependsOn {
  name: string;
}

/** Labels and annotations of the namespace that CreateNamespace=true makes. */
export interface ApplicationSpecSyncPolicyManagedNamespaceMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface ApplicationSpecSyncPolicySyncWindow {
  kind: 'allow' | 'deny';
  /** Cron expression of five fields that says when the window opens. */
  schedule: string;
  /** How long it stays open, for example 8h. */
  duration: string;
  /** IANA name of the time zone of schedule. */
  timeZone: string;
  /** Syncs that somebody asks for are allowed also where this window forbids. */
  manualSync: boolean;
  /** A sync that runs when this window comes to forbid may go on. */
  syncOverrun: boolean;
}

export interface ApplicationSpecSyncPolicyRetryBackoff {
  /** Wait before the first retry, for example 5s. */
  duration: string;
  /** The wait is multiplied by this after each try. */
  factor: number;
  /** The longest wait. */
  maxDuration: string;
}

/** How a sync that failed is tried again. It always tries the newest revision. */
export interface ApplicationSpecSyncPolicyRetry {
  /** Tries after the first; negative is for ever. */
  limit: number;
  backoff: ApplicationSpecSyncPolicyRetryBackoff;
}

/** Apply each new revision by itself. Without it, differences are only reported. */
export interface ApplicationSpecSyncPolicyAutomated {
  /** False is as if the block were not there. */
  enabled: boolean;
  /** Also put right what somebody changed in the cluster: at once, and if it is changed again and again, after 2, 6, 18, 54, 162, then every 300 seconds. */
  selfHeal: boolean;
  /** Delete objects that were applied by this Application and are gone from Git. */
  prune: boolean;
  /** Allow that a path without a single manifest deletes everything (needs prune). */
  allowEmpty: boolean;
}

export interface ApplicationSpecSyncPolicy {
  /** Options for all objects, as in Argo CD, for example CreateNamespace=true; an annotation on an object comes before them. */
  syncOptions?: string[];
  /** How long a wave and its hooks may take to become healthy before the sync fails. Default 10m. */
  waveTimeout?: string;
  /** Labels and annotations of the namespace that CreateNamespace=true makes. */
  managedNamespaceMetadata?: ApplicationSpecSyncPolicyManagedNamespaceMetadata;
  /** When syncs may start by themselves. An open deny window forbids; if there are allow windows, one of them must be open. */
  syncWindows?: ApplicationSpecSyncPolicySyncWindow[];
  /** How a sync that failed is tried again. It always tries the newest revision. */
  retry?: ApplicationSpecSyncPolicyRetry;
  /** Apply each new revision by itself. Without it, differences are only reported. */
  automated?: ApplicationSpecSyncPolicyAutomated;
}

export interface ApplicationSpec {
  /** Where the manifests come from. */
  source: ApplicationSpecSource;
  /** Where the objects go. */
  destination?: ApplicationSpecDestination;
  /** Fields that somebody else decides. They are neither compared nor sent, and what the live object has at them stays. Git's value counts only when the object is created. */
  ignoreDifferences?: ApplicationSpecIgnoreDifference[];
  /** Health of kinds in CEL, instead of the built-in rules. Expressions see the object as `self` (also `object`), and its fields by name (`status`, `spec`, `metadata`). They are asked in the order suspended, inProgress, failed, current; the first that is true counts, and none is Progressing. */
  healthChecks?: ApplicationSpecHealthCheck[];
  /** Nothing is applied or pruned by itself; differences and health are still reported. A pass under way ends first. When it is false again, the Application is brought to the newest revision. */
  suspend: boolean;
  /** Why, for those who find it suspended; shown in status.automation. */
  suspendReason?: string;
  /** Applications of the same namespace that must be synced to their newest revision, and healthy, before a sync of this one starts by itself. */
  dependsOn?: ApplicationSpecDependsOn[];
  /** Successful syncs that status.history keeps. 0 keeps none. */
  revisionHistoryLimit: number;
  syncPolicy?: ApplicationSpecSyncPolicy;
}

/** How often in a row drift was put right; gone with the next sync for another reason. */
export interface ApplicationStatusSelfHeal {
  attempts: number;
}

/** Whether the Application is synced by itself, and if not, why and since when. */
export interface ApplicationStatusAutomation {
  /** Active: by itself. Manual: spec.syncPolicy.automated is not there or not enabled. Suspended: spec.suspend. Held: something must happen first, such as a sync window that must open. */
  state: 'Active' | 'Manual' | 'Suspended' | 'Held';
  message?: string;
  since: string;
}

export interface ApplicationStatusSync {
  status: 'Synced' | 'OutOfSync' | 'Unknown';
  /** Commit that the cluster was last compared with. */
  revision?: string;
  /** The first 7 digits of revision. */
  shortRevision?: string;
  /** Digest of the fields of the spec that say what is wanted, when the revision was last compared by an Application that is synced by itself. */
  specHash?: string;
}

/** The worst health of the objects. */
export interface ApplicationStatusHealth {
  status: 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';
  /** Which object is the worst, and why. */
  message?: string;
}

export interface ApplicationStatusResourceHealth {
  status: 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';
  message?: string;
}

export interface ApplicationStatusResource {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  status?: 'Synced' | 'OutOfSync' | 'Unknown';
  /** The object is gone from Git and still in the cluster. */
  requiresPruning?: boolean;
  /** It is deleted only after a person has confirmed it; see the sync option Prune=confirm. */
  requiresDeletionConfirmation?: boolean;
  /** Where an object that is gone from Git may still be meant by a document that is no Kubernetes object, for which it is not deleted. */
  file?: string;
  /** Digest of the wanted and the live object that were last found equal, so that they are not compared again after a restart. */
  compared?: string;
  /** The wave, if it is not 0. */
  syncWave?: number;
  /** What went wrong with this object. */
  message?: string;
  health?: ApplicationStatusResourceHealth;
}

export interface ApplicationStatusOperationStateInitiatedBy {
  username?: string;
  automated?: boolean;
}

/** Who asks; shown in the status. */
export interface ApplicationStatusOperationStateOperationInitiatedBy {
  username?: string;
}

export interface ApplicationStatusOperationStateOperationSyncResource {
  /** API group; empty for the core group. */
  group?: string;
  kind: string;
  /** Default is any. */
  namespace?: string;
  name: string;
}

/** Bring the cluster to a revision. */
export interface ApplicationStatusOperationStateOperationSync {
  /** Branch, tag, full ref or commit id of 40 hex digits to sync to this once. Default is spec.source.targetRevision. */
  revision?: string;
  /** Delete what is gone from Git. Default is what spec.syncPolicy.automated.prune says. */
  prune?: boolean;
  /** Sync only these objects. Nothing else is applied or pruned, and no history entry is written. */
  resources?: ApplicationStatusOperationStateOperationSyncResource[];
}

/** Go back to an entry of status.history. It suspends the Application, and says so. */
export interface ApplicationStatusOperationStateOperationRollback {
  /** The id of the entry. */
  id: number;
  /** Delete what that revision does not have. Default is what spec.syncPolicy.automated.prune says. */
  prune?: boolean;
}

/** A sync that somebody asks for, now. The controller takes it over into status.operationState and removes it from here. It is done whatever spec.syncPolicy.automated and spec.suspend say; a sync window may refuse it. */
export interface ApplicationStatusOperationStateOperation {
  /** Who asks; shown in the status. */
  initiatedBy?: ApplicationStatusOperationStateOperationInitiatedBy;
  /** Bring the cluster to a revision. */
  sync?: ApplicationStatusOperationStateOperationSync;
  /** Go back to an entry of status.history. It suspends the Application, and says so. */
  rollback?: ApplicationStatusOperationStateOperationRollback;
}

export interface ApplicationStatusOperationStateHook {
  group?: string;
  version: string;
  kind: string;
  namespace?: string;
  name: string;
  /** Of the object, so that it is not mistaken for another of its name. */
  uid?: string;
  syncPhase: 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail';
  hookPhase: 'Running' | 'Succeeded' | 'Failed';
  message?: string;
}

/** The last sync. */
export interface ApplicationStatusOperationState {
  phase: 'Running' | 'Succeeded' | 'Failed';
  message?: string;
  revision: string;
  /** See status.sync.specHash. */
  specHash?: string;
  /** Why it was started. */
  trigger?: 'NewRevision' | 'SpecChanged' | 'SelfHeal' | 'Requested' | 'Rollback';
  initiatedBy?: ApplicationStatusOperationStateInitiatedBy;
  /** A sync that somebody asks for, now. The controller takes it over into status.operationState and removes it from here. It is done whatever spec.syncPolicy.automated and spec.suspend say; a sync window may refuse it. */
  operation?: ApplicationStatusOperationStateOperation;
  startedAt: string;
  /** How far a sync is that goes step by step. */
  syncPhase?: 'PreSync' | 'Sync' | 'PostSync';
  /** The wave within the phase. */
  wave?: number;
  waveStartedAt?: string;
  /** The hooks of this sync that were started, at most 100. */
  hooks?: ApplicationStatusOperationStateHook[];
  finishedAt?: string;
  /** Tries after the first. */
  retryCount?: number;
  /** When a sync that failed is tried again. */
  nextRetryAt?: string;
}

export interface ApplicationStatusHistoryInitiatedBy {
  username?: string;
  automated?: boolean;
}

export interface ApplicationStatusHistory {
  id: number;
  revision: string;
  deployStartedAt?: string;
  deployedAt: string;
  /** spec.source at that time. */
  source?: Record<string, unknown>;
  initiatedBy?: ApplicationStatusHistoryInitiatedBy;
}

export interface ApplicationStatusCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export interface ApplicationStatus {
  observedGeneration?: number;
  /** One line that says what an operator wants to know first. */
  message?: string;
  /** The value of the annotation slipway.dev/reconcile that was acted on last. */
  lastHandledReconcileAt?: string;
  /** How often in a row drift was put right; gone with the next sync for another reason. */
  selfHeal?: ApplicationStatusSelfHeal;
  /** Whether the Application is synced by itself, and if not, why and since when. */
  automation?: ApplicationStatusAutomation;
  sync?: ApplicationStatusSync;
  /** The worst health of the objects. */
  health?: ApplicationStatusHealth;
  /** Every object of this Application: the inventory. Only objects listed here, and whose tracking annotation names themselves, are ever pruned. */
  resources?: ApplicationStatusResource[];
  /** The last sync. */
  operationState?: ApplicationStatusOperationState;
  /** The last successful syncs, oldest first; spec.revisionHistoryLimit says how many. */
  history?: ApplicationStatusHistory[];
  /** Types: SourceReady (the revision was fetched and rendered), Synced, Healthy, Deleting (only while it is deleted: what it waits for). */
  conditions?: ApplicationStatusCondition[];
}
