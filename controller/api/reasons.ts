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
  /** An analysis found the version good. */
  AnalysisRunSuccessful: 'AnalysisRunSuccessful',
  /** An object could not be applied for a cause that may pass; it is tried again. */
  ApplyFailed: 'ApplyFailed',
  /** The registry answers and accepts our credentials. */
  Connected: 'Connected',
  /** The Secret with the credentials of a repository is missing or lacks keys. */
  CredentialsInvalid: 'CredentialsInvalid',
  /** Something is broken and does not recover by waiting. */
  Degraded: 'Degraded',
  /** Git has no object left; nothing is deleted without syncPolicy.automated.allowEmpty. */
  EmptyRefused: 'EmptyRefused',
  /** The revision was fetched from Git and read. */
  Fetched: 'Fetched',
  /** The revision is being fetched from Git. */
  Fetching: 'Fetching',
  /** All is as it should be. */
  Healthy: 'Healthy',
  /** The cluster is what Git says. */
  InSync: 'InSync',
  /** A defect of Slipway; the log has the details. The object is tried again. */
  InternalError: 'InternalError',
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
  /** A change is under way. */
  Progressing: 'Progressing',
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
  /** Another Application wants an object of this one and does not get it. */
  SharedObject: 'SharedObject',
  /** Nothing can be compared because the revision could not be fetched or read. */
  SourceNotReady: 'SourceNotReady',
  /** Somebody has paused it, or it waits for somebody. */
  Suspended: 'Suspended',
  /** A sync waits for something before it can go on. */
  Syncing: 'Syncing',
  /** The state cannot be told. */
  Unknown: 'Unknown',
  /** The API server keeps failing to do what the Rollout asks for; it is tried again. */
  WriteFailed: 'WriteFailed',
  /** The API server refuses something that the Rollout has to write. */
  WriteRefused: 'WriteRefused',
} as const;
