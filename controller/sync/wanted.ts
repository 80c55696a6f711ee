import type { ObjectId } from '../manifest/identity.ts';
import { idOf } from '../manifest/identity.ts';
import type { LoadResult } from '../manifest/load.ts';

/** Namespaces as written (empty when none is), by group, kind and name. */
type Index = ReadonlyMap<string, readonly string[]>;

const indexes = new WeakMap<LoadResult, Index>();

/**
 * Whether the manifests of a folder have an object, asked without discovery: an object without namespace is taken for one in
 * `defaultNamespace`, and one that is cluster-scoped (empty namespace) is found whatever its manifest says.
 */
export function wantsObject(loaded: LoadResult, defaultNamespace: string, id: ObjectId): boolean {
  const namespaces = indexOf(loaded).get(indexKey(id)) ?? [];
  return namespaces.some((written) => id.namespace === '' || (written || defaultNamespace) === id.namespace);
}

/** A folder is read once for each of its states, and asked about for each object that somebody else wants to delete. */
function indexOf(loaded: LoadResult): Index {
  const known = indexes.get(loaded);
  if (known !== undefined) return known;
  const index = new Map<string, string[]>();
  for (const { object } of loaded.objects) {
    const id = idOf(object);
    const namespaces = index.get(indexKey(id));
    if (namespaces === undefined) index.set(indexKey(id), [id.namespace]);
    else namespaces.push(id.namespace);
  }
  indexes.set(loaded, index);
  return index;
}

function indexKey({ group, kind, name }: ObjectId): string {
  return `${group}/${kind}/${name}`;
}
