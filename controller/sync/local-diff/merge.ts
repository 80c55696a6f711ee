import { BUILT_IN_KINDS, BUILT_IN_TYPES, type MergedField } from '../../api/generated/built-in-types.ts';

/**
 * How server-side apply merges what is at some place of an object of a built-in kind. Of a custom kind nothing is known here,
 * and {@link Merge} is undefined.
 */
export interface Merge {
  /** Part of something with one owner: applying Git's word replaces all of it, and what Git does not say is gone. */
  whole: boolean;
  /** For lists that several owners share: the fields that tell items apart. */
  keys?: Readonly<Record<string, string | null>>;
  /** For lists that several owners share: the items themselves tell them apart. */
  set?: boolean;
  /** What is known of the fields in it. */
  type?: string;
}

const WHOLE: Merge = { whole: true };

/** At the root of an object. */
export function mergeOfKind(group: string, version: string, kind: string): Merge | undefined {
  const type = own(BUILT_IN_KINDS, `${group}/${version}/${kind}`);
  return type === undefined ? undefined : { whole: false, type };
}

/** At a field of a map or struct. */
export function mergeOfField({ whole, type }: Merge, name: string): Merge {
  if (whole) return WHOLE;
  const field: MergedField | undefined = own(own(BUILT_IN_TYPES, type ?? '') ?? {}, name);
  if (field === undefined) return { whole: false };
  return {
    whole: field.atomic === true,
    ...(field.keys !== undefined && { keys: field.keys }),
    ...(field.set !== undefined && { set: field.set }),
    ...(field.type !== undefined && { type: field.type }),
  };
}

/** At an item of a list. */
export function mergeOfItem({ whole, keys, type }: Merge): Merge {
  if (whole || keys === undefined) return WHOLE;
  return { whole: false, ...(type !== undefined && { type }) };
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
