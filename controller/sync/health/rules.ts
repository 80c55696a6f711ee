import { GROUP } from '../../api/names.ts';
import { analysisRunHealth, experimentHealth } from './analysis-run.ts';
import { apiServiceHealth } from './api-service.ts';
import { applicationHealth } from './application.ts';
import { argoRolloutHealth } from './argo-rollout.ts';
import { argoWorkflowHealth } from './argo-workflow.ts';
import { certificateHealth, certificateRequestHealth, issuerHealth } from './cert-manager.ts';
import { cronJobHealth } from './cron-job.ts';
import { customResourceDefinitionHealth } from './custom-resource-definition.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { fluxHealth } from './flux.ts';
import { gatewayClassHealth, gatewayHealth } from './gateway.ts';
import { gatewayRouteHealth } from './gateway-route.ts';
import type { HealthRule } from './health.ts';
import { horizontalPodAutoscalerHealth } from './horizontal-pod-autoscaler.ts';
import { inferenceServiceHealth } from './inference-service.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { kedaHealth } from './keda.ts';
import { knativeHealth } from './knative.ts';
import { llmInferenceServiceHealth } from './llm-inference-service.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podHealth } from './pod.ts';
import { podDisruptionBudgetHealth } from './pod-disruption-budget.ts';
import { rayClusterHealth, rayJobHealth } from './ray-cluster.ts';
import { rayServiceHealth } from './ray-service.ts';
import { replicaSetHealth } from './replica-set.ts';
import { rolloutHealth } from './rollout.ts';
import { seldonHealth } from './seldon.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';

/** A rule and its name, which docs/reference/health.md and `kubectl slipway health` call it by. */
export interface NamedRule {
  name: string;
  judge: HealthRule;
}

const named = (name: string, judge: HealthRule, ...kinds: readonly string[]): [string, NamedRule][] =>
  kinds.map((kind) => [kind, { name, judge }]);

const of = (group: string, ...kinds: readonly string[]): string[] => kinds.map((kind) => `${group}/${kind}`);

/** By `group/kind`, whatever the version: status fields that the rules read are the same in all of them. */
export const RULES: ReadonlyMap<string, NamedRule> = new Map([
  ...named('analysis-run', analysisRunHealth, `${GROUP}/AnalysisRun`, 'argoproj.io/AnalysisRun'),
  ...named('api-service', apiServiceHealth, 'apiregistration.k8s.io/APIService'),
  ...named('application', applicationHealth, `${GROUP}/Application`),
  ...named('argo-rollout', argoRolloutHealth, 'argoproj.io/Rollout'),
  ...named('argo-workflow', argoWorkflowHealth, 'argoproj.io/Workflow'),
  ...named('certificate', certificateHealth, 'cert-manager.io/Certificate'),
  ...named('certificate-request', certificateRequestHealth, 'cert-manager.io/CertificateRequest'),
  ...named('cron-job', cronJobHealth, 'batch/CronJob'),
  ...named(
    'custom-resource-definition',
    customResourceDefinitionHealth,
    'apiextensions.k8s.io/CustomResourceDefinition',
  ),
  ...named('daemon-set', daemonSetHealth, 'apps/DaemonSet'),
  ...named('deployment', deploymentHealth, 'apps/Deployment'),
  ...named('experiment', experimentHealth, `${GROUP}/Experiment`, 'argoproj.io/Experiment'),
  ...named(
    'flux',
    fluxHealth,
    ...of('helm.toolkit.fluxcd.io', 'HelmRelease'),
    ...of('image.toolkit.fluxcd.io', 'ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation'),
    ...of('kustomize.toolkit.fluxcd.io', 'Kustomization'),
    ...of('notification.toolkit.fluxcd.io', 'Alert', 'Provider', 'Receiver'),
    ...of('source.toolkit.fluxcd.io', 'Bucket', 'ExternalArtifact', 'GitRepository', 'HelmChart', 'HelmRepository'),
    ...of('source.toolkit.fluxcd.io', 'OCIRepository'),
  ),
  ...named('gateway', gatewayHealth, 'gateway.networking.k8s.io/Gateway'),
  ...named('gateway-class', gatewayClassHealth, 'gateway.networking.k8s.io/GatewayClass'),
  ...named(
    'gateway-route',
    gatewayRouteHealth,
    ...of('gateway.networking.k8s.io', 'GRPCRoute', 'HTTPRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'),
  ),
  ...named('horizontal-pod-autoscaler', horizontalPodAutoscalerHealth, 'autoscaling/HorizontalPodAutoscaler'),
  ...named('inference-service', inferenceServiceHealth, 'serving.kserve.io/InferenceService'),
  ...named('ingress', ingressHealth, 'networking.k8s.io/Ingress'),
  ...named('issuer', issuerHealth, 'cert-manager.io/ClusterIssuer', 'cert-manager.io/Issuer'),
  ...named('job', jobHealth, 'batch/Job'),
  ...named('keda', kedaHealth, 'keda.sh/ScaledJob', 'keda.sh/ScaledObject'),
  ...named(
    'knative',
    knativeHealth,
    ...of('serving.knative.dev', 'Configuration', 'DomainMapping', 'Revision', 'Route', 'Service'),
  ),
  ...named('llm-inference-service', llmInferenceServiceHealth, 'serving.kserve.io/LLMInferenceService'),
  ...named('persistent-volume-claim', persistentVolumeClaimHealth, '/PersistentVolumeClaim'),
  ...named('pod', podHealth, '/Pod'),
  ...named('pod-disruption-budget', podDisruptionBudgetHealth, 'policy/PodDisruptionBudget'),
  ...named('ray-cluster', rayClusterHealth, 'ray.io/RayCluster'),
  ...named('ray-job', rayJobHealth, 'ray.io/RayJob'),
  ...named('ray-service', rayServiceHealth, 'ray.io/RayService'),
  ...named('replica-set', replicaSetHealth, '/ReplicationController', 'apps/ReplicaSet'),
  ...named('rollout', rolloutHealth, `${GROUP}/Rollout`),
  ...named(
    'seldon',
    seldonHealth,
    ...of('mlops.seldon.io', 'Experiment', 'Model', 'Pipeline', 'SeldonRuntime', 'Server'),
  ),
  ...named('service', serviceHealth, '/Service'),
  ...named('stateful-set', statefulSetHealth, 'apps/StatefulSet'),
]);
