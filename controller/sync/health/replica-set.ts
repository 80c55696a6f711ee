import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { conditionOf, explain, notObserved, numberAt } from './read.ts';

/** ReplicaSet and ReplicationController: as many available pods as wanted. */
export function replicaSetHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(explain(failure), 'failure');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  const count = `${available} of ${wanted} pods are available`;
  return available < wanted ? progressing(count, 'available') : healthy(count);
}
