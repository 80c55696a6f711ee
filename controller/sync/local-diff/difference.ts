import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { type Merge, mergeOfField, mergeOfItem, mergeOfKind } from './merge.ts';

/** One field that applying the desired object would change in the live one. Values of Secrets are masked before. */
export interface FieldDifference {
  /** `spec.template.spec.containers[name=web].image`; items of lists with a merge key are named by it. */
  path: string;
  /** What applying would do to the live field. */
  change: 'add' | 'change' | 'remove';
  /** The value in the cluster; absent for `add`. */
  live?: unknown;
  /** The value in Git; absent for `remove`. */
  desired?: unknown;
}

/** Where a comparison stands in an object. */
export interface Place {
  /** The path as it is shown. */
  text: string;
  /** Names of fields from the root; items of lists are not steps of their own. */
  fields: readonly string[];
  /** How server-side apply merges there, if that is known. */
  merge?: Merge;
}

export const ROOT: Place = { text: '', fields: [] };

/** The root of an object, with what is known of how objects of its kind are merged. */
export function rootOf(object: KubeObject): Place {
  const { group, version, kind } = gvkOf(object);
  const merge = mergeOfKind(group, version, kind);
  return merge === undefined ? ROOT : { ...ROOT, merge };
}

/** The place of a field. Keys such as annotation names would read as several steps, so they are quoted. */
export function fieldOf(place: Place, name: string): Place {
  const plain = /^[A-Za-z0-9_-]+$/.test(name);
  const step = plain ? (place.text === '' ? name : `.${name}`) : `[${JSON.stringify(name)}]`;
  const at = { text: `${place.text}${step}`, fields: [...place.fields, name] };
  return place.merge === undefined ? at : { ...at, merge: mergeOfField(place.merge, name) };
}

/** The place of an item of a list: `[0]`, `[name=web]`. */
export function itemOf(place: Place, label: string | number): Place {
  const at = { text: `${place.text}[${label}]`, fields: place.fields };
  return place.merge === undefined ? at : { ...at, merge: mergeOfItem(place.merge) };
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of a map; never one of its prototype. */
export function memberOf(value: unknown, name: string): unknown {
  return isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
