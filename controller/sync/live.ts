import { isOlder } from '../kube/ingest.ts';
import type { KubeObject } from '../kube/types.ts';
import { sha256Hex } from '../manifest/canonical.ts';

/** What a cache says of one object. */
export type Cached =
  /** There is no complete cache of the kind (yet). */
  | { state: 'unknown' }
  /** `doubtful`: the watch does not follow the API server at the moment. */
  | { state: 'absent'; doubtful?: true }
  | { state: 'present'; object: KubeObject };

/** What the API server answered when an object was last read or written, and when that was (ms since the epoch). */
export interface Answer {
  object: KubeObject;
  at: number;
}

/** How long a cache may lack an object that the API server has just answered with. */
const LAG_MS = 10_000;

/**
 * The newest of a cache and of the answer to our own last request. A cache runs behind a write by some milliseconds;
 * without this, every write would look like drift, and a fresh object as if it were missing.
 *
 * @param now milliseconds since the epoch
 */
export function newest(cached: Cached, answer: Answer | undefined, now: number): Cached {
  if (answer === undefined) return cached;
  switch (cached.state) {
    case 'unknown':
      return { state: 'present', object: answer.object };
    case 'absent':
      return now - answer.at < LAG_MS ? { state: 'present', object: answer.object } : cached;
    case 'present':
      return isOlder(cached.object.metadata.resourceVersion, answer.object.metadata.resourceVersion)
        ? { state: 'present', object: answer.object }
        : cached;
  }
}

/**
 * A text that changes whenever the object may have come to differ from Git. Where the API server counts changes of the spec
 * apart from the status, busy status updates do not count; elsewhere every write does.
 */
export function markOf(live: Cached): string {
  switch (live.state) {
    case 'unknown':
      return 'unknown';
    case 'absent':
      return 'absent';
    case 'present': {
      const { uid, generation, resourceVersion, labels, annotations, deletionTimestamp } = live.object.metadata;
      if (generation === undefined || live.object['status'] === undefined) return `${uid}/v${resourceVersion}`;
      let meta = remembered.get(live.object);
      if (meta === undefined) {
        meta = sha256Hex(JSON.stringify([labels, withoutReports(annotations), deletionTimestamp])).slice(0, 16);
        remembered.set(live.object, meta);
      }
      return `${uid}/g${generation}/${meta}`;
    }
  }
}

/** Annotations in which a controller of Kubernetes reports, as others do in the status. */
const REPORTS: ReadonlySet<string> = new Set(['deployment.kubernetes.io/revision']);

function withoutReports(annotations: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(annotations ?? {}).filter(([name]) => !REPORTS.has(name));
}

const remembered = new WeakMap<KubeObject, string>();

/** Payloads that are large, may be secret, and that nothing here reads from a cache. */
const PAYLOAD_KINDS: ReadonlySet<string> = new Set(['ConfigMap', 'Secret']);
const PAYLOAD_FIELDS = ['data', 'binaryData', 'stringData'] as const;

export function hasPayload(resource: { group: string; kind: string }): boolean {
  return resource.group === '' && PAYLOAD_KINDS.has(resource.kind);
}

/** Drops the payload of a ConfigMap or Secret, in place: what is left tells that and when it changed. */
export function dropPayload(object: KubeObject): void {
  for (const field of PAYLOAD_FIELDS) delete object[field];
}

/** An answer made fit for keeping: like in a cache, without payload and managedFields. */
export function toAnswer(object: KubeObject, at: number): Answer {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  const kept = { ...object, metadata };
  if (PAYLOAD_KINDS.has(object.kind) && object.apiVersion === 'v1') dropPayload(kept);
  return { object: kept, at };
}
