import { HOOK_RUN_ANNOTATION } from '../api/names.ts';
import type { AcquireOptions, InformerLease } from '../kube/informers.ts';
import { type KubeObject, keyOf, type ObjectKey, type ResourceInfo, type WatchEvent } from '../kube/types.ts';
import { formatObjectId, idOf, type ObjectId } from '../manifest/identity.ts';
import type { Clock } from '../platform/clock.ts';
import type { Cached } from '../sync/live.ts';
import { slimming } from '../sync/watched-kind.ts';

/** The part of the shared informers that is used. */
export interface InformerSource {
  acquire<T extends KubeObject = KubeObject>(resource: ResourceInfo, options?: AcquireOptions): InformerLease<T>;
}

/** How long an Application waits for the first list of a kind before it goes on without, in milliseconds. */
const GRACE_MS = 10_000;

interface WatchedKind {
  lease: InformerLease;
  users: Set<ObjectKey>;
  since: number;
  stop: AbortController;
}

/**
 * Watches exactly the kinds that Applications use, and tells an Application when one of its objects changed. One watch
 * serves all Applications; a kind that none uses any more is not watched.
 */
export class ApplicationWatches {
  readonly #informers: InformerSource;
  readonly #clock: Clock;
  readonly #onChange: (application: ObjectKey) => void;
  readonly #kinds = new Map<string, WatchedKind>();
  /** Applications by the object that they have in Git or in their inventory. */
  readonly #interest = new Map<string, Set<ObjectKey>>();
  readonly #objectsOf = new Map<ObjectKey, ReadonlySet<string>>();
  /** Hooks that are gone, by their key, while an Application is interested: how they ended may not have been read yet. */
  readonly #departed = new Map<string, KubeObject>();

  constructor(informers: InformerSource, clock: Clock, onChange: (application: ObjectKey) => void) {
    this.#informers = informers;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** From now on the Application uses these kinds and these objects, and no others. */
  follow(application: ObjectKey, resources: readonly ResourceInfo[], objects: ReadonlySet<string>): void {
    const wanted = new Map(resources.map((resource) => [resourceKey(resource), resource]));
    for (const [key, kind] of this.#kinds) if (!wanted.has(key)) this.#leave(key, kind, application);
    for (const [key, resource] of wanted) this.#use(key, resource, application);
    const before = this.#objectsOf.get(application);
    for (const key of before ?? []) if (!objects.has(key)) this.#uninterest(key, application);
    for (const key of objects) {
      const interested = this.#interest.get(key);
      if (interested === undefined) this.#interest.set(key, new Set([application]));
      else interested.add(application);
    }
    this.#objectsOf.set(application, objects);
  }

  forget(application: ObjectKey): void {
    this.follow(application, [], new Set());
    this.#objectsOf.delete(application);
  }

  /** Applications that have an object in Git or in their inventory. */
  interestedIn(key: string): ReadonlySet<ObjectKey> {
    return this.#interest.get(key) ?? new Set();
  }

  /** Applications that use a kind, in whatever version. */
  usersOf(group: string, kind: string): ReadonlySet<ObjectKey> {
    const watched = [...this.#kinds.values()].filter(({ lease: { informer } }) => {
      return informer.resource.group === group && informer.resource.kind === kind;
    });
    return new Set(watched.flatMap(({ users }) => [...users]));
  }

  /** The last state of a hook that was deleted. */
  departed(key: string): KubeObject | undefined {
    return this.#departed.get(key);
  }

  /** What the cache of a kind says of an object. */
  cached(resource: ResourceInfo, id: ObjectId): Cached {
    const informer = this.#kinds.get(resourceKey(resource))?.lease.informer;
    if (informer?.synced !== true) return { state: 'unknown' };
    const object = informer.get(keyOf({ metadata: id }));
    if (object !== undefined) return { state: 'present', object };
    return informer.following ? { state: 'absent' } : { state: 'absent', doubtful: true };
  }

  /**
   * Milliseconds that the Application should wait for caches that are being filled; 0 when they are, or when one cannot be
   * (no right to list, an aggregated API that is down): one such kind must not stop the others. It is told when they are.
   */
  patience(application: ObjectKey): number {
    let left = 0;
    for (const { lease, users, since } of this.#kinds.values()) {
      if (users.has(application) && !lease.informer.synced) {
        left = Math.max(left, since + GRACE_MS - this.#clock.monotonic());
      }
    }
    return left;
  }

  close(): void {
    for (const [key, kind] of this.#kinds) this.#drop(key, kind);
    this.#interest.clear();
    this.#departed.clear();
    this.#objectsOf.clear();
  }

  #use(key: string, resource: ResourceInfo, application: ObjectKey): void {
    const known = this.#kinds.get(key);
    if (known !== undefined) {
      known.users.add(application);
      return;
    }
    const transform = slimming(resource);
    const lease = this.#informers.acquire(resource, transform === undefined ? {} : { transform });
    const stop = new AbortController();
    const kind: WatchedKind = { lease, users: new Set([application]), since: this.#clock.monotonic(), stop };
    this.#kinds.set(key, kind);
    const remove = lease.informer.onEvent((event) => this.#onEvent(kind, event));
    stop.signal.addEventListener('abort', remove, { once: true });
    lease.informer.waitForSync(stop.signal).then(
      () => {
        for (const user of kind.users) this.#onChange(user);
      },
      () => {}, // nobody uses the kind any more
    );
  }

  #onEvent(kind: WatchedKind, event: WatchEvent): void {
    // The first list is no news: whoever waits for it is told when it is complete.
    if (!kind.lease.informer.synced) return;
    const key = formatObjectId(idOf(event.object));
    const interested = this.interestedIn(key);
    const isHook = event.object.metadata.annotations?.[HOOK_RUN_ANNOTATION] !== undefined;
    if (event.type === 'deleted' && isHook && interested.size > 0) this.#departed.set(key, event.object);
    if (event.type === 'added') this.#departed.delete(key);
    for (const application of interested) this.#onChange(application);
  }

  #leave(key: string, kind: WatchedKind, application: ObjectKey): void {
    kind.users.delete(application);
    if (kind.users.size === 0) this.#drop(key, kind);
  }

  #drop(key: string, kind: WatchedKind): void {
    this.#kinds.delete(key);
    kind.stop.abort();
    kind.lease.release();
  }

  #uninterest(key: string, application: ObjectKey): void {
    const interested = this.#interest.get(key);
    interested?.delete(application);
    if (interested?.size !== 0) return;
    this.#interest.delete(key);
    this.#departed.delete(key);
  }
}

function resourceKey({ group, version, plural }: ResourceInfo): string {
  return `${group}/${version}/${plural}`;
}
