/** The parts of a structural OpenAPI v3 schema that the CRDs use. */
export interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  items?: Schema;
  required?: string[];
  enum?: string[];
  default?: unknown;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-validations'?: { rule: string; message: string }[];
}

interface Crd {
  spec: {
    group: string;
    scope: string;
    names: { kind: string; plural: string };
    versions: { name: string; storage: boolean; schema: { openAPIV3Schema: Schema } }[];
  };
}

const HEADER = '// Generated from crds/ by `npm run generate`. Do not edit.\n\n';

/**
 * TypeScript interfaces for one CRD: one named interface for every object of the schema, named by its path. A field with
 * a default is required in objects that were read, so it is not optional here.
 */
export function generateTypes(crd: Crd): string {
  const { kind } = crd.spec.names;
  const version = crd.spec.versions.find((v) => v.storage);
  if (version === undefined) throw new Error(`${kind} has no storage version`);
  const interfaces: string[] = [];

  const doc = (text: string | undefined, indent: string): string =>
    text === undefined ? '' : `${indent}/** ${text.trim().replaceAll('*/', '*\\/')} */\n`;

  const typeOf = (schema: Schema, name: string): string => {
    if (schema['x-kubernetes-int-or-string']) return 'number | string';
    if (schema.enum) return schema.enum.map((value) => `'${value}'`).join(' | ');
    switch (schema.type) {
      case 'string':
        return 'string';
      case 'integer':
      case 'number':
        return 'number';
      case 'boolean':
        return 'boolean';
      case 'array': {
        const item = typeOf(schema.items ?? {}, name);
        return item.includes('|') ? `(${item})[]` : `${item}[]`;
      }
      default:
        if (schema.additionalProperties)
          return `Record<string, ${typeOf(schema.additionalProperties, `${name}Value`)}>`;
        if (schema.properties) return declare(schema, name);
        return 'Record<string, unknown>';
    }
  };

  const declare = (schema: Schema, name: string): string => {
    const lines = Object.entries(schema.properties ?? {}).map(([field, child]) => {
      const optional = schema.required?.includes(field) || child.default !== undefined ? '' : '?';
      const singular = child.type === 'array' && field.endsWith('s') ? singularOf(field) : field;
      const type = typeOf(child, name + capital(singular));
      return `${doc(child.description, '  ')}  ${field}${optional}: ${type};\n`;
    });
    interfaces.push(`${doc(schema.description, '')}export interface ${name} {\n${lines.join('')}}\n`);
    return name;
  };

  const root = version.schema.openAPIV3Schema;
  const spec = root.properties?.['spec'];
  const status = root.properties?.['status'];
  const operation = root.properties?.['operation'];
  if (operation) declare(operation, `${kind}Operation`);
  if (spec) declare(spec, `${kind}Spec`);
  if (status) declare(status, `${kind}Status`);
  const object =
    `${doc(root.description, '')}export interface ${kind} extends KubeObject {\n` +
    (operation ? `${doc(operation.description, '  ')}  operation?: ${kind}Operation;\n` : '') +
    `  spec: ${kind}Spec;\n${status ? `  status?: ${kind}Status;\n` : ''}}\n`;
  const resource =
    `/** How the API server serves ${kind}. */\nexport const ${constant(kind)}_RESOURCE: ResourceInfo = {\n` +
    `  group: '${crd.spec.group}',\n  version: '${version.name}',\n  kind: '${kind}',\n  plural: '${crd.spec.names.plural}',\n` +
    `  namespaced: ${crd.spec.scope === 'Namespaced'},\n` +
    `  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],\n` +
    `  subresources: [${status ? "'status'" : ''}],\n};\n`;
  return `${HEADER}import type { KubeObject, ResourceInfo } from '../../kube/types.ts';\n\n${resource}\n${object}\n${interfaces.join('\n')}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function constant(kind: string): string {
  return kind.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** The name of one of many: one of `analyses` is an analysis, of `templateStatuses` a templateStatus. */
function singularOf(field: string): string {
  if (/(yses|tuses)$/.test(field)) return field.replace(/yses$/, 'ysis').replace(/tuses$/, 'tus');
  return field.replace(/ies$/, 'y').replace(/s$/, '');
}
