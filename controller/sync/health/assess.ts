import { GROUP } from '../../api/names.ts';
import { gvkOf, type KubeObject } from '../../kube/types.ts';
import { analysisRunHealth } from './analysis-run.ts';
import { applicationHealth } from './application.ts';
import { customResourceDefinitionHealth } from './custom-resource-definition.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { gatewayHealth, httpRouteHealth } from './gateway-api.ts';
import { genericHealth } from './generic.ts';
import { type Health, progressing } from './health.ts';
import { horizontalPodAutoscalerHealth } from './horizontal-pod-autoscaler.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podHealth } from './pod.ts';
import { replicaSetHealth } from './replica-set.ts';
import { rolloutHealth } from './rollout.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';

/** By `group/kind`, whatever the version: status fields that the rules read are the same in all of them. */
const RULES: Readonly<Record<string, (object: KubeObject) => Health>> = {
  '/PersistentVolumeClaim': persistentVolumeClaimHealth,
  '/Pod': podHealth,
  '/Service': serviceHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinitionHealth,
  'apps/DaemonSet': daemonSetHealth,
  'apps/Deployment': deploymentHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'apps/StatefulSet': statefulSetHealth,
  'autoscaling/HorizontalPodAutoscaler': horizontalPodAutoscalerHealth,
  'batch/Job': jobHealth,
  'gateway.networking.k8s.io/Gateway': gatewayHealth,
  'gateway.networking.k8s.io/HTTPRoute': httpRouteHealth,
  'networking.k8s.io/Ingress': ingressHealth,
  [`${GROUP}/AnalysisRun`]: analysisRunHealth,
  [`${GROUP}/Application`]: applicationHealth,
  [`${GROUP}/Rollout`]: rolloutHealth,
};

/** Health of a live object; undefined when its kind has none. Objects from caches are frozen, so results are remembered. */
export function assess(object: KubeObject): Health | undefined {
  if (remembered.has(object)) return remembered.get(object);
  const health = judge(object);
  remembered.set(object, health);
  return health;
}

const remembered = new WeakMap<KubeObject, Health | undefined>();

function judge(object: KubeObject): Health | undefined {
  if (object.metadata.deletionTimestamp !== undefined) {
    const finalizers = object.metadata.finalizers ?? [];
    return progressing(`being deleted${finalizers.length > 0 ? `, waiting for ${finalizers.join(', ')}` : ''}`);
  }
  const { group, kind } = gvkOf(object);
  const rule = RULES[`${group}/${kind}`];
  return rule === undefined ? genericHealth(object) : rule(object);
}
