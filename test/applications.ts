import type { Application, ApplicationStatus } from '../controller/api/generated/application.ts';
import { TRACKING_ANNOTATION } from '../controller/api/names.ts';
import type { KubeObject, ResourceInfo } from '../controller/kube/types.ts';
import { formatObjectId, type ObjectId, trackingId } from '../controller/manifest/identity.ts';
import type { Cached } from '../controller/sync/live.ts';
import { markOf } from '../controller/sync/live.ts';
import { DEFAULT_OBJECT_OPTIONS } from '../controller/sync/object-options.ts';
import type { Leftover, PairedObject, SyncSnapshot } from '../controller/sync/snapshot.ts';
import { specHash } from '../controller/sync/spec-hash.ts';
import type { ObjectRecord, Verdict } from '../controller/sync/verdict.ts';

/** The time of pure tests: milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 0, 1);
export const REVISION = '0123456789abcdef0123456789abcdef01234567';
export const APP = { namespace: 'team', name: 'app' };

export const CONFIG_MAP: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: [],
  subresources: [],
};

export interface ApplicationParts {
  generation?: number;
  path?: string;
  /** null: not by itself. */
  automated?: object | null;
  status?: ApplicationStatus;
}

/** Application team/app that syncs by itself, unless said otherwise. */
export function application({
  generation = 1,
  path = '.',
  automated = {},
  status,
}: ApplicationParts = {}): Application {
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Application',
    metadata: { ...APP, generation, uid: 'app-uid', resourceVersion: '1' },
    spec: {
      source: { repoURL: 'http://git.test/repo.git', path, targetRevision: 'main' },
      ...(automated !== null && { syncPolicy: { automated } }),
    } as Application['spec'],
    ...(status !== undefined && { status }),
  };
}

export function idNamed(name: string, kind = 'ConfigMap', group = ''): ObjectId {
  return { group, kind, namespace: 'team', name };
}

/** A live object, tracked by team/app or by whom is said. */
export function liveObject(
  id: ObjectId,
  owner: { namespace: string; name: string } | null = APP,
  version = '5',
): KubeObject {
  return {
    apiVersion: id.group === '' ? 'v1' : `${id.group}/v1`,
    kind: id.kind,
    metadata: {
      name: id.name,
      namespace: id.namespace,
      uid: `uid-${id.name}`,
      resourceVersion: version,
      ...(owner !== null && { annotations: { [TRACKING_ANNOTATION]: trackingId(owner, id) } }),
    },
  };
}

export function present(object: KubeObject): Cached {
  return { state: 'present', object };
}

/** An object of Git with what is known of it: `verdict` undefined means that nobody has looked. */
export function paired(
  id: ObjectId,
  verdict?: Verdict,
  live: Cached = present(liveObject(id)),
  changes: Partial<PairedObject> = {},
): PairedObject {
  const object = { apiVersion: 'v1', kind: id.kind, metadata: { name: id.name, namespace: id.namespace } };
  return {
    desired: {
      id,
      key: formatObjectId(id),
      version: 'v1',
      kind: { state: 'served', resource: { ...CONFIG_MAP, kind: id.kind, group: id.group } },
      object,
      digest: 'digest',
      options: DEFAULT_OBJECT_OPTIONS,
      where: `${id.name}.yaml:1`,
    },
    fingerprint: 'digest',
    ownedPaths: [],
    ignored: { paths: [], managers: [] },
    live,
    record: verdict && record(verdict, live),
    ownerWants: true,
    ...changes,
  };
}

export function record(verdict: Verdict, live: Cached, changes: Partial<ObjectRecord> = {}): ObjectRecord {
  return {
    digest: 'digest',
    fingerprint: 'digest',
    mark: markOf(live),
    verdict,
    failures: 0,
    retryAt: 0,
    answer: undefined,
    ...changes,
  };
}

export function leftover(
  id: ObjectId,
  live: Cached = present(liveObject(id)),
  changes: Partial<Leftover> = {},
): Leftover {
  const entry = {
    ...(id.group !== '' && { group: id.group }),
    version: 'v1',
    kind: id.kind,
    namespace: id.namespace,
    name: id.name,
  };
  return {
    id,
    key: formatObjectId(id),
    entry,
    live,
    kindGone: false,
    failure: undefined,
    doubt: undefined,
    ...changes,
  };
}

export function snapshot(parts: Partial<SyncSnapshot> = {}): SyncSnapshot {
  return {
    application: application(),
    key: 'team/app',
    revision: REVISION,
    objects: [],
    leftovers: [],
    hooks: [],
    ...parts,
  };
}

/** The status after a successful sync of {@link REVISION} with the spec of {@link application}. */
export const SETTLED: ApplicationStatus = {
  observedGeneration: 1,
  sync: {
    status: 'Synced',
    revision: REVISION,
    shortRevision: REVISION.slice(0, 7),
    specHash: specHash(application()),
  },
  operationState: {
    phase: 'Succeeded',
    revision: REVISION,
    specHash: specHash(application()),
    startedAt: '2025-12-31T00:00:00Z',
  },
};
