import { canonicalJson } from '../../manifest/canonical.ts';
import { isFields, memberOf, type Place } from './difference.ts';

/**
 * How the items of a list belong together. Keyed lists are matched by what tells their items apart, in any order; others item
 * by item. In a `whole` list, which has one writer, an item that only the cluster has goes when Git's list is applied;
 * elsewhere it may be another writer's. In an `ordered` one the order of the items that both have still counts.
 */
export type ListRule =
  | { keyed: true; whole: boolean; ordered: boolean; labelOf: (item: unknown) => string | undefined }
  | { keyed: false };

/** The key's fields with what the API server fills in; undefined for a field that an item must have. */
type KeyFields = Readonly<Record<string, string | undefined>>;

const NAME: KeyFields = { name: undefined };

/** Lists of core/v1 types that server-side apply merges by a key, for custom resources that use them: {@link Merge} knows the others. */
const MERGED: Readonly<Record<string, KeyFields>> = {
  claims: NAME,
  containers: NAME,
  env: NAME,
  ephemeralContainers: NAME,
  hostAliases: { ip: undefined },
  imagePullSecrets: NAME,
  initContainers: NAME,
  ownerReferences: { uid: undefined },
  ports: { containerPort: undefined, protocol: 'TCP' },
  resourceClaims: NAME,
  schedulingGates: NAME,
  secrets: NAME,
  topologySpreadConstraints: { topologyKey: undefined, whenUnsatisfiable: undefined },
  volumeDevices: { devicePath: undefined },
  volumeMounts: { mountPath: undefined },
  volumes: NAME,
  webhooks: NAME,
};

/** Lists that are written as a whole, but in which another order means the same. */
const UNORDERED: Readonly<Record<string, KeyFields>> = {
  addresses: { ip: undefined },
  notReadyAddresses: { ip: undefined },
  subjects: { kind: undefined, namespace: '', name: undefined },
  tolerations: { key: '', operator: 'Equal', value: '', effect: '' },
  versions: NAME,
};

/** Lists of texts in which another order means the same. */
const SETS: ReadonlySet<string> = new Set([
  'accessModes',
  'apiGroups',
  'apiVersions',
  'categories',
  'externalIPs',
  'loadBalancerSourceRanges',
  'nonResourceURLs',
  'operations',
  'policyTypes',
  'resourceNames',
  'resources',
  'shortNames',
  'verbs',
]);

const INDEX: ListRule = { keyed: false };

/** The rule of a list, from its place and the items of each side: a list with doubled or nameless items has no key. */
export function listRule(place: Place, kind: string, lists: readonly (readonly unknown[])[]): ListRule {
  const rule = ruleByName(place, kind);
  return rule.keyed && lists.every((items) => isKeyed(items, rule.labelOf)) ? rule : INDEX;
}

/** What tells the items of a list apart whose order means nothing and which is written as a whole; else undefined. */
export function orderlessLabel(
  place: Place,
  kind: string,
  lists: readonly (readonly unknown[])[],
): ((item: unknown) => string | undefined) | undefined {
  const rule = listRule(place, kind, lists);
  return rule.keyed && rule.whole && !rule.ordered ? rule.labelOf : undefined;
}

function ruleByName({ fields, merge }: Place, kind: string): ListRule {
  const name = fields.at(-1) ?? '';
  if (merge?.keys !== undefined) return merged(name, filledIn(merge.keys));
  if (merge?.set === true) return { ...unordered(textLabel), whole: false };
  if (name === 'metrics' && kind === 'HorizontalPodAutoscaler') return unordered(metricLabel);
  if (name === 'finalizers' && fields.length === 2) return { ...unordered(textLabel), whole: false };
  if (name === 'ports' && kind === 'Service') return merged(name, { port: undefined, protocol: 'TCP' });
  if (SETS.has(name)) return unordered(textLabel);
  if (Object.hasOwn(MERGED, name)) {
    const rule = merged(name, MERGED[name] ?? NAME);
    // Of what is known, all that are merged have keys: this one is written as a whole, and its order counts.
    return merge === undefined ? rule : { ...rule, whole: true, ordered: true };
  }
  return Object.hasOwn(UNORDERED, name) ? unordered(labelBy(UNORDERED[name] ?? NAME)) : INDEX;
}

function filledIn(keys: Readonly<Record<string, string | null>>): KeyFields {
  return Object.fromEntries(Object.entries(keys).map(([field, value]) => [field, value ?? undefined]));
}

/** Init containers run one after the other: there another order is another program. */
function merged(name: string, keys: KeyFields): ListRule & { keyed: true } {
  return { keyed: true, whole: false, ordered: name === 'initContainers', labelOf: labelBy(keys) };
}

function unordered(labelOf: (item: unknown) => string | undefined): ListRule & { keyed: true } {
  return { keyed: true, whole: true, ordered: false, labelOf };
}

function isKeyed(items: readonly unknown[], labelOf: (item: unknown) => string | undefined): boolean {
  const labels = items.map(labelOf);
  return !labels.includes(undefined) && new Set(labels).size === labels.length;
}

/** `name=web`, or undefined for an item without its key. */
function labelBy(keys: KeyFields): (item: unknown) => string | undefined {
  return (item) => {
    if (!isFields(item)) return undefined;
    const values = Object.entries(keys).map(([field, filledIn]) => [field, item[field] ?? filledIn] as const);
    if (values.some(([, value]) => value === undefined)) return undefined;
    return values
      .filter(([, value]) => value !== '')
      .map(([field, value]) => `${field}=${String(value)}`)
      .join(',');
  };
}

function textLabel(item: unknown): string | undefined {
  return typeof item === 'string' ? item : undefined;
}

/** What tells the metrics of an autoscaler apart: their type and what is measured of what. */
function metricLabel(item: unknown): string | undefined {
  const type = memberOf(item, 'type');
  if (typeof type !== 'string') return undefined;
  const source = memberOf(item, `${type.charAt(0).toLowerCase()}${type.slice(1)}`);
  const metric = memberOf(source, 'metric');
  const parts: [string, unknown][] = [
    ['type', type],
    ['name', memberOf(metric, 'name') ?? memberOf(source, 'name')],
    ['container', memberOf(source, 'container')],
    ['object', memberOf(memberOf(source, 'describedObject'), 'name')],
    ['selector', memberOf(metric, 'selector')],
  ];
  return parts
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `${field}=${typeof value === 'string' ? value : canonicalJson(value)}`)
    .join(',');
}
