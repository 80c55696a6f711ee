import type { Application, ApplicationStatusResource } from '../api/generated/application.ts';
import { gvkOf, type KubeObject, type OwnerReference } from '../kube/types.ts';

/** An object of an Application, or one that such an object owns. */
export type TreeNode = { type: 'listed'; entry: ApplicationStatusResource; owned: OwnedNode[] } | OwnedNode;

export interface OwnedNode {
  type: 'owned';
  object: KubeObject;
  owned: OwnedNode[];
}

/**
 * Hangs live objects below the objects of an Application that own them. An owner is found by kind and name in the namespace
 * of what it owns: the objects in Git need not be read for that. An object that Git has is shown at the top only.
 */
export function objectTree(application: Application, live: readonly KubeObject[]): TreeNode[] {
  const entries = application.status?.resources ?? [];
  const listed = new Set(entries.map((entry) => key(entry.group ?? '', entry.kind, entry.namespace ?? '', entry.name)));
  const byOwner = new Map<string, KubeObject[]>();
  for (const object of live) {
    const { group, kind } = gvkOf(object);
    const { namespace = '', name } = object.metadata;
    const owner = ownerOf(object);
    if (owner === undefined || listed.has(key(group, kind, namespace, name))) continue;
    const ownerKey = key(gvkOf(owner).group, owner.kind, namespace, owner.name);
    byOwner.set(ownerKey, [...(byOwner.get(ownerKey) ?? []), object]);
  }
  // References are written by anybody, so they may go in circles.
  const ownedBy = (ownerKey: string): OwnedNode[] => {
    const objects = byOwner.get(ownerKey) ?? [];
    byOwner.delete(ownerKey);
    return objects.sort(byKindAndName).map((object) => {
      const { namespace = '', name } = object.metadata;
      return { type: 'owned', object, owned: ownedBy(key(gvkOf(object).group, object.kind, namespace, name)) };
    });
  };
  return entries.map((entry) => ({
    type: 'listed',
    entry,
    owned: ownedBy(key(entry.group ?? '', entry.kind, entry.namespace ?? '', entry.name)),
  }));
}

/** The controller among the owners, or the only place where it can be shown once. */
function ownerOf({ metadata }: KubeObject): OwnerReference | undefined {
  const owners = metadata.ownerReferences ?? [];
  return owners.find((owner) => owner.controller === true) ?? owners[0];
}

function key(group: string, kind: string, namespace: string, name: string): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

function byKindAndName(a: KubeObject, b: KubeObject): number {
  return a.kind.localeCompare(b.kind) || a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true });
}
