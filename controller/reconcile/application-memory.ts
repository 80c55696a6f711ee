import type { Application, ApplicationStatus } from '../api/generated/application.ts';
import { isOlder } from '../kube/ingest.ts';
import type { LoadResult } from '../manifest/load.ts';
import type { DesiredObject, DesiredSet } from '../sync/desired.ts';
import type { HookRecord } from '../sync/hooks.ts';
import type { Cached } from '../sync/live.ts';
import { type Origin, originsOf } from '../sync/prune-doubt.ts';
import type { PruneFailure } from '../sync/snapshot.ts';
import type { ObjectRecord } from '../sync/verdict.ts';

/** A sync that is done, but told only in a moment. */
export interface HeldSync {
  /** The status of the sync under way, which nobody has been told. */
  status: ApplicationStatus;
  /** The status up to which Events were recorded. */
  told: ApplicationStatus | undefined;
  /** When it must be told, in monotonic milliseconds. */
  until: number;
}

/**
 * What one process remembers of one Application, only to save requests: everything here can be lost at any moment and is
 * found out again by asking the API server.
 */
export class ApplicationMemory {
  /** By object: what was found out when it was last asked about. */
  readonly records = new Map<string, ObjectRecord>();
  readonly pruneFailures = new Map<string, PruneFailure>();
  /** Objects that turned out to be gone or not ours, though a cache may still show them. */
  readonly dropped = new Set<string>();
  /** By object: where it stood when it was last in Git. */
  readonly origins = new Map<string, Origin>();
  /** Hooks of the last sync, also those of a pass whose status could not be written. */
  hooks: readonly HookRecord[] = [];
  /** Some kind is not served: a new CRD may change that. */
  missesKinds = false;
  #doubted = false;
  #located: LoadResult | undefined;
  #waiting: { what: string; since: number } | undefined;
  #written: Application | undefined;
  #held: (HeldSync & { uid: string | undefined; generation: number | undefined }) | undefined;
  #desired: { loaded: LoadResult; signature: string; set: DesiredSet } | undefined;

  /** The newer of the cached Application and of our own last write of its status. */
  newest(cached: Application): Application {
    const written = this.#written;
    if (
      written !== undefined &&
      written.metadata.uid === cached.metadata.uid &&
      isOlder(versionOf(cached), versionOf(written))
    ) {
      return written;
    }
    this.#written = undefined;
    return cached;
  }

  wrote(application: Application): void {
    this.#written = application;
    this.#held = undefined;
  }

  /** Keeps the end of a sync to itself until the next pass. */
  hold({ metadata: { uid, generation } }: Application, held: HeldSync): void {
    this.#held = { ...held, uid, generation };
  }

  /** What was held back of an Application, unless something else is wanted of it since, or was written. */
  held({ metadata: { uid, generation } }: Application): HeldSync | undefined {
    const held = this.#held;
    return held?.uid === uid && held?.generation === generation ? held : undefined;
  }

  /** When this was first asked for the same thing in a row (`now`, whatever clock that is). */
  since(what: string, now: number): number {
    if (this.#waiting?.what !== what) this.#waiting = { what, since: now };
    return this.#waiting.since;
  }

  /** The desired objects, computed again only when the manifests or what they depend on have changed. */
  desired(loaded: LoadResult, signature: string, compute: () => DesiredSet): DesiredSet {
    if (this.#desired?.loaded !== loaded || this.#desired.signature !== signature) {
      this.#desired = { loaded, signature, set: compute() };
    }
    return this.#desired.set;
  }

  /** Forgets the answer of the API server for an object once the cache has caught up with it. */
  settle(key: string, cached: Cached): void {
    const record = this.records.get(key);
    if (record?.answer === undefined || cached.state !== 'present') return;
    if (!isOlder(versionOf(cached.object), versionOf(record.answer.object))) record.answer = undefined;
  }

  /** What is known of an object; at first, unless there is doubt, that is what the last process has left in the status. */
  recall(key: string, fromStatus: () => ObjectRecord | undefined): ObjectRecord | undefined {
    const record = this.records.get(key) ?? (this.#doubted ? undefined : fromStatus());
    if (record !== undefined) this.records.set(key, record);
    return record;
  }

  /** Every object is to be looked at again; until then the last verdicts stand. */
  doubt(): void {
    this.#doubted = true;
    for (const [key, record] of this.records) this.records.set(key, { ...record, fingerprint: '', mark: '' });
    this.pruneFailures.clear();
  }

  /** Remembers where the objects of a revision stand. */
  locate(objects: readonly DesiredObject[], loaded: LoadResult): void {
    if (this.#located === loaded) return;
    this.#located = loaded;
    for (const [key, origin] of originsOf(objects, loaded.skipped)) this.origins.set(key, origin);
  }

  /** Keeps only what speaks of objects in Git or in the inventory. */
  retain(wanted: ReadonlySet<string>, inventory: ReadonlySet<string>): void {
    for (const known of [this.records, this.origins]) {
      for (const key of known.keys()) if (!wanted.has(key) && !inventory.has(key)) known.delete(key);
    }
    for (const left of [this.pruneFailures, this.dropped]) {
      for (const key of left.keys()) if (wanted.has(key) || !inventory.has(key)) left.delete(key);
    }
  }
}

function versionOf(object: { metadata: { resourceVersion?: string } }): string | undefined {
  return object.metadata.resourceVersion;
}
