import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import {
  conditionOf,
  conditionsOf,
  explain,
  explainTyped,
  listAt,
  readConditions,
  type SeenCondition,
  staleCondition,
  textAt,
} from './read.ts';

/** Gateway: accepted, programmed into its data plane, and so is each listener. */
export function gatewayHealth(object: KubeObject): Finding {
  const own = judge(object, conditionsOf(object), '');
  if (own !== undefined) return own;
  const listeners = listAt(object, 'status', 'listeners');
  for (const listener of listeners) {
    const health = judge(
      object,
      readConditions(listAt(listener, 'conditions')),
      `listener ${textAt(listener, 'name')}: `,
    );
    if (health !== undefined) return health;
  }
  return healthy(`accepted and programmed, ${listeners.length} listeners`);
}

/** GatewayClass: a controller has taken it. */
export function gatewayClassHealth(object: KubeObject): Finding {
  const accepted = conditionOf(object, 'Accepted');
  if (accepted === undefined) return progressing('no controller has taken the class yet', 'accepted');
  const stale = staleCondition(object, accepted);
  if (stale !== undefined) return progressing(stale, 'generation');
  switch (accepted.status) {
    case 'True':
      return healthy(explain(accepted));
    case 'False':
      return degraded(explain(accepted), 'refused');
    default:
      return progressing(explain(accepted), 'accepted');
  }
}

/** What stands in the way, in the conditions of a Gateway or of a listener; those of listeners may be left out. */
function judge(object: KubeObject, conditions: readonly SeenCondition[], where: string): Finding | undefined {
  const of = (type: string): SeenCondition | undefined => conditions.find((c) => c.type === type);
  for (const condition of conditions) {
    const stale = staleCondition(object, condition);
    if (stale !== undefined) return progressing(`${where}${stale}`, 'generation');
  }
  for (const type of ['Accepted', 'ResolvedRefs', 'Programmed']) {
    const condition = of(type);
    // Not programmed yet is how every gateway starts; only an invalid one stays so.
    const fatal = type !== 'Programmed' || condition?.reason === 'Invalid';
    if (condition?.status === 'False' && fatal) return degraded(where + explainTyped(condition), 'refused');
  }
  const conflict = of('Conflicted');
  if (conflict?.status === 'True') return degraded(where + explainTyped(conflict), 'refused');
  for (const type of ['Accepted', 'Programmed']) {
    const condition = of(type);
    if (condition === undefined && where === '') return progressing(`condition ${type} is not reported yet`, 'pending');
    if (condition !== undefined && condition.status !== 'True')
      return progressing(where + explainTyped(condition), 'pending');
  }
  return undefined;
}
