import { onceByIdentity } from '../memo.ts';
import { asList, asObject, asText, type Json } from '../plain.ts';
import type { PodTemplate } from '../snapshot.ts';

/** Kinds whose content containers read. */
export type ConfigKind = 'ConfigMap' | 'Secret';

/** One object that a pod template reads, with all that it reads of it. */
export interface ConfigReference {
  kind: ConfigKind;
  name: string;
  /** The keys that are read; undefined: all. */
  keys: readonly string[] | undefined;
  /** No pod starts without the object. */
  required: boolean;
  /** No pod starts without these keys. */
  requiredKeys: readonly string[];
}

/** One place of a template that reads one object. */
interface Place {
  kind: ConfigKind;
  name: string;
  keys: readonly string[] | undefined;
  optional: boolean;
}

/**
 * Every ConfigMap and Secret whose content the containers of a template see: as variables (`env`, `envFrom`) and as files
 * (volumes, also projected ones). What only the kubelet or a driver uses is none of it: `imagePullSecrets`, and the
 * credentials of volume drivers. Sorted by kind and name; total on rubbish.
 */
export const configReferences = onceByIdentity((template: PodTemplate): readonly ConfigReference[] => {
  const spec = asObject(asObject(template)?.['spec']);
  const containers = [...asList(spec?.['containers']), ...asList(spec?.['initContainers'])];
  const places = [
    ...containers.flatMap((container) => [
      ...asList(asObject(container)?.['env']).flatMap(fromVariable),
      ...asList(asObject(container)?.['envFrom']).flatMap(fromAllVariables),
    ]),
    ...asList(spec?.['volumes']).flatMap(fromVolume),
  ];
  const objects = new Map(places.map(({ kind, name }) => [`${kind}/${name}`, { kind, name }]));
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => merged(object, places));
});

function merged({ kind, name }: Pick<Place, 'kind' | 'name'>, places: readonly Place[]): ConfigReference {
  const all = places.filter((one) => one.kind === kind && one.name === name);
  const required = all.filter(({ optional }) => !optional);
  const keysOf = (some: readonly Place[]): string[] => [...new Set(some.flatMap(({ keys }) => keys ?? []))].sort();
  return {
    kind,
    name,
    keys: all.some(({ keys }) => keys === undefined) ? undefined : keysOf(all),
    required: required.length > 0,
    requiredKeys: keysOf(required),
  };
}

function fromVariable(variable: unknown): Place[] {
  const source = asObject(asObject(variable)?.['valueFrom']);
  const one = (kind: ConfigKind, raw: unknown): Place[] => {
    const ref = asObject(raw);
    const key = asText(ref?.['key']);
    return key === undefined ? [] : place(kind, ref, 'name', [key]);
  };
  return [...one('ConfigMap', source?.['configMapKeyRef']), ...one('Secret', source?.['secretKeyRef'])];
}

function fromAllVariables(source: unknown): Place[] {
  const { configMapRef, secretRef } = asObject(source) ?? {};
  return [
    ...place('ConfigMap', asObject(configMapRef), 'name', undefined),
    ...place('Secret', asObject(secretRef), 'name', undefined),
  ];
}

function fromVolume(volume: unknown): Place[] {
  const { configMap, secret, projected } = asObject(volume) ?? {};
  const sources = asList(asObject(projected)?.['sources']).map(asObject);
  return [
    ...fromFiles('ConfigMap', configMap, 'name'),
    ...fromFiles('Secret', secret, 'secretName'),
    ...sources.flatMap((source) => [
      ...fromFiles('ConfigMap', source?.['configMap'], 'name'),
      ...fromFiles('Secret', source?.['secret'], 'name'),
    ]),
  ];
}

function fromFiles(kind: ConfigKind, raw: unknown, nameField: 'name' | 'secretName'): Place[] {
  const source = asObject(raw);
  const items = asList(source?.['items']).flatMap((item) => asText(asObject(item)?.['key']) ?? []);
  return place(kind, source, nameField, items.length === 0 ? undefined : items);
}

function place(
  kind: ConfigKind,
  source: Json | undefined,
  nameField: 'name' | 'secretName',
  keys: readonly string[] | undefined,
): Place[] {
  const name = asText(source?.[nameField]);
  return name === undefined ? [] : [{ kind, name, keys, optional: source?.['optional'] === true }];
}
