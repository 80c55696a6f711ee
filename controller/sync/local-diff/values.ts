import { comparableQuantity } from '../../manifest/quantity.ts';
import { isFields, type Place } from './difference.ts';

/** API groups whose objects the API server keeps as Go types, which drop what is empty. All others are custom resources. */
const BUILT_IN: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

export function isBuiltIn(group: string): boolean {
  return BUILT_IN.has(group);
}

/** Booleans that Go writes only when they are true. Others (`immutable`, `runAsNonRoot`, …) keep a false. */
const FALSE_IS_ABSENT: ReadonlySet<string> = new Set([
  'hostIPC',
  'hostNetwork',
  'hostPID',
  'paused',
  'preserveUnknownFields',
  'publishNotReadyAddresses',
  'readOnly',
  'stdin',
  'stdinOnce',
  'tty',
]);
/** Numbers that Go writes only when they are not 0. */
const ZERO_IS_ABSENT: ReadonlySet<string> = new Set([
  'healthCheckNodePort',
  'hostPort',
  'initialDelaySeconds',
  'minReadySeconds',
  'nodePort',
]);
/** Fields that the API server fills in with a value of its own choice when they are empty. */
const ALLOTTED: ReadonlySet<string> = new Set(['clusterIP', 'healthCheckNodePort', 'nodePort']);
/** Texts that mean something when they are empty, and maps whose values are texts of the user. */
const EMPTY_TEXT_MEANS: ReadonlySet<string> = new Set(['storageClassName', 'ingressClassName']);
const TEXT_MAPS: ReadonlySet<string> = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'matchLabels',
  'nodeSelector',
  'parameters',
  'stringData',
]);
/** Empty objects of built-in kinds that choose something: a directory, or everything. */
const EMPTY_OBJECT_MEANS: ReadonlySet<string> = new Set([
  'emptyDir',
  'labelSelector',
  'namespaceSelector',
  'objectSelector',
  'podSelector',
]);
/** Empty objects of custom resources that choose nothing. Others do, as `selfSigned: {}` of an issuer. */
const EMPTY_OBJECT_IS_ABSENT: ReadonlySet<string> = new Set([
  'annotations',
  'labels',
  'limits',
  'matchLabels',
  'metadata',
  'nodeSelector',
  'requests',
  'resources',
  'securityContext',
]);

/** Whether a value says anything beside a field that is not there: null, [], {} and Go's zero values do not. */
export function saysSomething(value: unknown, { fields }: Place, builtIn: boolean): boolean {
  const name = fields.at(-1) ?? '';
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isFields(value)) {
    const inner = Object.entries(value);
    if (inner.length === 0 && name === 'status') return true;
    if (inner.length === 0) return builtIn ? EMPTY_OBJECT_MEANS.has(name) : !EMPTY_OBJECT_IS_ABSENT.has(name);
    return inner.some(([field, member]) => saysSomething(member, { text: '', fields: [...fields, field] }, builtIn));
  }
  if (!builtIn) return true;
  if (value === false) return !FALSE_IS_ABSENT.has(name);
  if (value === 0) return !ZERO_IS_ABSENT.has(name);
  if (value === '') return EMPTY_TEXT_MEANS.has(name) || TEXT_MAPS.has(fields.at(-2) ?? '');
  return true;
}

/** Whether the members of a field of a built-in kind are texts of the user, under names of the user. */
export function holdsTexts(field: string): boolean {
  return TEXT_MAPS.has(field);
}

/** Whether an empty value of a built-in kind leaves the choice to the API server. */
export function isAllotted({ fields }: Place): boolean {
  return ALLOTTED.has(fields.at(-1) ?? '');
}

/** Maps whose values are quantities, wherever they are used. */
const QUANTITY_MAPS: ReadonlySet<string> = new Set(['capacity', 'hard', 'limits', 'overhead', 'podFixed', 'requests']);
const QUANTITIES: ReadonlySet<string> = new Set(['averageValue', 'divisor', 'sizeLimit']);
/** Maps of quantities in an item of a LimitRange. */
const LIMIT_RANGE: ReadonlySet<string> = new Set(['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min']);
/** Fields that take a number or a text. */
const INT_OR_STRING: ReadonlySet<string> = new Set([
  'maxSurge',
  'maxUnavailable',
  'minAvailable',
  'port',
  'targetPort',
]);
/** Fields of custom resources that hold a Go duration, which their controllers write in full: 1h becomes 1h0m0s. */
const DURATIONS: ReadonlySet<string> = new Set(['duration', 'interval', 'renewBefore', 'retryInterval', 'timeout']);

/** Whether two values of a field, neither of them a list or a map, mean the same. */
export function sameScalar(a: unknown, b: unknown, { fields }: Place, kind: string, builtIn: boolean): boolean {
  if (Object.is(a, b)) return true;
  const name = fields.at(-1) ?? '';
  const parent = fields.at(-2) ?? '';
  if (INT_OR_STRING.has(name) && typeof a !== typeof b && isPlain(a) && isPlain(b)) return String(a) === String(b);
  if (isQuantity(name, parent, fields, kind)) return comparableQuantity(a) === comparableQuantity(b);
  if (!builtIn && DURATIONS.has(name)) {
    const [x, y] = [nanoseconds(a), nanoseconds(b)];
    return x !== undefined && x === y;
  }
  return false;
}

function isQuantity(name: string, parent: string, fields: readonly string[], kind: string): boolean {
  if (QUANTITIES.has(name) || QUANTITY_MAPS.has(parent)) return true;
  if (kind === 'LimitRange') return LIMIT_RANGE.has(parent);
  return kind === 'HorizontalPodAutoscaler' && name === 'value' && fields.includes('target');
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Length of a Go duration such as `1h30m`; undefined for what is none. */
function nanoseconds(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(value)) return undefined;
  const parts = value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}
