import { comparableQuantity } from '../manifest/quantity.ts';
import { withoutRule } from './anti-affinity.ts';
import { asList, asObject, type Json } from './plain.ts';
import type { PodTemplate } from './snapshot.ts';
import { withoutHash } from './template.ts';

/**
 * The pod template as the API server would return it, as far as Kubernetes fills in fields by itself, in a form that is
 * only good for comparison: two templates that mean the same give the same value. Used to recognise a ReplicaSet that
 * somebody else, or another version, made.
 *
 * Source: SetDefaults_* of k8s.io/kubernetes/pkg/apis/core/v1 for a PodTemplateSpec.
 */
export function comparableTemplate(template: PodTemplate): unknown {
  const bare = withoutHash(template);
  const { creationTimestamp: _, ...metadata } = bare.metadata ?? {};
  return prune({ metadata, spec: podSpec(asObject(bare.spec) ?? {}) });
}

/** Booleans that Go writes only when they are true. */
const FALSE_IS_ABSENT = new Set(['hostNetwork', 'hostPID', 'hostIPC', 'readOnly', 'stdin', 'stdinOnce', 'tty']);
/** Texts that Go writes only when they are not empty. */
const EMPTY_IS_ABSENT = new Set(['value', 'subPath', 'subPathExpr', 'hostIP', 'workingDir', 'nodeName', 'hostname']);

/** Maps that Go writes only when they have entries. Other empty objects mean something, for example a selector of all. */
const EMPTY_MAP_IS_ABSENT = new Set(['labels', 'annotations', 'nodeSelector', 'matchLabels', 'limits', 'requests']);

function podSpec(spec: Json): Json {
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  const { serviceAccount: _, ...rest } = spec;
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    ...present(rest),
    ...(account === undefined || account === '' ? {} : { serviceAccountName: account }),
    affinity: withoutRule(rest['affinity']),
    securityContext: asObject(spec['securityContext']) ?? {},
    containers: each(spec['containers'], (c) => container(c, spec['hostNetwork'] === true)),
    initContainers: each(spec['initContainers'], (c) => container(c, spec['hostNetwork'] === true)),
    volumes: each(spec['volumes'], volume),
  };
}

function container(raw: Json, hostNetwork: boolean): Json {
  return {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(raw['image']),
    ...present(raw),
    resources: resources(asObject(raw['resources']) ?? {}),
    ports: each(raw['ports'], (port) => ({
      protocol: 'TCP',
      ...(hostNetwork ? { hostPort: port['containerPort'] } : {}),
      ...present(port),
    })),
    env: each(raw['env'], variable),
    livenessProbe: probe(raw['livenessProbe']),
    readinessProbe: probe(raw['readinessProbe']),
    startupProbe: probe(raw['startupProbe']),
    lifecycle: lifecycle(asObject(raw['lifecycle'])),
  };
}

