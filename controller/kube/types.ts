/** Raw Kubernetes JSON and the names of things: what every layer above shares. */

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** metadata as the API server sends it; `managedFields` is stripped from cached objects. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  generateName?: string;
}

/** Any object. Unknown fields are kept: nothing in Slipway passes a manifest through a typed model. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** What discovery knows of a kind: enough to build any URL. */
export interface ResourceInfo extends GroupVersionKind {
  /** Plural name in lower case, as in the URL. */
  plural: string;
  namespaced: boolean;
  verbs: readonly string[];
  /** Names of subresources, for example `status`, `scale`. */
  subresources: readonly string[];
}

/** `namespace/name`, or `name` for cluster-scoped objects. The key of stores and of work queues. */
export type ObjectKey = string;

export function keyOf(object: { metadata: { name: string; namespace?: string } }): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** Splits a key into namespace (empty for cluster-scoped objects) and name. */
export function splitKey(key: ObjectKey): { namespace: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export function gvkOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: object.apiVersion, kind: object.kind }
    : { group: object.apiVersion.slice(0, slash), version: object.apiVersion.slice(slash + 1), kind: object.kind };
}

export function apiVersionOf(gvk: { group: string; version: string }): string {
  return gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
}

/**
 * A read-only view of a cache. Objects are shared and deeply frozen: never copied on read, never changed.
 */
export interface Store<T extends KubeObject = KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(): readonly T[];
  /** Objects for which the indexer `index` returned `value`. */
  byIndex(index: string, value: string): readonly T[];
}

/** Returns the values under which an object is found in an index. */
export type Indexer<T extends KubeObject = KubeObject> = (object: T) => readonly string[];

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { type: 'added'; object: T }
  | { type: 'updated'; object: T; old: T }
  | { type: 'deleted'; object: T };

/** A cache of one kind that follows the API server. Handlers must only enqueue keys. */
export interface Informer<T extends KubeObject = KubeObject> extends Store<T> {
  readonly resource: ResourceInfo;
  /** True once the first full list is in the store. */
  readonly synced: boolean;
  /** False while the watch is broken, so that the cache may lag behind by more than a moment. */
  readonly following: boolean;
  /** Why it does not follow the server right now; undefined while all is well. */
  readonly lastError: string | undefined;
  /** Registers a handler; objects already cached are delivered as `added`. Returns a function that removes it. */
  onEvent(handler: (event: WatchEvent<T>) => void): () => void;
  /** Resolves when `synced` becomes true; rejects when the signal aborts. */
  waitForSync(signal: AbortSignal): Promise<void>;
  /** Stops the watch and drops the cache. */
  stop(): void;
}

/** The result of one reconcile: nothing to do until something changes, or again after `requeueAfterMs`. */
export interface ReconcileResult {
  requeueAfterMs?: number;
  /** What was begun ends with the next reconcile: it goes before those that wait. */
  first?: boolean;
}

export interface ApplyOptions {
  fieldManager: string;
  /** Take fields from other managers instead of a 409. */
  force?: boolean;
  dryRun?: boolean;
  subresource?: string;
  signal?: AbortSignal;
}

export interface DeleteOptions {
  propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  /** Delete only this very object. */
  uid?: string;
  resourceVersion?: string;
  signal?: AbortSignal;
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  signal?: AbortSignal;
}

export type PatchType =
  | 'application/merge-patch+json'
  | 'application/json-patch+json'
  | 'application/strategic-merge-patch+json';

/**
 * Requests to one API server as one identity. Every method throws KubeError (kube/errors.ts) on a non-2xx answer and
 * on transport failures. Bodies are raw JSON in both directions.
 */
export interface KubeClient {
  get(
    resource: ResourceInfo,
    key: ObjectKey,
    options?: { subresource?: string; signal?: AbortSignal },
  ): Promise<KubeObject>;
  /** Reads all pages. For one-off questions only: controllers read from informers. */
  list(resource: ResourceInfo, options?: ListOptions): Promise<KubeObject[]>;
  create(
    resource: ResourceInfo,
    object: KubeObject,
    options?: { dryRun?: boolean; fieldManager?: string; subresource?: string; signal?: AbortSignal },
  ): Promise<KubeObject>;
  /** PUT; with metadata.resourceVersion in the object a stale write answers 409. */
  update(
    resource: ResourceInfo,
    object: KubeObject,
    options?: { subresource?: string; fieldManager?: string; signal?: AbortSignal },
  ): Promise<KubeObject>;
  patch(
    resource: ResourceInfo,
    key: ObjectKey,
    type: PatchType,
    body: unknown,
    options?: {
      subresource?: string;
      dryRun?: boolean;
      fieldManager?: string;
      /** A field that the kind does not have is an error; without it, it is dropped. */
      strict?: boolean;
      signal?: AbortSignal;
    },
  ): Promise<KubeObject>;
  /** Server-side apply with fieldValidation=Strict. */
  apply(resource: ResourceInfo, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  delete(resource: ResourceInfo, key: ObjectKey, options?: DeleteOptions): Promise<void>;
}

/** Kinds of the cluster by group and kind; cached, refreshed when a kind is unknown or a CRD changes. */
export interface Discovery {
  /** The served resource for a kind, or undefined when the cluster does not have it. */
  resourceFor(gvk: GroupVersionKind, signal?: AbortSignal): Promise<ResourceInfo | undefined>;
  /** The resource for a kind in the version that the cluster prefers, or undefined when it serves none. */
  inAnyVersion(kind: { group: string; kind: string }, signal?: AbortSignal): Promise<ResourceInfo | undefined>;
  /** Forgets everything; the next question asks the API server. */
  invalidate(): void;
}

/** Writes Events; repeats of one (object, type, reason, message) are aggregated into a count. Never throws. */
export interface EventRecorder {
  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}
