import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { at, conditionOf, explain, notObserved, numberAt } from './read.ts';

/** Deployment: every wanted pod is of the new template and available, and no old pod is left. */
export function deploymentHealth(object: KubeObject): Finding {
  if (at(object, 'spec', 'paused') === true) return suspended('spec.paused is true', 'paused');
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const progress = conditionOf(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return degraded(explain(progress), 'deadline');

  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  const updated = numberAt(object, ['status', 'updatedReplicas'], 0);
  const total = numberAt(object, ['status', 'replicas'], 0);
  const available = numberAt(object, ['status', 'availableReplicas'], 0);
  const failure = conditionOf(object, 'ReplicaFailure');
  const because = failure?.status === 'True' ? ` (${explain(failure)})` : '';
  if (updated < wanted) return progressing(`${updated} of ${wanted} pods are of the new template${because}`, 'updated');
  if (total > updated) return progressing(`${total - updated} old pods are still there`, 'old-pods');
  if (available < updated) return progressing(`${available} of ${updated} pods are available${because}`, 'available');
  return healthy(`${available} of ${wanted} pods are available`);
}
