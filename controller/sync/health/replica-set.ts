import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing } from './health.ts';
import { conditionOf, explain, notObserved, numberAt } from './read.ts';

/** ReplicaSet: as many available pods as wanted. */
export function replicaSetHealth(object: KubeObject): Health {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind);
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(explain(failure));
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  return available < wanted ? progressing(`${available} of ${wanted} pods are available`) : healthy;
}
