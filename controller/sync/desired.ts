import { TRACKING_ANNOTATION } from '../api/names.ts';
import { gvkOf, type KubeObject, type ObjectKey, splitKey } from '../kube/types.ts';
import { canonicalJson, sha256Hex } from '../manifest/canonical.ts';
import { describeId, formatObjectId, type ObjectId, trackingId } from '../manifest/identity.ts';
import type { LoadedObject } from '../manifest/load.ts';
import { withoutForeignRules } from './aggregated-role.ts';
import { type KindState, type Kinds, kindKey } from './kinds.ts';
import { type ObjectOptions, objectOptions } from './object-options.ts';
import { DEFAULT_SYNC_OPTIONS, type SyncOptions } from './sync-options.ts';
import { LAST_APPLIED_ANNOTATION } from './takeover.ts';
import { withEarlyWaves } from './waves.ts';

/** One object as it shall be in the cluster. */
export interface DesiredObject {
  id: ObjectId;
  /** The id as text: key of every map over objects. */
  key: string;
  /** API version in the manifest, without the group. */
  version: string;
  kind: KindState;
  /** Ready to be applied, with namespace and tracking annotation. */
  object: KubeObject;
  /** Digest of `object`. */
  digest: string;
  /** How it is applied and deleted. */
  options: ObjectOptions;
  /** `file:line` in the repository. */
  where: string;
}

/** So many are kept in `status.operationState.hooks`; see its CRD. */
const MAX_HOOKS = 100;

/** Two manifests that mean one object: which of them counts would depend on their order, so neither is applied. */
export interface Duplicate {
  id: ObjectId;
  where: readonly [string, string];
}

export interface DesiredSet {
  objects: readonly DesiredObject[];
  /** Objects that are made during a sync only. */
  hooks: readonly DesiredObject[];
  /** Keys of manifests that are no ordinary objects (hooks, Skip): what is in the cluster under them is not pruned. */
  spared: ReadonlySet<string>;
  duplicates: readonly Duplicate[];
  /** What is wrong with the options of an object: object, annotation, remedy and place in one line. */
  problems: readonly string[];
}

/**
 * Turns manifests into the objects of one Application.
 *
 * - A namespaced object without namespace gets `namespace`; a cluster-scoped one loses the namespace.
 * - A kind that is not known is taken for namespaced, as nearly all custom resources are.
 * - What a server wrote into an exported manifest (resourceVersion, uid, …) is left out: sent back, it would only be
 *   refused as stale. So is kubectl's copy of the manifest, which would say that `kubectl apply` manages the object.
 */
export function desiredObjects(
  manifests: readonly LoadedObject[],
  kinds: Kinds,
  application: ObjectKey,
  namespace = splitKey(application).namespace,
  syncOptions: SyncOptions = DEFAULT_SYNC_OPTIONS,
): DesiredSet {
  const found = new Map<string, DesiredObject>();
  const duplicates: Duplicate[] = [];
  const problems: string[] = [];
  for (const { object, file, line } of manifests) {
    const where = `${file}:${line}`;
    const parsed = objectOptions(object, syncOptions);
    const desired = desiredObject(object, where, kinds, application, namespace, parsed.options);
    problems.push(...parsed.problems.map((problem) => `${describeId(desired.id)}: ${problem} (${where})`));
    const other = found.get(desired.key);
    if (other === undefined) found.set(desired.key, desired);
    else duplicates.push({ id: desired.id, where: [other.where, desired.where] });
  }
  const all = [...found.values()];
  const runs = all.reduce((sum, { options }) => sum + options.hooks.length, 0);
  if (runs > MAX_HOOKS) {
    problems.push(`${runs} hooks, counted once for each phase, are more than ${MAX_HOOKS}: make one Job of several`);
  }
  const special = all.filter(({ options }) => options.skip || options.hooks.length > 0);
  return {
    objects: withEarlyWaves(all.filter((desired) => !special.includes(desired))),
    hooks: special.filter(({ options }) => !options.skip),
    spared: new Set(special.map(({ key }) => key)),
    duplicates,
    problems,
  };
}

function desiredObject(
  manifest: KubeObject,
  where: string,
  kinds: Kinds,
  application: ObjectKey,
  defaultNamespace: string,
  options: ObjectOptions,
): DesiredObject {
  const gvk = gvkOf(manifest);
  const kind = kinds.get(kindKey(gvk)) ?? { state: 'absent' };
  const namespaced = kind.state === 'served' || kind.state === 'awaited' ? kind.resource.namespaced : true;
  const { namespace: written, ...metadata } = manifest.metadata;
  const namespace = namespaced ? written || defaultNamespace : '';
  const id: ObjectId = { group: gvk.group, kind: gvk.kind, namespace, name: metadata.name };
  for (const field of ['resourceVersion', 'uid', 'generation', 'creationTimestamp', 'managedFields', 'selfLink']) {
    delete (metadata as Record<string, unknown>)[field];
  }
  const { [LAST_APPLIED_ANNOTATION]: _, ...annotations } = metadata.annotations ?? {};
  const object: KubeObject = {
    ...withoutForeignRules(manifest),
    metadata: {
      ...metadata,
      ...(namespaced && { namespace }),
      annotations: { ...annotations, [TRACKING_ANNOTATION]: trackingId(splitKey(application), id) },
    },
  };
  return {
    id,
    key: formatObjectId(id),
    version: gvk.version,
    kind,
    object,
    digest: sha256Hex(canonicalJson(object)),
    options,
    where,
  };
}
