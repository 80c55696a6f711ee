import type { ResourceInfo } from './types.ts';

/**
 * The URL path of a collection. Nothing is lower-cased: names of RBAC objects may have capitals. An empty namespace of a
 * namespaced resource means all namespaces.
 */
export function collectionPath(resource: ResourceInfo, namespace: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** The URL path of one object, or of a subresource of it. */
export function objectPath(resource: ResourceInfo, namespace: string, name: string, subresource?: string): string {
  const object = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource === undefined ? object : `${object}/${subresource}`;
}
