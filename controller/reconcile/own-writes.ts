import { isNotFound } from '../kube/errors.ts';
import { isOlder } from '../kube/ingest.ts';
import {
  type KubeClient,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ResourceInfo,
  type Store,
} from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';

type Awaited = { resourceVersion: string } | { deletedUid: string } | 'existence, or its absence for sure';

/** What the cache must show before the next decision. */
interface Expectation {
  store: Store;
  resource: ResourceInfo;
  key: ObjectKey;
  /** At least this version of the object; or, when it was deleted, not this uid any more. */
  awaited: Awaited;
  since: number;
}

/** A cache that lags this long is checked against the API server, in milliseconds. */
const ASK_AFTER_MS = 5000;

/**
 * Remembers what was written for each owner until the caches show it. A decision on a cache older than its own last
 * write would repeat the write or take back what it had just done; so the owner waits, which costs the few milliseconds
 * that the watch event takes.
 */
export class OwnWrites {
  readonly #byOwner = new Map<ObjectKey, Map<string, Expectation>>();
  readonly #client: KubeClient;
  readonly #clock: Clock;

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** `object` as the API server returned it. */
  wrote(owner: ObjectKey, store: Store, resource: ResourceInfo, object: KubeObject): void {
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined) this.#expect(owner, store, resource, keyOf(object), { resourceVersion });
  }

  deleted(owner: ObjectKey, store: Store, resource: ResourceInfo, key: ObjectKey, uid: string): void {
    this.#expect(owner, store, resource, key, { deletedUid: uid });
  }

  /** The answer to a create was lost: whether there is such an object is found out before the next decision. */
  unsure(owner: ObjectKey, store: Store, resource: ResourceInfo, key: ObjectKey): void {
    this.#expect(owner, store, resource, key, 'existence, or its absence for sure');
  }

  /**
   * Whether the caches show all writes for this owner. When one does not for long, the API server is asked: an object
   * that was deleted meanwhile, or a store that was restored from a backup, must not block the owner for good.
   */
  async caughtUp(owner: ObjectKey): Promise<boolean> {
    const expectations = this.#byOwner.get(owner);
    if (expectations === undefined) return true;
    for (const [id, expectation] of expectations) {
      if (isShown(expectation) || (await this.#isObsolete(expectation))) expectations.delete(id);
    }
    if (expectations.size > 0) return false;
    this.#byOwner.delete(owner);
    return true;
  }

  /** The owner is gone. */
  forget(owner: ObjectKey): void {
    this.#byOwner.delete(owner);
  }

  #expect(owner: ObjectKey, store: Store, resource: ResourceInfo, key: ObjectKey, awaited: Awaited): void {
    const expectations = this.#byOwner.get(owner) ?? new Map<string, Expectation>();
    this.#byOwner.set(owner, expectations);
    const since = this.#clock.monotonic();
    expectations.set(`${resource.group}/${resource.plural}/${key}`, { store, resource, key, awaited, since });
  }

  async #isObsolete(expectation: Expectation): Promise<boolean> {
    const { resource, key, awaited } = expectation;
    if (typeof awaited === 'string') return this.#isAbsent(expectation);
    if (this.#clock.monotonic() - expectation.since < ASK_AFTER_MS) return false;
    expectation.since = this.#clock.monotonic();
    try {
      const live = await this.#client.get(resource, key);
      if ('deletedUid' in awaited) {
        // Still there with the same uid and no deletion under way: the deletion was undone by a restored backup.
        return live.metadata.uid === awaited.deletedUid && live.metadata.deletionTimestamp === undefined;
      }
      return isOlder(live.metadata.resourceVersion, awaited.resourceVersion);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return 'resourceVersion' in awaited && expectation.store.get(key) === undefined;
    }
  }

  /** Once it is found to exist, the cache has to show it. */
  async #isAbsent(expectation: Expectation): Promise<boolean> {
    try {
      const { metadata } = await this.#client.get(expectation.resource, expectation.key);
      expectation.awaited = { resourceVersion: metadata.resourceVersion ?? '' };
      return isShown(expectation);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return true;
    }
  }
}

function isShown({ store, key, awaited }: Expectation): boolean {
  const cached = store.get(key);
  if (typeof awaited === 'string') return cached !== undefined;
  if ('deletedUid' in awaited) {
    return cached === undefined || cached.metadata.uid !== awaited.deletedUid || 'deletionTimestamp' in cached.metadata;
  }
  return cached !== undefined && !isOlder(cached.metadata.resourceVersion, awaited.resourceVersion);
}
