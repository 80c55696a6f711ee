/**
 * Reasons of conditions and Events. They are part of the contract: alerts and scripts match on them, and
 * docs/reference/reasons.md lists every one (a test compares the page with this file).
 */
export const Reason = {
  /** An analysis could not be measured. */
  AnalysisRunError: 'AnalysisRunError',
  /** An analysis found the version bad. */
  AnalysisRunFailed: 'AnalysisRunFailed',
  /** An analysis has no verdict: no data, or values between good and bad. */
  AnalysisRunInconclusive: 'AnalysisRunInconclusive',
  /** An analysis is about to begin. */
  AnalysisRunPending: 'AnalysisRunPending',
  /** An analysis is under way. */
  AnalysisRunRunning: 'AnalysisRunRunning',
  /** An analysis found the version good. */
  AnalysisRunSuccessful: 'AnalysisRunSuccessful',
  /** An object could not be applied for a cause that may pass; it is tried again. */
  ApplyFailed: 'ApplyFailed',
  /** Whether an Application is synced by itself has changed; the message says how and why. */
  AutomationChanged: 'AutomationChanged',
  /** Enough pods of a Rollout serve. */
  AvailableReason: 'AvailableReason',
  /** A ConfigMap or Secret that the pods need, or a key in it, does not exist. */
  ConfigMissing: 'ConfigMissing',
  /** The ConfigMaps and Secrets of the pods are being read, or changed a moment ago. */
  ConfigPending: 'ConfigPending',
  /** The ConfigMaps and Secrets of the pods were read; another content of them is another revision. */
  ConfigResolved: 'ConfigResolved',
  /** The ConfigMaps or Secrets of the pods cannot be read now. */
  ConfigUnavailable: 'ConfigUnavailable',
  /** The registry answers and accepts our credentials. */
  Connected: 'Connected',
  /** The Secret with the credentials of a repository is missing or lacks keys. */
  CredentialsInvalid: 'CredentialsInvalid',
  /** Something is broken and does not recover by waiting. */
  Degraded: 'Degraded',
  /** An Application is gone, and so is what its finalizer asked to delete. */
  Deleted: 'Deleted',
  /** The objects of an Application are being deleted, as its finalizer asks. */
  Deleting: 'Deleting',
  /** Something keeps the objects of an Application from going; the message names the object and what holds it. */
  DeletionBlocked: 'DeletionBlocked',
  /** The finalizer of an Application asks for something unknown; nothing is deleted. */
  DeletionUnknown: 'DeletionUnknown',
  /** Git has no object left; nothing is deleted without syncPolicy.automated.allowEmpty. */
  EmptyRefused: 'EmptyRefused',
  /** A PodDisruptionBudget does not let go of a pod that is to be replaced; it is asked again. */
  EvictionRefused: 'EvictionRefused',
  /** An experiment ended well. */
  ExperimentCompleted: 'ExperimentCompleted',
  /** An Experiment for a step of an update was made. */
  ExperimentCreated: 'ExperimentCreated',
  /** An experiment ended, and not well. */
  ExperimentEnded: 'ExperimentEnded',
  /** An experiment could not be carried out. */
  ExperimentError: 'ExperimentError',
  /** An experiment failed: a bad verdict, or pods that never served. */
  ExperimentFailed: 'ExperimentFailed',
  /** An experiment has no verdict. */
  ExperimentInconclusive: 'ExperimentInconclusive',
  /** The pods of an experiment are coming up. */
  ExperimentPending: 'ExperimentPending',
  /** All pods of an experiment serve. */
  ExperimentRunning: 'ExperimentRunning',
  /** An experiment ended well. */
  ExperimentSuccessful: 'ExperimentSuccessful',
  /** The revision was fetched from Git and read. */
  Fetched: 'Fetched',
  /** A field of an object cannot be changed; the message names the field and the remedy. */
  FieldImmutable: 'FieldImmutable',
  /** A Rollout has a ReplicaSet for its template already, made by something else or before its status was lost. */
  FoundNewReplicaSet: 'FoundNewReplicaSet',
  /** All is as it should be. */
  Healthy: 'Healthy',
  /** A hook of a sync did not succeed; it is tried again. */
  HookFailed: 'HookFailed',
  /** The cluster is what Git says. */
  InSync: 'InSync',
  /** A defect of Slipway; the log has the details. The object is tried again. */
  InternalError: 'InternalError',
  /** The spec cannot be acted on; the message names the field and the remedy. */
  InvalidSpec: 'InvalidSpec',
  /** The cluster does not serve the kind of an object. */
  KindUnknown: 'KindUnknown',
  /** A measurement could not be taken; it is tried again. */
  MeasurementError: 'MeasurementError',
  /** An analysis is under way. */
  Measuring: 'Measuring',
  /** A metric could not be measured. */
  MetricError: 'MetricError',
  /** A metric was bad more often than failureLimit tolerates. */
  MetricFailed: 'MetricFailed',
  /** A metric has no verdict. */
  MetricInconclusive: 'MetricInconclusive',
  /** A metric held. */
  MetricSuccessful: 'MetricSuccessful',
  /** An object is not in the cluster. */
  Missing: 'Missing',
  /** The registry has the model version, but its content is gone. */
  ModelContentMissing: 'ModelContentMissing',
  /** The registry has no such model. */
  ModelNotFound: 'ModelNotFound',
  /** The registry is being asked for the model version. */
  ModelPending: 'ModelPending',
  /** The registry knows the model version, and it is READY. */
  ModelResolved: 'ModelResolved',
  /** The model version was deleted and registered anew under its number. */
  ModelVersionChanged: 'ModelVersionChanged',
  /** The registry could not be told about a version because it was deleted. */
  ModelVersionGone: 'ModelVersionGone',
  /** The registry cannot have such a model version. */
  ModelVersionInvalid: 'ModelVersionInvalid',
  /** The registry has no such version of the model. */
  ModelVersionNotFound: 'ModelVersionNotFound',
  /** The model version is not READY in the registry. */
  ModelVersionNotReady: 'ModelVersionNotReady',
  /** The registry was told what a version is to this Rollout. */
  ModelWriteBack: 'ModelWriteBack',
  /** The registry could not be told; it is tried again, in order. */
  ModelWriteBackFailed: 'ModelWriteBackFailed',
  /** An object with the name that the Rollout needs exists and is not its own. */
  NameTaken: 'NameTaken',
  /** All pods of the current version serve. */
  NewReplicaSetAvailable: 'NewReplicaSetAvailable',
  /** A ReplicaSet for a new version was made. */
  NewReplicaSetCreated: 'NewReplicaSetCreated',
  /** An object was deleted to be made anew, since a field cannot be changed. */
  ObjectRecreated: 'ObjectRecreated',
  /** The API server refused an object; a person must change it. */
  ObjectRefused: 'ObjectRefused',
  /** A sync did not succeed; what failed is tried again. */
  OperationFailed: 'OperationFailed',
  /** A revision is being applied. */
  OperationStarted: 'OperationStarted',
  /** A revision was applied. */
  OperationSucceeded: 'OperationSucceeded',
  /** The cluster differs from Git. */
  OutOfSync: 'OutOfSync',
  /** An object belongs to another Application, which came first. */
  OwnedByOther: 'OwnedByOther',
  /** An update made no progress for progressDeadlineSeconds. */
  ProgressDeadlineExceeded: 'ProgressDeadlineExceeded',
  /** A change is under way. */
  Progressing: 'Progressing',
  /** Nothing is deleted: what seems to be gone from Git may only be broken there. */
  PruneDoubtful: 'PruneDoubtful',
  /** An object that is gone from Git could not be deleted; it is tried again. */
  PruneFailed: 'PruneFailed',
  /** Objects that are gone from Git were deleted. */
  Pruned: 'Pruned',
  /** The registry answers something that is not its protocol. */
  RegistryBadAnswer: 'RegistryBadAnswer',
  /** The credentials do not allow what was asked of the registry. */
  RegistryForbidden: 'RegistryForbidden',
  /** The registry refuses the host name under which it is called. */
  RegistryForbiddenHost: 'RegistryForbiddenHost',
  /** The spec of a ModelRegistry makes no sense. */
  RegistryInvalid: 'RegistryInvalid',
  /** No such ModelRegistry or ClusterModelRegistry. */
  RegistryNotFound: 'RegistryNotFound',
  /** The registry asks for fewer requests. */
  RegistryOverloaded: 'RegistryOverloaded',
  /** The registry refuses a request as wrong. */
  RegistryRefused: 'RegistryRefused',
  /** The Secret with the credentials of a registry lacks keys. */
  RegistrySecretInvalid: 'RegistrySecretInvalid',
  /** The Secret with the credentials of a registry does not exist or cannot be read. */
  RegistrySecretMissing: 'RegistrySecretMissing',
  /** The registry reports an error of its own. */
  RegistryServerError: 'RegistryServerError',
  /** The registry did not answer in time. */
  RegistryTimeout: 'RegistryTimeout',
  /** The registry does not accept our credentials. */
  RegistryUnauthorized: 'RegistryUnauthorized',
  /** No connection to the registry. */
  RegistryUnreachable: 'RegistryUnreachable',
  /** Objects stay and belong to the Application no longer: it is deleted, or they have moved to another. */
  Released: 'Released',
  /** Too few pods of a Rollout serve. */
  ReplicaSetNotAvailable: 'ReplicaSetNotAvailable',
  /** The pods of a new version are coming up. */
  ReplicaSetUpdated: 'ReplicaSetUpdated',
  /** An update was aborted; the requests go back to the version that serves. */
  RolloutAborted: 'RolloutAborted',
  /** The version that the spec asks for was promoted. */
  RolloutCompleted: 'RolloutCompleted',
  /** All pods of the current version serve and no others are left. */
  RolloutHealthy: 'RolloutHealthy',
  /** The version that the spec asks for is not promoted yet. */
  RolloutNotCompleted: 'RolloutNotCompleted',
  /** An update is under way, or pods are missing or left over. */
  RolloutNotHealthy: 'RolloutNotHealthy',
  /** The update waits for time, for a person, or for spec.paused. */
  RolloutPaused: 'RolloutPaused',
  /** All pods that spec.restartAt asks to replace have been replaced. */
  RolloutRestarted: 'RolloutRestarted',
  /** Pods older than spec.restartAt are being replaced. */
  RolloutRestarting: 'RolloutRestarting',
  /** The update goes on. */
  RolloutResumed: 'RolloutResumed',
  /** An aborted update was started over. */
  RolloutRetry: 'RolloutRetry',
  /** A step of an update is done. */
  RolloutStepCompleted: 'RolloutStepCompleted',
  /** The spec asks for another version. */
  RolloutUpdated: 'RolloutUpdated',
  /** The number of pods of a version changed. */
  ScalingReplicaSet: 'ScalingReplicaSet',
  /** Another Application wants an object of this one and does not get it. */
  SharedObject: 'SharedObject',
  /** The steps of an update are skipped: a return to the version that serves, a rollback within the window, or a full promotion. */
  SkipSteps: 'SkipSteps',
  /** Nothing can be compared because the revision could not be fetched or read. */
  SourceNotReady: 'SourceNotReady',
  /** Somebody has paused it, or it waits for somebody. */
  Suspended: 'Suspended',
  /** A Service points at the pods of another version. */
  SwitchService: 'SwitchService',
  /** A sync waits for something before it can go on. */
  Syncing: 'Syncing',
  /** The pods of an experiment cannot be made. */
  TemplateError: 'TemplateError',
  /** The pods of an experiment did not serve in time. */
  TemplateFailed: 'TemplateFailed',
  /** The pods of an experiment are coming up. */
  TemplateProgressing: 'TemplateProgressing',
  /** The pods of an experiment serve. */
  TemplateRunning: 'TemplateRunning',
  /** The pods of an experiment are no longer needed. */
  TemplateSuccessful: 'TemplateSuccessful',
  /** The router accepted the split of requests. */
  TrafficAccepted: 'TrafficAccepted',
  /** The router has not confirmed the split of requests yet. */
  TrafficPending: 'TrafficPending',
  /** What steps ask of a router beside the weights was set or removed. */
  TrafficRoutesUpdated: 'TrafficRoutesUpdated',
  /** The router refuses the split, or there is no route to carry it. */
  TrafficRoutingError: 'TrafficRoutingError',
  /** The split of requests changed. */
  TrafficWeightUpdated: 'TrafficWeightUpdated',
  /** The state cannot be told. */
  Unknown: 'Unknown',
  /** A wave of a sync, or its hooks, did not become healthy in time. */
  WaveTimeout: 'WaveTimeout',
  /** The API server keeps failing to do what the Rollout asks for; it is tried again. */
  WriteFailed: 'WriteFailed',
  /** The API server refuses something that the Rollout has to write. */
  WriteRefused: 'WriteRefused',
} as const;
