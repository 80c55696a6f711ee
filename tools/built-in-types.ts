/** As much of a document of `/openapi/v3/…` as is looked at. */
export interface OpenApiDocument {
  components?: { schemas?: Record<string, OpenApiSchema> };
}

interface OpenApiSchema {
  type?: string;
  $ref?: string;
  allOf?: OpenApiSchema[];
  properties?: Record<string, OpenApiSchema>;
  items?: OpenApiSchema;
  default?: unknown;
  'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: 'atomic' | 'granular';
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

interface Field {
  type?: string;
  atomic?: true;
  set?: true;
  keys?: Record<string, string | null>;
}

type Schemas = ReadonlyMap<string, OpenApiSchema>;
type Fields = Readonly<Record<string, Field>>;

const HEADER = `// Generated from the OpenAPI documents of an API server by \`npm run generate:built-in\`. Do not edit.

/** How a field is merged: a map or struct with one owner as a whole, a set, or a list whose items are told apart by keys. */
export interface MergedField {
  /** The type of the field, or of the items of a list with keys, if that has anything to tell. */
  type?: string;
  atomic?: true;
  set?: true;
  /** The fields that are the key, each with what the API server fills in; null for a field that an item must have. */
  keys?: Readonly<Record<string, string | null>>;
  /** What the API server fills in, where its schema says so. */
  default?: unknown;
}
`;

/** Which paths of `/openapi/v3` hold kinds that are built in, in a version that does not change any more. */
export function isBuiltInPath(path: string): boolean {
  return /^(?:api|apis\/(?:[a-z]+|[a-z.]+\.k8s\.io))\/v\d+$/.test(path);
}

/** Built-in kinds are types of a Go package of Kubernetes; a CustomResourceDefinition names its kinds by group, whoever made it. */
const BUILT_IN_NAME = /^io\.k8s\.(?:api|apiextensions-apiserver|kube-aggregator)\./;

/**
 * A TypeScript file with how server-side apply merges the built-in kinds: which lists have keys or are sets, and which maps
 * and structs have one owner as a whole. All other lists have one owner, all other maps have an owner for each member, so
 * those are left out, as is what is inside of something that has one owner.
 */
export function generateBuiltInTypes(documents: readonly OpenApiDocument[]): string {
  const schemas = new Map(documents.flatMap((document) => Object.entries(document.components?.schemas ?? {})));
  const kinds = new Map<string, string>();
  for (const [name, schema] of schemas) {
    if (!BUILT_IN_NAME.test(name)) continue;
    if (schema.properties?.['metadata'] === undefined || refOf(schema.properties['metadata'])?.endsWith('ListMeta'))
      continue;
    for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
      kinds.set(`${group}/${version}/${kind}`, name);
    }
  }
  const types = told(schemas, kinds.values());
  const kindLines = [...kinds]
    .sort()
    .map(([kind, name]) => `  ${JSON.stringify(kind)}: ${JSON.stringify(shortName(name))},\n`);
  const typeLines = [...types]
    .sort()
    .map(([name, fields]) => `  ${JSON.stringify(shortName(name))}: ${JSON.stringify(fields)},\n`);
  return [
    HEADER,
    '/** The type of each kind, by group/version/kind. */',
    `export const BUILT_IN_KINDS: Readonly<Record<string, string>> = {\n${kindLines.join('')}};\n`,
    '/** Of each type, the fields that are merged in another way than usual, or that hold such fields. */',
    `export const BUILT_IN_TYPES: Readonly<Record<string, Readonly<Record<string, MergedField>>>> = {\n${typeLines.join('')}};\n`,
  ].join('\n');
}

/** The types below some roots that have anything to tell. */
function told(schemas: Schemas, roots: Iterable<string>): Map<string, Fields> {
  const reached = new Map<string, Fields>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    const fields = fieldsOf(schemas, name);
    reached.set(name, fields);
    for (const { type } of Object.values(fields)) if (type !== undefined) visit(type);
  };
  for (const root of roots) visit(root);
  for (let size = -1; size !== reached.size; ) {
    size = reached.size;
    for (const [name, fields] of reached) {
      const kept = Object.entries(fields).filter(([, field]) => tells(field) || reached.has(field.type ?? ''));
      if (kept.length === 0) reached.delete(name);
      else reached.set(name, Object.fromEntries(kept));
    }
  }
  return new Map([...reached].map(([name, fields]) => [name, withKnownTypes(fields, reached)]));
}

function withKnownTypes(fields: Fields, reached: ReadonlyMap<string, unknown>): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { type, ...field }]) => [
      name,
      { ...(type !== undefined && reached.has(type) && { type: shortName(type) }), ...field },
    ]),
  );
}

function tells({ atomic, set, keys }: Field): boolean {
  return atomic !== undefined || set !== undefined || keys !== undefined;
}

function fieldsOf(schemas: Schemas, name: string): Fields {
  const { properties = {} } = schemas.get(name) ?? {};
  const fields = Object.entries(properties)
    // A status is never applied.
    .filter(([field]) => field !== 'status')
    .map(([field, schema]) => [field, fieldOf(schemas, schema)] as const);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function fieldOf(schemas: Schemas, schema: OpenApiSchema): Field {
  if (schema.type === 'array') {
    const item = schema.items === undefined ? undefined : refOf(schema.items);
    if (schema['x-kubernetes-list-type'] === 'set') return { set: true };
    if (schema['x-kubernetes-list-type'] !== 'map') return {};
    const names = schema['x-kubernetes-list-map-keys'] ?? [];
    const defaultOf = (key: string): string | null => {
      const value = schemas.get(item ?? '')?.properties?.[key]?.default;
      return typeof value === 'string' && value !== '' ? value : null;
    };
    const keys = Object.fromEntries(names.map((key) => [key, defaultOf(key)]));
    return { ...(item !== undefined && { type: item }), keys };
  }
  const type = refOf(schema);
  const isAtomic = [schema, schemas.get(type ?? '')].some((one) => one?.['x-kubernetes-map-type'] === 'atomic');
  if (isAtomic) return { atomic: true };
  return type === undefined ? {} : { type };
}

function refOf(schema: OpenApiSchema): string | undefined {
  return [schema, ...(schema.allOf ?? [])]
    .find(({ $ref }) => $ref !== undefined)
    ?.$ref?.split('/')
    .at(-1);
}

/** `core.v1.Container` of `io.k8s.api.core.v1.Container`. */
function shortName(name: string): string {
  return name.split('.').slice(-3).join('.');
}
