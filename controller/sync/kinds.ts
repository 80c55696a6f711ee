import { type GroupVersionKind, gvkOf, type KubeObject, type ResourceInfo } from '../kube/types.ts';
import { at, listAt, textAt } from './health/read.ts';

/** What is known of the kind of a manifest. */
export type KindState =
  | { state: 'served'; resource: ResourceInfo }
  /** Not served yet, but a CustomResourceDefinition in the cluster or among the same manifests defines it. */
  | { state: 'awaited'; resource: ResourceInfo; definition: string; elsewhere?: ResourceInfo }
  /** `elsewhere`: not in this version, but in that one, under which its objects are to be found. */
  | { state: 'absent'; elsewhere?: ResourceInfo }
  /** The cluster cannot tell, for example because an aggregated API does not answer. */
  | { state: 'unclear'; message: string };

/** States by {@link kindKey}. */
export type Kinds = ReadonlyMap<string, KindState>;

export function kindKey(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}/${gvk.kind}`;
}

/** Every kind that occurs, once. */
export function kindsOf(objects: readonly { apiVersion: string; kind: string }[]): GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind>();
  for (const object of objects) {
    const gvk = gvkOf(object);
    found.set(kindKey(gvk), gvk);
  }
  return [...found.values()];
}

export function isCustomResourceDefinition(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'CustomResourceDefinition' && gvkOf(object).group === 'apiextensions.k8s.io';
}

/** The kinds that the CustomResourceDefinitions among the manifests will serve, by {@link kindKey}. */
export function kindsDefinedBy(
  objects: readonly KubeObject[],
): ReadonlyMap<string, { resource: ResourceInfo; definition: string }> {
  const defined = new Map<string, { resource: ResourceInfo; definition: string }>();
  for (const object of objects.filter(isCustomResourceDefinition)) {
    const group = textAt(object, 'spec', 'group');
    const kind = textAt(object, 'spec', 'names', 'kind');
    for (const version of listAt(object, 'spec', 'versions')) {
      if (at(version, 'served') !== true) continue;
      const resource: ResourceInfo = {
        group,
        version: textAt(version, 'name'),
        kind,
        plural: textAt(object, 'spec', 'names', 'plural'),
        namespaced: textAt(object, 'spec', 'scope') === 'Namespaced',
        verbs: [],
        subresources: [],
      };
      defined.set(kindKey(resource), { resource, definition: object.metadata.name });
    }
  }
  return defined;
}
