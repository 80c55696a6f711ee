import type { Informer, KubeClient, KubeObject, ResourceInfo } from '../../controller/kube/types.ts';
import { keyOf } from '../../controller/kube/types.ts';

export const PODS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** Pods with this annotation in their template never become ready, like a server that crashes at its start. */
export const BROKEN_ANNOTATION = 'test.slipway.dev/broken';

/**
 * Plays the kubelets of a cluster without nodes: pods that the real ReplicaSet controller made become ready, because
 * their status says so, unless they are marked as broken. Returns a function that ends it.
 */
export function fakeNodes(client: KubeClient, pods: Informer): () => void {
  return pods.onEvent(({ type, object }) => {
    if (type === 'deleted' || isReady(object) || object.metadata.deletionTimestamp !== undefined) return;
    if (object.metadata.annotations?.[BROKEN_ANNOTATION] !== undefined) return;
    const now = new Date().toISOString();
    const conditions = ['Initialized', 'ContainersReady', 'Ready', 'PodScheduled'].map((condition) => ({
      type: condition,
      status: 'True',
      lastTransitionTime: now,
    }));
    const body = { status: { phase: 'Running', startTime: now, conditions } };
    // A pod that is gone again by now needs no readiness.
    client
      .patch(PODS, keyOf(object), 'application/merge-patch+json', body, { subresource: 'status' })
      .catch(() => undefined);
  });
}

function isReady(pod: KubeObject): boolean {
  const { conditions = [] } = (pod['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
