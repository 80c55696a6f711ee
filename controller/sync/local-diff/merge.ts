import { BUILT_IN_KINDS, BUILT_IN_TYPES, type MergedField } from '../../api/generated/built-in-types.ts';
import { OWN_KINDS, OWN_TYPES } from '../../api/generated/own-types.ts';

const KINDS = { ...BUILT_IN_KINDS, ...OWN_KINDS };
const TYPES = { ...BUILT_IN_TYPES, ...OWN_TYPES };

/**
 * How server-side apply merges what is at some place of an object of a built-in kind or of one of ours. Of other kinds nothing
 * is known here, and {@link Merge} is undefined.
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
  /** What the API server fills in, where its schema says so. */
  default?: unknown;
}

/** At the root of an object. */
export function mergeOfKind(group: string, version: string, kind: string): Merge | undefined {
  const type = own(KINDS, `${group}/${version}/${kind}`);
  return type === undefined ? undefined : { whole: false, type };
}

/** At a field of a map or struct. */
export function mergeOfField({ whole, type }: Merge, name: string): Merge {
  const field: MergedField = own(own(TYPES, type ?? '') ?? {}, name) ?? {};
  const { atomic, keys, set, type: inner } = field;
  return {
    whole: whole || atomic === true,
    ...(!whole && keys !== undefined && { keys }),
    ...(!whole && set !== undefined && { set }),
    ...(inner !== undefined && { type: inner }),
    ...('default' in field && { default: field.default }),
  };
}

/** At an item of a list. */
export function mergeOfItem({ whole, keys, type }: Merge): Merge {
  return { whole: whole || keys === undefined, ...(type !== undefined && { type }) };
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
