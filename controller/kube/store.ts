import { isOlder } from './ingest.ts';
import { type Indexer, type KubeObject, keyOf, type ObjectKey, type Store, type WatchEvent } from './types.ts';

type Buckets = Map<string, Map<ObjectKey, KubeObject>>;

/** The objects of one kind with their indexes. Says what changed; who listens is the informer's business. */
export class ObjectStore implements Store {
  readonly #objects = new Map<ObjectKey, KubeObject>();
  readonly #indexers = new Map<string, Indexer>();
  readonly #indexes = new Map<string, Buckets>();
  #list: readonly KubeObject[] | undefined;
  /** The newest resource version seen: what is older than it and not in the store was deleted. */
  #seen: string | undefined;
  readonly #onIndexError: (index: string, key: ObjectKey, error: unknown) => void;

  /** @param onIndexError called for an object that an index cannot read: it is not in that index, everything else is */
  constructor(onIndexError: (index: string, key: ObjectKey, error: unknown) => void = () => {}) {
    this.#onIndexError = onIndexError;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(key);
  }

  list(): readonly KubeObject[] {
    this.#list ??= Object.freeze([...this.#objects.values()]);
    return this.#list;
  }

  byIndex(index: string, value: string): readonly KubeObject[] {
    const buckets = this.#indexes.get(index);
    if (buckets === undefined) throw new RangeError(`the cache has no index "${index}"`);
    return [...(buckets.get(value)?.values() ?? [])];
  }

  /** Adds an index over what is there and what comes. Two users of one cache may ask for the same index. */
  addIndexer(name: string, indexer: Indexer): void {
    const known = this.#indexers.get(name);
    if (known === indexer) return;
    if (known !== undefined) throw new RangeError(`the cache already has another index "${name}"`);
    this.#indexers.set(name, indexer);
    const buckets: Buckets = new Map();
    this.#indexes.set(name, buckets);
    for (const [key, object] of this.#objects) this.#insert(name, buckets, key, object);
  }

  /** Takes one watch event; undefined when it says nothing new: a repeat, or older than what is known. */
  apply(type: 'set' | 'delete', object: KubeObject): WatchEvent | undefined {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    const version = object.metadata.resourceVersion;
    if (isOlder(version, old === undefined ? this.#seen : old.metadata.resourceVersion)) return undefined;
    if (type === 'set' && version !== undefined && version === old?.metadata.resourceVersion) return undefined;
    if (this.#seen === undefined || isOlder(this.#seen, version)) this.#seen = version;
    if (type === 'set') return this.#set(key, object);
    return old === undefined ? undefined : this.#delete(key, old, object);
  }

  /**
   * Takes a full list. Objects that did not change keep their identity and cause no event; what is gone is reported as
   * deleted with its last known state. The list is the truth even where it is older (a restored backup).
   */
  replace(objects: Iterable<KubeObject>, resourceVersion: string): WatchEvent[] {
    const events: WatchEvent[] = [];
    const gone = new Map(this.#objects);
    for (const object of objects) {
      const key = keyOf(object);
      const old = gone.get(key);
      gone.delete(key);
      const version = object.metadata.resourceVersion;
      if (old !== undefined && version !== undefined && old.metadata.resourceVersion === version) continue;
      if (old !== undefined && old.metadata.uid !== object.metadata.uid) events.push(this.#delete(key, old, old));
      events.push(this.#set(key, object));
    }
    for (const [key, old] of gone) events.push(this.#delete(key, old, old));
    this.#seen = resourceVersion;
    return events;
  }

  /** Forgets the objects; the indexes stay usable. */
  clear(): void {
    this.#objects.clear();
    this.#list = undefined;
    for (const buckets of this.#indexes.values()) buckets.clear();
  }

  #set(key: ObjectKey, object: KubeObject): WatchEvent {
    const old = this.#objects.get(key);
    if (old !== undefined) this.#unindex(key, old);
    this.#objects.set(key, object);
    this.#list = undefined;
    for (const [name, buckets] of this.#indexes) this.#insert(name, buckets, key, object);
    return old === undefined ? { type: 'added', object } : { type: 'updated', object, old };
  }

  #delete(key: ObjectKey, old: KubeObject, last: KubeObject): WatchEvent {
    this.#unindex(key, old);
    this.#objects.delete(key);
    this.#list = undefined;
    return { type: 'deleted', object: last };
  }

  #unindex(key: ObjectKey, object: KubeObject): void {
    for (const [name, buckets] of this.#indexes) {
      for (const value of this.#valuesOf(name, object, () => {})) {
        const bucket = buckets.get(value);
        bucket?.delete(key);
        if (bucket?.size === 0) buckets.delete(value);
      }
    }
  }

  #insert(name: string, buckets: Buckets, key: ObjectKey, object: KubeObject): void {
    for (const value of this.#valuesOf(name, object, (error) => this.#onIndexError(name, key, error))) {
      const bucket = buckets.get(value);
      if (bucket === undefined) buckets.set(value, new Map([[key, object]]));
      else bucket.set(key, object);
    }
  }

  /** One object that an index cannot read must not keep the others out of the cache. */
  #valuesOf(name: string, object: KubeObject, onError: (error: unknown) => void): readonly string[] {
    try {
      return this.#indexers.get(name)?.(object) ?? [];
    } catch (error) {
      onError(error);
      return [];
    }
  }
}
