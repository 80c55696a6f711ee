import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { at, explain, explainTyped, listAt, readConditions, staleCondition, textAt } from './read.ts';

/**
 * HTTPRoute and the other routes of the Gateway API: every parent that it names has accepted this generation and found its
 * backends. A route that one of two gateways refuses is degraded: half of its requests go nowhere.
 */
export function gatewayRouteHealth(object: KubeObject): Finding {
  const parents = listAt(object, 'status', 'parents');
  const findings = parents.map((parent) => parentHealth(object, parent));
  const refused = findings.find((finding) => finding?.status === 'Degraded');
  if (refused !== undefined) return refused;
  const waiting = findings.find((finding) => finding !== undefined);
  if (waiting !== undefined) return waiting;

  const wanted = listAt(object, 'spec', 'parentRefs');
  const silent = wanted.filter((ref) => !parents.some((parent) => isSame(object, ref, at(parent, 'parentRef'))));
  if (silent.length > 0 || parents.length === 0) {
    const names = silent.length > 0 ? `: ${silent.map((ref) => textAt(ref, 'name')).join(', ')}` : '';
    const count = `${wanted.length - silent.length} of ${wanted.length} have`;
    return progressing(`no gateway has looked at the route yet${names} (${count})`, 'parents');
  }
  return healthy(`accepted by ${parents.length} of ${Math.max(wanted.length, parents.length)} gateways`);
}

function parentHealth(object: KubeObject, parent: unknown): Finding | undefined {
  const where = `gateway ${textAt(parent, 'parentRef', 'name')}: `;
  const conditions = readConditions(listAt(parent, 'conditions'));
  for (const condition of conditions) {
    const stale = staleCondition(object, condition);
    if (stale !== undefined) return progressing(where + stale, 'generation');
  }
  for (const type of ['Accepted', 'ResolvedRefs']) {
    const condition = conditions.find((c) => c.type === type);
    if (condition?.status === 'False') {
      return degraded(where + explain(condition), type === 'Accepted' ? 'refused' : 'backends');
    }
  }
  const partial = conditions.find(({ type, status }) => type === 'PartiallyInvalid' && status === 'True');
  if (partial !== undefined) return degraded(where + explainTyped(partial), 'partly-invalid');
  for (const type of ['Accepted', 'ResolvedRefs', 'Programmed']) {
    const condition = conditions.find((c) => c.type === type);
    // Programmed is an extension that few implementations report of routes.
    if (condition === undefined) {
      if (type !== 'Programmed') return progressing(`${where}condition ${type} is not reported yet`, 'pending');
    } else if (condition.status !== 'True') return progressing(where + explainTyped(condition), 'pending');
  }
  return undefined;
}

/**
 * Whether a status speaks of a reference of the spec. The API server fills in the defaults of a reference, implementations do
 * not always; some name the listener that they chose where the spec names none.
 */
function isSame(object: KubeObject, wanted: unknown, reported: unknown): boolean {
  const parent = (ref: unknown): string =>
    [
      textAt(ref, 'group') || 'gateway.networking.k8s.io',
      textAt(ref, 'kind') || 'Gateway',
      textAt(ref, 'namespace') || object.metadata.namespace || '',
      textAt(ref, 'name'),
    ].join('/');
  const listener = ['sectionName', 'port'].every((field) => {
    const chosen = at(wanted, field);
    return chosen === undefined || chosen === at(reported, field);
  });
  return listener && parent(wanted) === parent(reported);
}
