import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { at, behindSpec, conditionOf, explain, staleCondition } from './read.ts';

/**
 * Kinds without a rule of their own, by the conventions that kstatus reads: observedGeneration, and the conditions Stalled,
 * Reconciling and Ready. Undefined for objects that say nothing about themselves, such as a ConfigMap.
 */
export function genericHealth(object: KubeObject): Finding | undefined {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return degraded(explain(stalled), 'stalled');
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(explain(reconciling), 'reconciling');
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) {
    const observed = at(object, 'status', 'observedGeneration');
    return typeof observed === 'number'
      ? healthy(`its controller has seen generation ${observed}`, 'observed')
      : undefined;
  }
  const stale = staleCondition(object, ready);
  if (stale !== undefined) return progressing(stale, 'generation');
  // Not ready is how everything starts, and the conventions have Stalled for what will not pass.
  return ready.status === 'True' ? healthy(explain(ready)) : progressing(explain(ready), 'ready');
}
