import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended, unknown } from './health.ts';
import { behindSpec, conditionOf, explain, explainTyped, numberAt, textAt } from './read.ts';

/** RayCluster: the head and all workers were ready once, and the head still is. */
export function rayClusterHealth(object: KubeObject): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const state = textAt(object, 'status', 'state');
  const ready = numberAt(object, ['status', 'readyWorkerReplicas'], 0);
  const wanted = numberAt(object, ['status', 'desiredWorkerReplicas'], 0);
  const count = `${ready} of ${wanted} workers are ready`;
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(`${explain(failure)} (${count})`, 'failed');
  if (state === 'failed')
    return degraded(`${textAt(object, 'status', 'reason') || 'the state is failed'} (${count})`, 'failed');
  const held = conditionOf(object, 'RayClusterSuspended');
  if (held?.status === 'True' || state === 'suspended') return suspended('all its pods were removed', 'suspended');
  if (conditionOf(object, 'RayClusterSuspending')?.status === 'True')
    return progressing('its pods are being removed', 'suspending');
  for (const condition of [conditionOf(object, 'RayClusterProvisioned'), conditionOf(object, 'HeadPodReady')]) {
    if (condition !== undefined && condition.status !== 'True')
      return progressing(`${explainTyped(condition)} (${count})`, 'pods');
  }
  // An autoscaler changes the number of workers; fewer than wanted are no reason to call a provisioned cluster not ready.
  if (state === 'ready' || conditionOf(object, 'RayClusterProvisioned') !== undefined) return healthy(count);
  return state === '' ? progressing(count, 'pods') : unknown(`the state is ${state}`, 'state');
}

/** RayJob: succeeded. */
export function rayJobHealth(object: KubeObject): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const job = textAt(object, 'status', 'jobStatus');
  const deployment = textAt(object, 'status', 'jobDeploymentStatus');
  const tries = numberAt(object, ['status', 'failed'], 0);
  const message = [
    `job ${job || 'not started'}, deployment ${deployment || 'not started'}`,
    textAt(object, 'status', 'reason'),
    textAt(object, 'status', 'message'),
    tries > 0 ? `${tries} failed tries` : '',
  ]
    .filter((text) => text !== '')
    .join(': ');
  if (deployment === 'Retrying') return progressing(message, 'running');
  if (job === 'FAILED' || job === 'STOPPED' || deployment === 'Failed' || deployment === 'ValidationFailed')
    return degraded(message, 'failed');
  if (job === 'SUCCEEDED') return healthy(message);
  if (deployment === 'Suspended') return suspended(message, 'suspended');
  return progressing(message, 'running');
}
