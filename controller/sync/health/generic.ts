import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing } from './health.ts';
import { at, conditionOf, explain, notObserved } from './read.ts';

/**
 * Kinds without a rule of their own, by the conventions that kstatus reads: observedGeneration, and the conditions Stalled,
 * Reconciling and Ready. Undefined for objects that say nothing about themselves, such as a ConfigMap.
 */
export function genericHealth(object: KubeObject): Health | undefined {
  const observes = typeof at(object, 'status', 'observedGeneration') === 'number';
  const behind = observes ? notObserved(object) : undefined;
  if (behind !== undefined) return progressing(behind);
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(explain(stalled));
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(explain(reconciling));
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return observes ? healthy : undefined;
  const stale = ready.observedGeneration !== undefined && ready.observedGeneration < (object.metadata.generation ?? 0);
  if (stale) return progressing(`condition Ready speaks of generation ${ready.observedGeneration}`);
  // Not ready is how everything starts, and the conventions have Stalled for what will not pass.
  return ready.status === 'True' ? healthy : progressing(explain(ready));
}
