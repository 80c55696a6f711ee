/**
 * Reasons of conditions and Events. They are part of the contract: alerts and scripts match on them, and
 * docs/reference/reasons.md lists every one (a test compares the page with this file).
 */
export const Reason = {
  /** An object could not be applied for a cause that may pass; it is tried again. */
  ApplyFailed: 'ApplyFailed',
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
  /** The cluster does not serve the kind of an object. */
  KindUnknown: 'KindUnknown',
  /** An object is not in the cluster. */
  Missing: 'Missing',
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
} as const;
