import type { GroupVersionKind } from '../kube/types.ts';

/** Kinds with what their controllers make for them, as far as it is worth a line: no copies, no bookkeeping, no Secrets. */
const MAKES: Readonly<Record<string, readonly string[]>> = {
  'apps/DaemonSet': ['v1/Pod'],
  'apps/Deployment': ['apps/v1/ReplicaSet'],
  'apps/ReplicaSet': ['v1/Pod'],
  'apps/StatefulSet': ['v1/Pod', 'v1/PersistentVolumeClaim'],
  'batch/CronJob': ['batch/v1/Job'],
  'batch/Job': ['v1/Pod'],
  '/ReplicationController': ['v1/Pod'],
  '/Service': ['discovery.k8s.io/v1/EndpointSlice'],
  'slipway.dev/AnalysisRun': ['batch/v1/Job'],
  'slipway.dev/Experiment': ['apps/v1/ReplicaSet', 'v1/Service', 'slipway.dev/v1alpha1/AnalysisRun'],
  'slipway.dev/Rollout': ['apps/v1/ReplicaSet', 'slipway.dev/v1alpha1/AnalysisRun'],
  'argoproj.io/AnalysisRun': ['batch/v1/Job'],
  'argoproj.io/CronWorkflow': ['argoproj.io/v1alpha1/Workflow'],
  'argoproj.io/Experiment': ['apps/v1/ReplicaSet', 'v1/Service', 'argoproj.io/v1alpha1/AnalysisRun'],
  'argoproj.io/Rollout': ['apps/v1/ReplicaSet', 'argoproj.io/v1alpha1/AnalysisRun', 'argoproj.io/v1alpha1/Experiment'],
  'argoproj.io/Workflow': ['v1/Pod'],
  'acme.cert-manager.io/Order': ['acme.cert-manager.io/v1/Challenge'],
  'cert-manager.io/Certificate': ['cert-manager.io/v1/CertificateRequest'],
  'cert-manager.io/CertificateRequest': ['acme.cert-manager.io/v1/Order'],
  'keda.sh/ScaledJob': ['batch/v1/Job'],
  'keda.sh/ScaledObject': ['autoscaling/v2/HorizontalPodAutoscaler'],
  'leaderworkerset.x-k8s.io/LeaderWorkerSet': ['apps/v1/StatefulSet', 'v1/Service'],
  'mlops.seldon.io/Server': ['apps/v1/StatefulSet', 'v1/Service'],
  'ray.io/RayCluster': ['v1/Pod', 'v1/Service'],
  'ray.io/RayJob': ['ray.io/v1/RayCluster', 'batch/v1/Job'],
  'ray.io/RayService': ['ray.io/v1/RayCluster', 'v1/Service'],
  'serving.knative.dev/Configuration': ['serving.knative.dev/v1/Revision'],
  'serving.knative.dev/Revision': ['apps/v1/Deployment'],
  'serving.knative.dev/Service': ['serving.knative.dev/v1/Configuration', 'serving.knative.dev/v1/Route'],
  'serving.kserve.io/InferenceService': [
    'apps/v1/Deployment',
    'v1/Service',
    'autoscaling/v2/HorizontalPodAutoscaler',
    'gateway.networking.k8s.io/v1/HTTPRoute',
    'serving.knative.dev/v1/Service',
  ],
  'serving.kserve.io/LLMInferenceService': [
    'apps/v1/Deployment',
    'v1/Service',
    'gateway.networking.k8s.io/v1/HTTPRoute',
    'leaderworkerset.x-k8s.io/v1/LeaderWorkerSet',
  ],
};

/** Every kind of which an object may be owned, at any depth, by an object of these kinds. */
export function ownedKinds(owners: Iterable<{ group: string; kind: string }>): GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind>();
  const todo = [...owners];
  for (let owner = todo.pop(); owner !== undefined; owner = todo.pop()) {
    for (const text of MAKES[`${owner.group}/${owner.kind}`] ?? []) {
      if (found.has(text)) continue;
      const [kind = '', version = '', group = ''] = text.split('/').reverse();
      found.set(text, { group, version, kind });
      todo.push({ group, kind });
    }
  }
  return [...found.values()];
}
