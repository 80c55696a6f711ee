import type { KubeObject } from '../kube/types.ts';

/**
 * A set of fields as the API server writes it: `f:name` is a field, `k:{…}` an item of a list by its keys, `v:…` an item by
 * its value, `i:…` by its position. A node without children is in the set; one with children only if it also has `.`.
 */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: string;
  readonly fieldsV1: FieldSet;
  /** `status`, `scale`, …; absent for the object itself. */
  readonly subresource?: string;
}

const SELF = '.';
const LEAF: FieldSet = {};

/** Who wrote which field of an object. Empty for an object from a cache, which drops it. */
export function managedFieldsOf(object: KubeObject): readonly ManagedFieldsEntry[] {
  const { managedFields } = object.metadata as { managedFields?: unknown };
  return Array.isArray(managedFields) ? managedFields.filter(isEntry) : [];
}

function isEntry(entry: unknown): entry is ManagedFieldsEntry {
  const { manager, fieldsType = 'FieldsV1', fieldsV1 } = (entry ?? {}) as Record<string, unknown>;
  return typeof manager === 'string' && fieldsType === 'FieldsV1' && typeof fieldsV1 === 'object' && fieldsV1 !== null;
}

/** Whether there is nothing in a set; of a node, that it is a field without known children. */
export function isEmpty(set: FieldSet): boolean {
  return Object.keys(set).length === 0;
}

/** What is in either of two sets. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const all: Record<string, FieldSet> = { ...a };
  for (const [step, child] of Object.entries(b)) {
    const other = a[step];
    all[step] = other === undefined || step === SELF ? child : unionOfNodes(other, child);
  }
  return all;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  const node = union(a, b);
  return isEmpty(a) !== isEmpty(b) ? { [SELF]: LEAF, ...node } : node;
}

/** What of `set` is also in `other`, or with `keep` false, what of it is not. */
export function select(set: FieldSet, other: FieldSet, keep: boolean): FieldSet {
  return selectIn(set, other, keep) ?? LEAF;
}

function selectIn(set: FieldSet, other: FieldSet | undefined, keep: boolean): FieldSet | undefined {
  const self = isMember(set) && (other !== undefined && isMember(other)) === keep;
  const children: [string, FieldSet][] = [];
  for (const [step, child] of Object.entries(set)) {
    const left = step === SELF ? undefined : selectIn(child, other?.[step], keep);
    if (left !== undefined) children.push([step, left]);
  }
  if (children.length === 0) return self ? LEAF : undefined;
  return Object.fromEntries(self ? [[SELF, LEAF], ...children] : children);
}

function isMember(node: FieldSet): boolean {
  return isEmpty(node) || node[SELF] !== undefined;
}

/** A set without the field at `steps` and what is below it. */
export function without(set: FieldSet, [step = '', ...rest]: readonly string[]): FieldSet {
  const child = set[step];
  if (child === undefined) return set;
  const left = rest.length === 0 ? LEAF : without(child, rest);
  const all = Object.entries(set).map(([name, below]): [string, FieldSet] => [name, name === step ? left : below]);
  return Object.fromEntries(all.filter(([name]) => name !== step || !isEmpty(left)));
}

/** Whether the field at `steps`, or something below it, is in a set. */
export function has(set: FieldSet, steps: readonly string[]): boolean {
  let here: FieldSet | undefined = set;
  for (const step of steps) here = here?.[step];
  return here !== undefined;
}

/**
 * The first field of `set` that `other` lacks, as a path such as `spec.template.spec.containers[name="main"].tty`. A map or
 * struct counts only by what is in it; below a field that `other` has as a whole there is nothing to lack.
 */
export function firstBeyond(set: FieldSet, other: FieldSet): string | undefined {
  for (const [step, child] of Object.entries(set)) {
    if (step === SELF) continue;
    const there = other[step];
    const path = stepText(step);
    const isItem = !step.startsWith('f:');
    if (there === undefined && (isItem ? isMember(child) : isEmpty(child))) return path;
    if (there !== undefined && isEmpty(there)) continue;
    const below = firstBeyond(child, there ?? LEAF);
    if (below !== undefined) return below.startsWith('[') ? `${path}${below}` : `${path}.${below}`;
  }
  return undefined;
}

function stepText(step: string): string {
  const text = step.slice(2);
  switch (step.slice(0, 2)) {
    case 'f:':
      return /^[A-Za-z0-9_-]+$/.test(text) ? text : `[${JSON.stringify(text)}]`;
    case 'k:':
      return `[${keysText(text)}]`;
    case 'i:':
      return `[${text}]`;
    default:
      // An item that is its own value, which no message shows.
      return '[]';
  }
}

function keysText(json: string): string {
  const keys = Object.entries(itemKeys(`k:${json}`) ?? {});
  return keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',');
}

/** The key fields of a step such as `k:{"name":"main"}`; undefined for any other step. */
export function itemKeys(step: string): Readonly<Record<string, unknown>> | undefined {
  if (!step.startsWith('k:')) return undefined;
  try {
    return JSON.parse(step.slice(2)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
