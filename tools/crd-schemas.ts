import type { Schema } from './crd-types.ts';

interface Crd {
  spec: { names: { kind: string }; versions: { storage: boolean; schema: { openAPIV3Schema: Schema } }[] };
}

/** What {@link Schema} keeps for checks at run time: shapes, not the words or the rules of the API server. */
const KEPT = [
  'type',
  'properties',
  'items',
  'additionalProperties',
  'required',
  'enum',
  'minimum',
  'maximum',
  'x-kubernetes-int-or-string',
] as const;

const HEADER = '// Generated from crds/ by `npm run generate`. Do not edit.\n\n';

/** A TypeScript file with the shapes of spec and status of all CRDs. */
export function generateSchemas(crds: readonly Crd[]): string {
  const lines = crds
    .map((crd) => [crd.spec.names.kind, crd.spec.versions.find((version) => version.storage)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, version]) => {
      const { spec, status } = version?.schema.openAPIV3Schema.properties ?? {};
      const parts = { spec: spec && shapeOf(spec), ...(status === undefined ? {} : { status: shapeOf(status) }) };
      return `  ${kind}: ${JSON.stringify(parts)},\n`;
    });
  return (
    `${HEADER}import type { ObjectShape } from '../shape.ts';\n\n` +
    '/** What the API server admits of our kinds today, by kind. */\n' +
    `export const SHAPES: Readonly<Record<string, ObjectShape>> = {\n${lines.join('')}};\n`
  );
}

function shapeOf(schema: Schema): Record<string, unknown> {
  const all = schema as Record<string, unknown>;
  const shape: Record<string, unknown> = {};
  for (const key of KEPT) if (all[key] !== undefined) shape[key] = all[key];
  if (schema.items) shape['items'] = shapeOf(schema.items);
  if (typeof schema.additionalProperties === 'object')
    shape['additionalProperties'] = shapeOf(schema.additionalProperties);
  if (schema.properties) {
    const properties = Object.entries(schema.properties).map(([name, child]) => [name, shapeOf(child)]);
    shape['properties'] = Object.fromEntries(properties);
  }
  return shape;
}
