import type { Schema } from './crd-types.ts';

interface Crd {
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; storage: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

/** As much of a schema as says how its fields are merged. */
interface MergeSchema {
  properties?: Record<string, MergeSchema>;
  items?: MergeSchema;
  type?: string;
  default?: unknown;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
}

const HEADER = '// Generated from crds/ by `npm run generate`. Do not edit.\n\n';

/** A TypeScript file with how server-side apply merges our own kinds, and what the API server fills in. */
export function generateOwnTypes(crds: readonly Crd[]): string {
  const types = new Map<string, object>();
  const kinds = crds.map(({ spec: { group, names, versions } }) => {
    const version = versions.find(({ storage }) => storage);
    const { metadata: _, status: __, ...properties } = version?.schema.openAPIV3Schema.properties ?? {};
    addType(types, names.kind, { properties: properties as Record<string, MergeSchema> }, { metadata: OBJECT_META });
    return [`${group}/${version?.name}/${names.kind}`, names.kind] as const;
  });
  const line = ([name, value]: readonly [string, unknown]): string =>
    `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`;
  return (
    `${HEADER}import type { MergedField } from './built-in-types.ts';\n\n` +
    '/** The type of each kind, by group/version/kind. */\n' +
    `export const OWN_KINDS: Readonly<Record<string, string>> = {\n${kinds.map(line).sort().join('')}};\n\n` +
    '/** Of each type, the fields that are merged in another way than usual, that hold such fields, or that have a default. */\n' +
    `export const OWN_TYPES: Readonly<Record<string, Readonly<Record<string, MergedField>>>> = {\n${[...types].map(line).sort().join('')}};\n`
  );
}

const OBJECT_META = { type: 'meta.v1.ObjectMeta' };

/** Adds the type of a schema if it has anything to tell, and says whether it has. */
function addType(types: Map<string, object>, name: string, schema: MergeSchema, known: object = {}): boolean {
  const fields = Object.entries(schema.properties ?? {}).flatMap(([field, one]): [string, object][] => {
    const merged = { ...mergedField(types, `${name}.${field}`, one), ...defaultOf(one) };
    return Object.keys(merged).length === 0 ? [] : [[field, merged]];
  });
  const all = { ...known, ...Object.fromEntries(fields) };
  if (Object.keys(all).length === 0) return false;
  types.set(name, all);
  return true;
}

function mergedField(types: Map<string, object>, name: string, schema: MergeSchema): object {
  if (schema.type === 'array') {
    // In a list with one owner, only what is filled in is of interest.
    const type = addType(types, name, schema.items ?? {}) ? { type: name } : {};
    switch (schema['x-kubernetes-list-type']) {
      case 'map':
        return { ...type, keys: keysOf(schema) };
      case 'set':
        return { set: true };
      default:
        return type;
    }
  }
  const type = addType(types, name, schema) ? { type: name } : {};
  return schema['x-kubernetes-map-type'] === 'atomic' ? { ...type, atomic: true } : type;
}

function keysOf(schema: MergeSchema): Record<string, string | null> {
  const defaultFor = (key: string): string | null => {
    const value = schema.items?.properties?.[key]?.default;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return Object.fromEntries((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => [key, defaultFor(key)]));
}

function defaultOf(schema: MergeSchema): object {
  return schema.default === undefined ? {} : { default: schema.default };
}
