import type { KubeObject } from '../../controller/kube/types.ts';

export interface StoredEvent {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  plural: string;
  object: KubeObject;
}

export interface NewObject {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  [field: string]: unknown;
}

/** What etcd is to the real one: objects, one counter for all versions, and a history that can be compacted. */
export class FakeState {
  version = 100;
  /** Watches from before this version get 410. */
  compactedAt = 0;
  readonly #objects = new Map<string, { plural: string; object: KubeObject }>();
  #history: StoredEvent[] = [];
  readonly #listeners = new Set<(event: StoredEvent) => void>();

  /** Creates or replaces; `fields` beside name, namespace and labels become top-level fields. */
  put(plural: string, { name, namespace, labels, ...fields }: NewObject): KubeObject {
    const key = `${plural}/${namespace ?? ''}/${name}`;
    const old = this.#objects.get(key)?.object;
    this.version += 1;
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...fields,
      metadata: {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(labels === undefined ? {} : { labels }),
        uid: old?.metadata.uid ?? `uid-${this.version}`,
        resourceVersion: String(this.version),
        managedFields: [{ manager: 'test' }],
      } as KubeObject['metadata'],
    };
    this.#objects.set(key, { plural, object });
    this.#record({ version: this.version, type: old === undefined ? 'ADDED' : 'MODIFIED', plural, object });
    return object;
  }

  /** Deletes; the event carries the version of the deletion, as the real server's does. */
  remove(plural: string, namespace: string, name: string): boolean {
    const key = `${plural}/${namespace}/${name}`;
    const old = this.#objects.get(key)?.object;
    if (old === undefined) return false;
    this.#objects.delete(key);
    this.version += 1;
    const object = { ...old, metadata: { ...old.metadata, resourceVersion: String(this.version) } };
    this.#record({ version: this.version, type: 'DELETED', plural, object });
    return true;
  }

  get(plural: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${plural}/${namespace}/${name}`)?.object;
  }

  list(plural: string, namespace: string): KubeObject[] {
    return [...this.#objects.values()]
      .filter((entry) => entry.plural === plural && (namespace === '' || entry.object.metadata.namespace === namespace))
      .map((entry) => entry.object);
  }

  eventsAfter(version: number): StoredEvent[] {
    return this.#history.filter((event) => event.version > version);
  }

  /** Forgets the history up to now. */
  compact(): void {
    this.compactedAt = this.version;
    this.#history = [];
  }

  subscribe(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #record(event: StoredEvent): void {
    this.#history.push(event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}
