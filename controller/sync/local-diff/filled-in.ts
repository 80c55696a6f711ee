import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { canonicalJson } from '../../manifest/canonical.ts';
import { type Fields, isFields, memberOf } from './difference.ts';
import { holdsTexts } from './values.ts';

/**
 * An object with what the API server derives from its other fields, for the kinds in which that can be told from a value of
 * the user only by knowing how it is derived. Source: SetDefaults_* of k8s.io/kubernetes/pkg/apis.
 */
export function filledIn(desired: KubeObject, live: KubeObject): KubeObject {
  if (desired.apiVersion === 'networking.k8s.io/v1' && desired.kind === 'NetworkPolicy') return policy(desired, live);
  if (desired.apiVersion === 'v1' && desired.kind === 'LimitRange') return limitRange(desired);
  const path = POD_SPECS.get(`${gvkOf(desired).group}/${desired.kind}`);
  return path === undefined ? desired : (withServiceAccount(desired, live, path) as KubeObject);
}

const IN_TEMPLATE = ['spec', 'template', 'spec'];
/** Where the built-in kinds have the specs of their pods. */
const POD_SPECS: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', ['spec']],
  ['/PodTemplate', ['template', 'spec']],
  ['/ReplicationController', IN_TEMPLATE],
  ['apps/DaemonSet', IN_TEMPLATE],
  ['apps/Deployment', IN_TEMPLATE],
  ['apps/ReplicaSet', IN_TEMPLATE],
  ['apps/StatefulSet', IN_TEMPLATE],
  ['batch/CronJob', ['spec', 'jobTemplate', ...IN_TEMPLATE]],
  ['batch/Job', IN_TEMPLATE],
]);

/** The API server keeps the name under an old name, too, and fills it in again from there when Git says it no more. */
function withServiceAccount(desired: unknown, live: unknown, [step, ...rest]: readonly string[]): unknown {
  if (!isFields(desired) || !isFields(live)) return desired;
  if (step !== undefined) {
    const below = withServiceAccount(memberOf(desired, step), memberOf(live, step), rest);
    return below === memberOf(desired, step) ? desired : { ...desired, [step]: below };
  }
  const { serviceAccount, serviceAccountName } = live;
  const isSaid = [desired['serviceAccount'], desired['serviceAccountName']].some((name) => (name ?? '') !== '');
  return isSaid || serviceAccount === undefined || serviceAccount !== serviceAccountName
    ? desired
    : { ...desired, serviceAccountName };
}

/** Texts of the user where Git has null: there, the API server takes that for an empty one. */
export function withTexts<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withTexts) as T;
  if (!isFields(value)) return value;
  const fields = Object.entries(value).map(([name, member]) => [
    name,
    isFields(member) && holdsTexts(name)
      ? Object.fromEntries(Object.entries(member).map(([key, text]) => [key, text ?? '']))
      : withTexts(member),
  ]);
  return Object.fromEntries(fields) as T;
}

/** A policy is for what comes in, and, if it has rules for that, for what goes out. */
function policy(desired: KubeObject, live: KubeObject): KubeObject {
  const { spec } = desired;
  if (!isFields(spec) || (Array.isArray(spec['policyTypes']) && spec['policyTypes'].length > 0)) return desired;
  const { egress } = spec;
  const policyTypes = Array.isArray(egress) && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  // A field that Git does not have may have been somebody else's choice.
  const isSaid = Object.hasOwn(spec, 'policyTypes');
  if (!isSaid && canonicalJson(memberOf(live['spec'], 'policyTypes') ?? null) !== canonicalJson(policyTypes)) {
    return desired;
  }
  return { ...desired, spec: { ...spec, policyTypes } };
}

/** Of a container, the highest limit is the limit, that is the request, and so is the lowest request. */
function limitRange(desired: KubeObject): KubeObject {
  const { spec } = desired;
  const limits = memberOf(spec, 'limits');
  if (!isFields(spec) || !Array.isArray(limits)) return desired;
  return { ...desired, spec: { ...spec, limits: limits.map(limit) } };
}

function limit(item: unknown): unknown {
  if (!isFields(item) || item['type'] !== 'Container') return item;
  const all = { ...fieldsAt(item, 'max'), ...fieldsAt(item, 'default') };
  const defaultRequest = { ...fieldsAt(item, 'min'), ...all, ...fieldsAt(item, 'defaultRequest') };
  return { ...item, default: all, defaultRequest };
}

function fieldsAt(item: Fields, name: string): Fields {
  const found = memberOf(item, name);
  return isFields(found) ? found : {};
}