function pullPolicy(image: unknown): string {
  if (typeof image !== 'string' || image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

function resources(raw: Json): Json {
  const amounts = (list: unknown): Json =>
    Object.fromEntries(Object.entries(asObject(list) ?? {}).map(([name, value]) => [name, comparableQuantity(value)]));
  return { ...raw, limits: amounts(raw['limits']), requests: amounts(raw['requests']) };
}

function variable(raw: Json): Json {
  const source = asObject(raw['valueFrom']);
  if (source === undefined) return raw;
  return {
    ...raw,
    valueFrom: { ...source, fieldRef: fieldRef(source['fieldRef']), resourceFieldRef: divisor(source) },
  };
}

function divisor(source: Json): unknown {
  const ref = asObject(source['resourceFieldRef']);
  return ref === undefined ? undefined : { ...ref, divisor: comparableQuantity(ref['divisor'] ?? '0') };
}

function fieldRef(raw: unknown): unknown {
  const ref = asObject(raw);
  return ref === undefined ? undefined : { apiVersion: 'v1', ...present(ref) };
}

function probe(raw: unknown): unknown {
  const value = asObject(raw);
  if (value === undefined) return undefined;
  const times = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  const grpc = asObject(value['grpc']);
  return {
    ...times,
    ...present(value),
    httpGet: httpGet(value['httpGet']),
    grpc: grpc === undefined ? undefined : { service: '', ...present(grpc) },
  };
}

function httpGet(raw: unknown): unknown {
  const value = asObject(raw);
  return value === undefined ? undefined : { path: '/', scheme: 'HTTP', ...present(value) };
}

function lifecycle(raw: Json | undefined): unknown {
  if (raw === undefined) return undefined;
  const handler = (value: unknown): unknown => {
    const hook = asObject(value);
    return hook === undefined ? undefined : { ...hook, httpGet: httpGet(hook['httpGet']) };
  };
  return { ...raw, postStart: handler(raw['postStart']), preStop: handler(raw['preStop']) };
}

function volume(raw: Json): Json {
  const mode = (source: unknown): unknown => {
    const value = asObject(source);
    if (value === undefined) return undefined;
    return { defaultMode: 420, ...present(value), items: each(value['items'], projection) };
  };
  const projected = asObject(raw['projected']);
  const hostPath = asObject(raw['hostPath']);
  const emptyDir = asObject(raw['emptyDir']);
  const { name, ...source } = present(raw);
  return {
    ...raw,
    name,
    emptyDir: Object.keys(source).length === 0 ? {} : emptyDir && { ...emptyDir, sizeLimit: sizeLimit(emptyDir) },
    ephemeral: ephemeral(asObject(raw['ephemeral'])),
    configMap: mode(raw['configMap']),
    secret: mode(raw['secret']),
    downwardAPI: mode(raw['downwardAPI']),
    hostPath: hostPath === undefined ? undefined : { type: '', ...present(hostPath) },
    projected:
      projected === undefined
        ? undefined
        : { defaultMode: 420, ...present(projected), sources: each(projected['sources'], projectedSource) },
  };
}

function sizeLimit(source: Json): unknown {
  return source['sizeLimit'] === undefined ? undefined : comparableQuantity(source['sizeLimit']);
}

function ephemeral(raw: Json | undefined): unknown {
  const claim = asObject(raw?.['volumeClaimTemplate']);
  if (raw === undefined || claim === undefined) return raw;
  const spec = asObject(claim['spec']) ?? {};
  const filled = {
    volumeMode: 'Filesystem',
    ...present(spec),
    resources: resources(asObject(spec['resources']) ?? {}),
  };
  return { ...raw, volumeClaimTemplate: { metadata: {}, ...claim, spec: filled } };
}

function projectedSource(raw: Json): Json {
  const token = asObject(raw['serviceAccountToken']);
  const downward = asObject(raw['downwardAPI']);
  return {
    ...raw,
    serviceAccountToken: token === undefined ? undefined : { expirationSeconds: 3600, ...present(token) },
    downwardAPI: downward === undefined ? undefined : { ...downward, items: each(downward['items'], projection) },
  };
}

function projection(raw: Json): Json {
  return { ...raw, fieldRef: fieldRef(raw['fieldRef']), resourceFieldRef: divisor(raw) };
}

function each(raw: unknown, change: (item: Json) => Json): unknown {
  const items = asList(raw);
  return items.length === 0
    ? undefined
    : items.map((item) => (asObject(item) === undefined ? item : change(asObject(item) ?? {})));
}

function present(raw: Json): Json {
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== null && value !== undefined));
}

/** Drops what Go does not write: nulls, empty lists, and false or empty where that is the zero value. */
function prune(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => prune(item) ?? null);
  const object = asObject(value);
  if (object !== undefined) {
    const fields = Object.entries(object).map(([name, field]) => [name, prune(field, name)] as const);
    const kept = Object.fromEntries(fields.filter(([, field]) => field !== undefined && field !== null));
    return EMPTY_MAP_IS_ABSENT.has(key) && Object.keys(kept).length === 0 ? undefined : kept;
  }
  if (value === false && FALSE_IS_ABSENT.has(key)) return undefined;
  if (value === '' && EMPTY_IS_ABSENT.has(key)) return undefined;
  return value;
}
