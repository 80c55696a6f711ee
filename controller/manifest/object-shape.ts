import { HOOK_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';

/** Ours and Argo CD's. */
const HOOK_ANNOTATIONS = [HOOK_ANNOTATION, 'argocd.argoproj.io/hook'];

/** What a parsed document is: an object, something that is not meant for Kubernetes, or an object with a mistake. */
export type Shape =
  | { kind: 'object'; object: KubeObject }
  | { kind: 'list'; items: readonly unknown[] }
  /** `name` and `namespace`: what its metadata says, should it have some like an object's. */
  | { kind: 'foreign'; reason: string; name?: string; namespace?: string }
  | { kind: 'wrong'; why: string };

/** Checks what every object needs before the API server can be asked about the rest. */
export function shapeOf(value: unknown): Shape {
  if (!isRecord(value)) return { kind: 'foreign', reason: 'it is not a map' };
  const { apiVersion, kind, metadata } = value;
  if (apiVersion === undefined && kind === undefined) {
    return { kind: 'foreign', reason: 'it has neither apiVersion nor kind', ...namesIn(metadata) };
  }
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return wrong('apiVersion is missing or no text: write for example apps/v1');
  if (typeof kind !== 'string' || kind === '') return wrong('kind is missing or no text: write for example Service');
  if (kind.endsWith('List') && Array.isArray(value['items'])) return { kind: 'list', items: value['items'] };
  if (!isRecord(metadata)) return wrong(`${kind} has no metadata: give it metadata.name`);
  const { namespace, generateName } = metadata;
  // A hook gets its name for each run; until then it goes by the beginning of it.
  const generated = metadata['name'] === undefined && isHook(metadata['annotations']);
  const name = generated ? generateName : metadata['name'];
  if (name === undefined && generateName !== undefined) {
    return wrong(
      `${kind} has metadata.generateName, which would make a new object at every sync: give it metadata.name, or make it a hook`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    return wrong(
      `${kind} has no metadata.name, or one that is no text: write one, in quotes if YAML takes it for a number or for yes and no`,
    );
  }
  if (/[/%]/.test(name) || name === '.' || name === '..')
    return wrong(`${kind} has metadata.name "${name}": use no slash, percent sign or dots alone`);
  if (namespace !== undefined && (typeof namespace !== 'string' || namespace.includes('/'))) {
    return wrong(`${kind} ${name} has a metadata.namespace that is no name: correct or remove it`);
  }
  for (const field of ['labels', 'annotations']) {
    const bad = notText(metadata[field]);
    if (bad !== undefined)
      return wrong(`${kind} ${name} has metadata.${field}${bad} that is no text: put the value in quotes`);
  }
  const object = generated ? { ...value, metadata: { ...metadata, name } } : value;
  return { kind: 'object', object: object as unknown as KubeObject };
}

function isHook(annotations: unknown): boolean {
  return isRecord(annotations) && HOOK_ANNOTATIONS.some((name) => annotations[name] !== undefined);
}

function namesIn(metadata: unknown): { name?: string; namespace?: string } {
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  return {
    ...(typeof name === 'string' && { name }),
    ...(typeof namespace === 'string' && { namespace }),
  };
}

/** Where a map of texts is not one: '' for the map itself, `["key"]` for a value. */
function notText(map: unknown): string | undefined {
  if (map === undefined || map === null) return undefined;
  if (!isRecord(map)) return '';
  const key = Object.keys(map).find((name) => typeof map[name] !== 'string');
  return key === undefined ? undefined : `["${key}"]`;
}

function wrong(why: string): Shape {
  return { kind: 'wrong', why };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
