import type { Application, ApplicationStatusResource } from '../api/generated/application.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { ObjectId } from '../manifest/identity.ts';
import type { DesiredObject } from './desired.ts';
import type { Hold } from './hold.ts';
import type { Ignored } from './ignore/rules.ts';
import type { Cached } from './live.ts';
import type { PruneDoubt } from './prune-doubt.ts';
import type { ObjectRecord } from './verdict.ts';

/** One object of Git beside what is known of it in the cluster. */
export interface PairedObject {
  desired: DesiredObject;
  /** Digest of what is wanted, including which of its fields a Rollout or somebody else owns. */
  fingerprint: string;
  /** JSON pointers of the fields that a Rollout owns. */
  ownedPaths: readonly string[];
  /** What `spec.ignoreDifferences` leaves to somebody else. */
  ignored: Ignored;
  live: Cached;
  record: ObjectRecord | undefined;
  /** When the record says that another Application owns the object: whether that one still wants it. */
  ownerWants: boolean;
}

/** A DELETE that failed. It is tried again with the sync that it belongs to. */
export interface PruneFailure {
  message: string;
}

/** An object that was applied by this Application and is not in Git any more. */
export interface Leftover {
  id: ObjectId;
  key: string;
  entry: ApplicationStatusResource;
  live: Cached;
  /** The cluster does not serve the kind, so that the object cannot exist. */
  kindGone: boolean;
  /** How deleting it failed the last time. */
  failure: PruneFailure | undefined;
  /** Why it may not be gone from Git at all. */
  doubt: PruneDoubt | undefined;
}

/** Everything that one decision about one Application may look at: plain data, taken at one moment. */
export interface SyncSnapshot {
  application: Application;
  key: ObjectKey;
  /** The commit that the objects are from. */
  revision: string;
  objects: readonly PairedObject[];
  leftovers: readonly Leftover[];
  /** Objects of Git that are made during a sync only. */
  hooks: readonly DesiredObject[];
  /** What must happen before a sync starts by itself. */
  hold?: Hold | undefined;
}
