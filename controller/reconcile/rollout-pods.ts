import type { Rollout } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { hasPodsToUpdate } from '../rollout/dress.ts';
import { asList, asObject } from '../rollout/plain.ts';
import { readStatus } from '../rollout/read-status.ts';
import { hashOf } from '../rollout/replica-sets.ts';
import { POD_RESOURCE } from '../rollout/resources.ts';
import { restartDue } from '../rollout/restart.ts';
import { settingsOf } from '../rollout/settings.ts';
import type { PodState, ReplicaSet } from '../rollout/snapshot.ts';

/**
 * The pods of a Rollout while a restart is due or their labels are to be changed, else undefined. Asked of the API server each time: a cache of all pods of a
 * cluster would cost far more than the few lists that this needs, and a stale one would take one pod too many, or miss one.
 */
export async function readPods(
  client: KubeClient,
  rollout: Rollout,
  replicaSets: readonly ReplicaSet[],
  now: number,
  signal: AbortSignal,
): Promise<readonly PodState[] | undefined> {
  const settings = settingsOf(rollout.spec);
  // Most Rollouts never ask for a restart, and this is on the way of every decision.
  const restarts =
    rollout.spec.restartAt !== undefined && restartDue(settings, readStatus(rollout.status), now).due === 'now';
  if (!restarts && !replicaSets.some(hasPodsToUpdate)) return undefined;
  const hashes = replicaSets.flatMap((rs) => hashOf(rs) ?? []);
  if (hashes.length === 0) return [];
  const pods = await client.list(POD_RESOURCE, {
    namespace: rollout.metadata.namespace ?? '',
    labelSelector: `${POD_TEMPLATE_HASH_LABEL} in (${hashes.join(',')})`,
    signal,
  });
  const owners = new Set(replicaSets.map((rs) => rs.metadata.uid));
  return pods.flatMap((pod) => {
    const state = podState(pod, settings.minReadySeconds, now);
    return state !== undefined && owners.has(state.replicaSet) ? [state] : [];
  });
}

function podState(pod: KubeObject, minReadySeconds: number, now: number): PodState | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const status = asObject(pod['status']);
  const ready = asList(status?.['conditions'])
    .map(asObject)
    .find((condition) => condition?.['type'] === 'Ready' && condition['status'] === 'True');
  const since = Date.parse(String(ready?.['lastTransitionTime']));
  return {
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    labels: pod.metadata.labels ?? {},
    annotations: pod.metadata.annotations ?? {},
    replicaSet: owner.uid,
    createdAt: Date.parse(pod.metadata.creationTimestamp ?? ''),
    available: ready !== undefined && (minReadySeconds === 0 || since + minReadySeconds * 1000 <= now),
    leaving:
      pod.metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed'].includes(String(status?.['phase'])),
  };
}
