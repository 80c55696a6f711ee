import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing } from './health.ts';
import { at, explain, listAt, readConditions, type SeenCondition, textAt } from './read.ts';

/** HTTPRoute: every gateway that it names has accepted this generation and found its backends. */
export function httpRouteHealth(object: KubeObject): Health {
  const parents = listAt(object, 'status', 'parents');
  if (parents.length === 0) return progressing('no gateway has looked at the route yet');
  let worst: Health = healthy;
  for (const parent of parents) {
    const gateway = textAt(parent, 'parentRef', 'name');
    const conditions = readConditions(listAt(parent, 'conditions'));
    for (const type of ['Accepted', 'ResolvedRefs']) {
      const health = verdict(
        object,
        conditions.find((c) => c.type === type),
        type,
      );
      if (health.status === 'Degraded') return degraded(`gateway ${gateway}: ${health.message ?? ''}`);
      if (health.status === 'Progressing') worst = progressing(`gateway ${gateway}: ${health.message ?? ''}`);
    }
  }
  return worst;
}

/** Gateway: accepted, and programmed into its data plane. */
export function gatewayHealth(object: KubeObject): Health {
  const conditions = readConditions(listAt(object, 'status', 'conditions'));
  const accepted = verdict(
    object,
    conditions.find((c) => c.type === 'Accepted'),
    'Accepted',
  );
  if (accepted.status !== 'Healthy') return accepted;
  const programmed = conditions.find((c) => c.type === 'Programmed');
  const health = verdict(object, programmed, 'Programmed');
  // Not programmed yet is how every gateway starts; only an invalid one stays so.
  return health.status === 'Degraded' && programmed?.reason !== 'Invalid' ? progressing(health.message ?? '') : health;
}

/** A condition counts only for the generation it speaks of: an older one says nothing of the current spec. */
function verdict(object: KubeObject, condition: SeenCondition | undefined, type: string): Health {
  if (condition === undefined) return progressing(`condition ${type} is not reported yet`);
  const generation = at(object, 'metadata', 'generation');
  if (condition.observedGeneration !== undefined && condition.observedGeneration !== generation) {
    return progressing(`condition ${type} speaks of generation ${condition.observedGeneration}, not ${generation}`);
  }
  if (condition.status === 'True') return healthy;
  return condition.status === 'False' ? degraded(explain(condition)) : progressing(explain(condition));
}
