import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { yaml } from './yaml.ts';

/** Formats for programs, as kubectl has them. */
export const RAW_FORMATS = ['json', 'yaml', 'name'] as const;
export type RawFormat = (typeof RAW_FORMATS)[number];

/** One object as `kubectl get -o` prints it, without managedFields. */
export function rawObject(object: KubeObject, format: RawFormat): string {
  if (format === 'name') return nameOf(object);
  return serialised(withoutManagedFields(object), format);
}

/** Objects as `kubectl get -o` prints several: one List, or a line for each name. */
export function rawList(objects: readonly KubeObject[], format: RawFormat): string {
  if (format === 'name') return objects.map(nameOf).join('\n');
  const items = objects.map(withoutManagedFields);
  return serialised({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items }, format);
}

function nameOf(object: KubeObject): string {
  const { group, kind } = gvkOf(object);
  return `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${object.metadata.name}`;
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}

function serialised(value: object, format: 'json' | 'yaml'): string {
  return format === 'json' ? JSON.stringify(value, undefined, 4) : yaml(value).trimEnd();
}
