import type { Schema } from './crd-types.ts';

interface Crd {
  spec: {
    group: string;
    scope: string;
    names: { kind: string; plural: string; shortNames?: string[] };
    versions: {
      name: string;
      storage: boolean;
      schema: { openAPIV3Schema: Schema };
      additionalPrinterColumns?: { name: string; priority?: number }[];
    }[];
  };
}

/** The page docs/reference/crds/<kind>.md: every field with type, default and description, from the CRD itself. */
export function generateDocs(crd: Crd): string {
  const { kind, plural, shortNames = [] } = crd.spec.names;
  const version = crd.spec.versions.find((v) => v.storage);
  if (version === undefined) throw new Error(`${kind} has no storage version`);
  const root = version.schema.openAPIV3Schema;
  const columns = (version.additionalPrinterColumns ?? []).map((c) => (c.priority ? `${c.name} (wide)` : c.name));
  return [
    `# ${kind}`,
    '',
    '<!-- Generated from crds/ by `npm run generate`. Do not edit. -->',
    '',
    root.description?.trim() ?? '',
    '',
    `\`${crd.spec.group}/${version.name}\`, ${crd.spec.scope === 'Namespaced' ? 'namespaced' : 'cluster-scoped'}, ` +
      `\`kubectl get ${[plural, ...shortNames].join('` or `')}\`; columns ${columns.join(', ')}.`,
    ...section('operation', root.properties?.['operation']),
    ...section('spec', root.properties?.['spec']),
    ...section('status', root.properties?.['status']),
    '',
  ].join('\n');
}

function section(name: string, schema: Schema | undefined): string[] {
  if (schema === undefined) return [];
  return ['', `## ${name}`, '', '| field | type | what |', '|---|---|---|', ...rows(schema, '')];
}

function rows(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([field, child]) => {
    const path = prefix === '' ? field : `${prefix}.${field}`;
    const item = child.type === 'array' ? (child.items ?? {}) : child;
    const notes = [
      child.description?.trim() ?? '',
      child.default === undefined ? '' : `Default \`${JSON.stringify(child.default)}\`.`,
      schema.required?.includes(field) ? 'Required.' : '',
      ...(child['x-kubernetes-validations'] ?? []).map((rule) => `Rule: ${rule.message}.`),
      ...(item === child ? [] : (item['x-kubernetes-validations'] ?? []).map((rule) => `Rule: ${rule.message}.`)),
    ];
    const text = notes
      .filter((note) => note !== '')
      .join(' ')
      .replaceAll('|', '\\|');
    const suffix = child.type === 'array' ? '[]' : '';
    return [`| \`${path}\` | ${typeName(child)} | ${text} |`, ...rows(item, `${path}${suffix}`)];
  });
}

function typeName(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'integer or string';
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeName(schema.items ?? {})}`;
  if (schema.additionalProperties) return `map of ${typeName(schema.additionalProperties)}`;
  return schema.type ?? 'object';
}
