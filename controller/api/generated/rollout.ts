// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves Rollout. */
export const ROLLOUT_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'Rollout',
  plural: 'rollouts',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** A Rollout replaces a Deployment and moves each new version into traffic step by step. */
export interface Rollout extends KubeObject {
  spec: RolloutSpec;
  status?: RolloutStatus;
}

export interface RolloutSpecSelectorMatchExpression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** Which pods belong to the Rollout; must match the labels of the template. Cannot be changed. */
export interface RolloutSpecSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: RolloutSpecSelectorMatchExpression[];
}

/** Take the template, and without a selector the selector, from a workload in the same namespace. */
export interface RolloutSpecWorkloadRef {
  apiVersion: 'apps/v1' | 'v1';
  kind: 'Deployment' | 'ReplicaSet' | 'PodTemplate';
  name: string;
  /** What becomes of the pods of the Deployment. They stay, go when the Rollout is healthy (onsuccess), or one by one as those of the Rollout serve (progressively). Default never. */
  scaleDown?: 'never' | 'onsuccess' | 'progressively';
}

/** Going back to one of the last revisions skips steps and analysis. */
export interface RolloutSpecRollbackWindow {
  /** How many revisions back. */
  revisions: number;
}

/** How many finished AnalysisRuns to keep. */
export interface RolloutSpecAnalysis {
  /** Default 5. */
  successfulRunHistoryLimit?: number;
  /** Default 5. */
  unsuccessfulRunHistoryLimit?: number;
}

export interface RolloutSpecModelRegistry {
  kind: 'ModelRegistry' | 'ClusterModelRegistry';
  name: string;
}

/** What to tell the registry after a verdict. */
export interface RolloutSpecModelWriteBack {
  /** Alias on the version under test. */
  canaryAlias?: string;
  /** Alias on the version that serves; moves only after the verdict. */
  stableAlias?: string;
  /** Write tags slipway.dev/... with phase and reason on each version. Default false. */
  tags?: boolean;
}

/** The model version that this Rollout serves, pinned by Git. */
export interface RolloutSpecModel {
  registry: RolloutSpecModelRegistry;
  /** Name of the model in the registry. */
  name: string;
  /** Version in the registry, as text, for example "8". */
  version: string;
  /** Container whose environment gets MODEL_NAME, MODEL_VERSION and MODEL_URI. Default the first. */
  container?: string;
  /** What to tell the registry after a verdict. */
  writeBack?: RolloutSpecModelWriteBack;
}

/** Labels and annotations that pods have as long as their version serves. Set on pods that are there, without a restart. */
export interface RolloutSpecStrategyBlueGreenActiveMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Labels and annotations that pods have as long as their version is under test. */
export interface RolloutSpecStrategyBlueGreenPreviewMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** On another node where there is one. */
export interface RolloutSpecStrategyBlueGreenAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution {
  weight: number;
}

/** Keeps the pods of the version under test away from the nodes of those that serve. The hash of the version stays the same. */
export interface RolloutSpecStrategyBlueGreenAntiAffinity {
  /** Never on the same node. */
  requiredDuringSchedulingIgnoredDuringExecution?: Record<string, unknown>;
  /** On another node where there is one. */
  preferredDuringSchedulingIgnoredDuringExecution?: RolloutSpecStrategyBlueGreenAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisTemplate {
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisArgValueFromFieldRef {
  /** Path of a value of the Rollout, for example metadata.labels['team'] or status.model.current.version. */
  fieldPath: string;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisArgValueFrom {
  /** The hash label of the pods under test (Latest) or that serve (Stable). */
  podTemplateHashValue?: 'Stable' | 'Latest';
  fieldRef?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisArgValueFromFieldRef;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisArg {
  name: string;
  value?: string;
  valueFrom?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisArgValueFrom;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRun. */
export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysisAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Measure the new version before the requests move, and go on only if the verdict is good. */
export interface RolloutSpecStrategyBlueGreenPrePromotionAnalysis {
  templates: RolloutSpecStrategyBlueGreenPrePromotionAnalysisTemplate[];
  args?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisArg[];
  /** Metrics that are measured but never decide. */
  dryRun?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisMeasurementRetention[];
  /** Labels and annotations for the AnalysisRun. */
  analysisRunMetadata?: RolloutSpecStrategyBlueGreenPrePromotionAnalysisAnalysisRunMetadata;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisTemplate {
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisArgValueFromFieldRef {
  /** Path of a value of the Rollout, for example metadata.labels['team'] or status.model.current.version. */
  fieldPath: string;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisArgValueFrom {
  /** The hash label of the pods under test (Latest) or that serve (Stable). */
  podTemplateHashValue?: 'Stable' | 'Latest';
  fieldRef?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisArgValueFromFieldRef;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisArg {
  name: string;
  value?: string;
  valueFrom?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisArgValueFrom;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRun. */
export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysisAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Measure the new version after the requests moved, and take them back if the verdict is bad. */
export interface RolloutSpecStrategyBlueGreenPostPromotionAnalysis {
  templates: RolloutSpecStrategyBlueGreenPostPromotionAnalysisTemplate[];
  args?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisArg[];
  /** Metrics that are measured but never decide. */
  dryRun?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisMeasurementRetention[];
  /** Labels and annotations for the AnalysisRun. */
  analysisRunMetadata?: RolloutSpecStrategyBlueGreenPostPromotionAnalysisAnalysisRunMetadata;
}

/** The new version comes up beside the one that serves, and then gets all requests at once. */
export interface RolloutSpecStrategyBlueGreen {
  /** Service that gets the pods that serve. */
  activeService: string;
  /** Service that gets the pods of the new version as soon as they are available. */
  previewService?: string;
  /** Pods of the new version until it is promoted; then it gets all. Default all. */
  previewReplicaCount?: number;
  /** False waits for somebody to promote before the requests move. Default true. */
  autoPromotionEnabled?: boolean;
  /** Wait this long before the requests move, whatever autoPromotionEnabled says; 0 counts as absent. */
  autoPromotionSeconds?: number;
  /** Pods that may be missing of the version that serves while it counts as available, and when an abort goes back to it; number or percentage. Default 25%. */
  maxUnavailable?: number | string;
  /** Seconds that the old pods stay after the promotion, for a rollback at once. Default 30. */
  scaleDownDelaySeconds?: number;
  /** How many old revisions may keep their pods for the delay; older ones lose them at once. Default all. */
  scaleDownDelayRevisionLimit?: number;
  /** Seconds that the pods of the new version stay after an abort. Default 30; 0 keeps them. */
  abortScaleDownDelaySeconds?: number;
  /** Labels and annotations that pods have as long as their version serves. Set on pods that are there, without a restart. */
  activeMetadata?: RolloutSpecStrategyBlueGreenActiveMetadata;
  /** Labels and annotations that pods have as long as their version is under test. */
  previewMetadata?: RolloutSpecStrategyBlueGreenPreviewMetadata;
  /** Keeps the pods of the version under test away from the nodes of those that serve. The hash of the version stays the same. */
  antiAffinity?: RolloutSpecStrategyBlueGreenAntiAffinity;
  /** Measure the new version before the requests move, and go on only if the verdict is good. */
  prePromotionAnalysis?: RolloutSpecStrategyBlueGreenPrePromotionAnalysis;
  /** Measure the new version after the requests moved, and take them back if the verdict is bad. */
  postPromotionAnalysis?: RolloutSpecStrategyBlueGreenPostPromotionAnalysis;
}

/** Labels and annotations that pods have as long as their version serves. Set on pods that are there, without a restart. */
export interface RolloutSpecStrategyCanaryStableMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Labels and annotations that pods have as long as their version is under test. */
export interface RolloutSpecStrategyCanaryCanaryMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** On another node where there is one. */
export interface RolloutSpecStrategyCanaryAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution {
  weight: number;
}

/** Keeps the pods of the version under test away from the nodes of those that serve. The hash of the version stays the same. */
export interface RolloutSpecStrategyCanaryAntiAffinity {
  /** Never on the same node. */
  requiredDuringSchedulingIgnoredDuringExecution?: Record<string, unknown>;
  /** On another node where there is one. */
  preferredDuringSchedulingIgnoredDuringExecution?: RolloutSpecStrategyCanaryAntiAffinityPreferredDuringSchedulingIgnoredDuringExecution;
}

/** How many pods of a step must be available for it to go on. Default all. */
export interface RolloutSpecStrategyCanaryReplicaProgressThreshold {
  type: 'Percent' | 'Pods';
  value: number;
}

export interface RolloutSpecStrategyCanaryTrafficRoutingGatewayAPIHttpRoute {
  name: string;
}

export interface RolloutSpecStrategyCanaryTrafficRoutingGatewayAPI {
  /** HTTPRoutes in the same namespace. Each rule that has both Services as backends gets the weights. */
  httpRoutes: RolloutSpecStrategyCanaryTrafficRoutingGatewayAPIHttpRoute[];
}

export interface RolloutSpecStrategyCanaryTrafficRoutingManagedRoute {
  name: string;
}

/** What splits the requests. Without it, the number of pods does. */
export interface RolloutSpecStrategyCanaryTrafficRouting {
  gatewayAPI: RolloutSpecStrategyCanaryTrafficRoutingGatewayAPI;
  /** Names for the routes that setHeaderRoute and setMirrorRoute set. Of two that match a request equally well, the first gets it. */
  managedRoutes?: RolloutSpecStrategyCanaryTrafficRoutingManagedRoute[];
}

export interface RolloutSpecStrategyCanaryAnalysisTemplate {
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
}

export interface RolloutSpecStrategyCanaryAnalysisArgValueFromFieldRef {
  /** Path of a value of the Rollout, for example metadata.labels['team'] or status.model.current.version. */
  fieldPath: string;
}

export interface RolloutSpecStrategyCanaryAnalysisArgValueFrom {
  /** The hash label of the pods under test (Latest) or that serve (Stable). */
  podTemplateHashValue?: 'Stable' | 'Latest';
  fieldRef?: RolloutSpecStrategyCanaryAnalysisArgValueFromFieldRef;
}

export interface RolloutSpecStrategyCanaryAnalysisArg {
  name: string;
  value?: string;
  valueFrom?: RolloutSpecStrategyCanaryAnalysisArgValueFrom;
}

export interface RolloutSpecStrategyCanaryAnalysisDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface RolloutSpecStrategyCanaryAnalysisMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRun. */
export interface RolloutSpecStrategyCanaryAnalysisAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Measure beside the steps until the promotion, and abort as soon as the verdict is bad. */
export interface RolloutSpecStrategyCanaryAnalysis {
  /** Index of the step with which it begins; 0 is the first. Default 0. */
  startingStep?: number;
  templates: RolloutSpecStrategyCanaryAnalysisTemplate[];
  args?: RolloutSpecStrategyCanaryAnalysisArg[];
  /** Metrics that are measured but never decide. */
  dryRun?: RolloutSpecStrategyCanaryAnalysisDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: RolloutSpecStrategyCanaryAnalysisMeasurementRetention[];
  /** Labels and annotations for the AnalysisRun. */
  analysisRunMetadata?: RolloutSpecStrategyCanaryAnalysisAnalysisRunMetadata;
}

/** Give the pods under test another number than their weight needs, but never fewer; only with trafficRouting, and until another setCanaryScale or the end of the steps. */
export interface RolloutSpecStrategyCanaryStepSetCanaryScale {
  /** Percent of replicas. */
  weight?: number;
  /** Number of pods. */
  replicas?: number;
  /** As many as the weight needs, again. */
  matchTrafficWeight?: boolean;
}

/** Exactly one of exact, prefix, regex. */
export interface RolloutSpecStrategyCanaryStepSetHeaderRouteMatchHeaderValue {
  exact?: string;
  prefix?: string;
  regex?: string;
}

export interface RolloutSpecStrategyCanaryStepSetHeaderRouteMatch {
  headerName: string;
  /** Exactly one of exact, prefix, regex. */
  headerValue: RolloutSpecStrategyCanaryStepSetHeaderRouteMatchHeaderValue;
}

/** Send requests with these headers to the new version; without match, no longer. Needs trafficRouting. */
export interface RolloutSpecStrategyCanaryStepSetHeaderRoute {
  /** One of trafficRouting.managedRoutes. */
  name: string;
  /** All of them have to match. */
  match?: RolloutSpecStrategyCanaryStepSetHeaderRouteMatch[];
}

/** Only exact, for example POST. */
export interface RolloutSpecStrategyCanaryStepSetMirrorRouteMatchMethod {
  exact?: string;
  prefix?: string;
  regex?: string;
}

/** Exactly one of exact, prefix, regex. A prefix matches whole elements of a path. */
export interface RolloutSpecStrategyCanaryStepSetMirrorRouteMatchPath {
  exact?: string;
  prefix?: string;
  regex?: string;
}

/** Exactly one of exact, prefix, regex. */
export interface RolloutSpecStrategyCanaryStepSetMirrorRouteMatchHeadersValue {
  exact?: string;
  prefix?: string;
  regex?: string;
}

export interface RolloutSpecStrategyCanaryStepSetMirrorRouteMatch {
  /** Only exact, for example POST. */
  method?: RolloutSpecStrategyCanaryStepSetMirrorRouteMatchMethod;
  /** Exactly one of exact, prefix, regex. A prefix matches whole elements of a path. */
  path?: RolloutSpecStrategyCanaryStepSetMirrorRouteMatchPath;
  /** By name. */
  headers?: Record<string, RolloutSpecStrategyCanaryStepSetMirrorRouteMatchHeadersValue>;
}

/** Send a copy of requests to the new version, whose answer nobody gets; without match, no longer. Needs trafficRouting. */
export interface RolloutSpecStrategyCanaryStepSetMirrorRoute {
  /** One of trafficRouting.managedRoutes. */
  name: string;
  /** Percent of the requests that match. Default 100. */
  percentage?: number;
  /** One of them has to match, with everything that it has. */
  match?: RolloutSpecStrategyCanaryStepSetMirrorRouteMatch[];
}

/** Wait. Without duration, until somebody promotes. */
export interface RolloutSpecStrategyCanaryStepPause {
  /** Seconds, or a duration such as 1h30m. */
  duration?: number | string;
}

export interface RolloutSpecStrategyCanaryStepAnalysisTemplate {
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
}

export interface RolloutSpecStrategyCanaryStepAnalysisArgValueFromFieldRef {
  /** Path of a value of the Rollout, for example metadata.labels['team'] or status.model.current.version. */
  fieldPath: string;
}

export interface RolloutSpecStrategyCanaryStepAnalysisArgValueFrom {
  /** The hash label of the pods under test (Latest) or that serve (Stable). */
  podTemplateHashValue?: 'Stable' | 'Latest';
  fieldRef?: RolloutSpecStrategyCanaryStepAnalysisArgValueFromFieldRef;
}

export interface RolloutSpecStrategyCanaryStepAnalysisArg {
  name: string;
  value?: string;
  valueFrom?: RolloutSpecStrategyCanaryStepAnalysisArgValueFrom;
}

export interface RolloutSpecStrategyCanaryStepAnalysisDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface RolloutSpecStrategyCanaryStepAnalysisMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRun. */
export interface RolloutSpecStrategyCanaryStepAnalysisAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Measure, and go on only if the verdict is good. */
export interface RolloutSpecStrategyCanaryStepAnalysis {
  templates: RolloutSpecStrategyCanaryStepAnalysisTemplate[];
  args?: RolloutSpecStrategyCanaryStepAnalysisArg[];
  /** Metrics that are measured but never decide. */
  dryRun?: RolloutSpecStrategyCanaryStepAnalysisDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: RolloutSpecStrategyCanaryStepAnalysisMeasurementRetention[];
  /** Labels and annotations for the AnalysisRun. */
  analysisRunMetadata?: RolloutSpecStrategyCanaryStepAnalysisAnalysisRunMetadata;
}

/** Labels and annotations for the pods beside those of the version; the labels are in the selector too. */
export interface RolloutSpecStrategyCanaryStepExperimentTemplateMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface RolloutSpecStrategyCanaryStepExperimentTemplateSelectorMatchExpression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** Which pods belong to the template; must match the labels of the version. Default that of the Rollout. */
export interface RolloutSpecStrategyCanaryStepExperimentTemplateSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: RolloutSpecStrategyCanaryStepExperimentTemplateSelectorMatchExpression[];
}

/** Make a Service for these pods, with the ports of their containers. */
export interface RolloutSpecStrategyCanaryStepExperimentTemplateService {
  /** Default the name of the ReplicaSet. */
  name?: string;
}

export interface RolloutSpecStrategyCanaryStepExperimentTemplate {
  /** Part of the name of the ReplicaSet. */
  name: string;
  /** The version whose pod template it takes. */
  specRef: 'canary' | 'stable';
  /** Number of pods. Default 1. */
  replicas?: number;
  /** Labels and annotations for the pods beside those of the version; the labels are in the selector too. */
  metadata?: RolloutSpecStrategyCanaryStepExperimentTemplateMetadata;
  /** Which pods belong to the template; must match the labels of the version. Default that of the Rollout. */
  selector?: RolloutSpecStrategyCanaryStepExperimentTemplateSelector;
  /** Percent of the requests for these pods, taken from the stable version; only with trafficRouting. Makes a Service. */
  weight?: number;
  /** Make a Service for these pods, with the ports of their containers. */
  service?: RolloutSpecStrategyCanaryStepExperimentTemplateService;
}

export interface RolloutSpecStrategyCanaryStepExperimentAnalysisArgValueFromFieldRef {
  /** Path of a value of the Rollout, for example metadata.labels['team'] or status.model.current.version. */
  fieldPath: string;
}

export interface RolloutSpecStrategyCanaryStepExperimentAnalysisArgValueFrom {
  /** The hash label of the pods under test (Latest) or that serve (Stable). */
  podTemplateHashValue?: 'Stable' | 'Latest';
  fieldRef?: RolloutSpecStrategyCanaryStepExperimentAnalysisArgValueFromFieldRef;
}

export interface RolloutSpecStrategyCanaryStepExperimentAnalysisArg {
  name: string;
  value?: string;
  valueFrom?: RolloutSpecStrategyCanaryStepExperimentAnalysisArgValueFrom;
}

export interface RolloutSpecStrategyCanaryStepExperimentAnalysis {
  /** Part of the name of the AnalysisRun. */
  name: string;
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
  /** The experiment does not succeed before this analysis has, and succeeds as soon as all such have. */
  requiredForCompletion?: boolean;
  args?: RolloutSpecStrategyCanaryStepExperimentAnalysisArg[];
}

export interface RolloutSpecStrategyCanaryStepExperimentDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface RolloutSpecStrategyCanaryStepExperimentMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRuns. */
export interface RolloutSpecStrategyCanaryStepExperimentAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Run pods of one or both versions beside those that serve, measure them, and go on only if the verdict is good. */
export interface RolloutSpecStrategyCanaryStepExperiment {
  /** What runs; each template gets a ReplicaSet of its own. */
  templates: RolloutSpecStrategyCanaryStepExperimentTemplate[];
  /** How long it runs from the time that all its pods are available, for example 30m. Without it, until the required analyses have succeeded, one has no good verdict, or somebody terminates it. */
  duration?: string;
  /** Seconds that the pods stay after the end. Default 30. */
  scaleDownDelaySeconds?: number;
  /** What is measured once all pods are available. A bad verdict ends the experiment. */
  analyses?: RolloutSpecStrategyCanaryStepExperimentAnalysis[];
  /** Metrics that are measured but never decide. */
  dryRun?: RolloutSpecStrategyCanaryStepExperimentDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: RolloutSpecStrategyCanaryStepExperimentMeasurementRetention[];
  /** Labels and annotations for the AnalysisRuns. */
  analysisRunMetadata?: RolloutSpecStrategyCanaryStepExperimentAnalysisRunMetadata;
}

export interface RolloutSpecStrategyCanaryStep {
  /** Percent of the requests for the new version. */
  setWeight?: number;
  /** Give the pods under test another number than their weight needs, but never fewer; only with trafficRouting, and until another setCanaryScale or the end of the steps. */
  setCanaryScale?: RolloutSpecStrategyCanaryStepSetCanaryScale;
  /** Send requests with these headers to the new version; without match, no longer. Needs trafficRouting. */
  setHeaderRoute?: RolloutSpecStrategyCanaryStepSetHeaderRoute;
  /** Send a copy of requests to the new version, whose answer nobody gets; without match, no longer. Needs trafficRouting. */
  setMirrorRoute?: RolloutSpecStrategyCanaryStepSetMirrorRoute;
  /** Wait. Without duration, until somebody promotes. */
  pause?: RolloutSpecStrategyCanaryStepPause;
  /** Measure, and go on only if the verdict is good. */
  analysis?: RolloutSpecStrategyCanaryStepAnalysis;
  /** Run pods of one or both versions beside those that serve, measure them, and go on only if the verdict is good. */
  experiment?: RolloutSpecStrategyCanaryStepExperiment;
}

export interface RolloutSpecStrategyCanary {
  /** Service that gets the pods under test. */
  canaryService?: string;
  /** Service that gets the pods that serve. */
  stableService?: string;
  /** Pods above replicas during an update without trafficRouting, or with dynamicStableScale where it is given; number or percentage. Default 25%. */
  maxSurge?: number | string;
  /** Pods that may be missing during an update without trafficRouting, or with it when requests go back to the stable version; number or percentage. Default 25%. */
  maxUnavailable?: number | string;
  /** Seconds that the old pods stay after promotion with trafficRouting. Default 30. */
  scaleDownDelaySeconds?: number;
  /** Seconds that the pods under test stay after an abort with trafficRouting. Default 30; 0 keeps them. */
  abortScaleDownDelaySeconds?: number;
  /** Labels and annotations that pods have as long as their version serves. Set on pods that are there, without a restart. */
  stableMetadata?: RolloutSpecStrategyCanaryStableMetadata;
  /** Labels and annotations that pods have as long as their version is under test. */
  canaryMetadata?: RolloutSpecStrategyCanaryCanaryMetadata;
  /** Keeps the pods of the version under test away from the nodes of those that serve. The hash of the version stays the same. */
  antiAffinity?: RolloutSpecStrategyCanaryAntiAffinity;
  /** The version that serves has only the pods that its share of the requests needs; maxSurge, where it is given, limits all pods together. Needs trafficRouting. Default false. */
  dynamicStableScale?: boolean;
  /** Least pods of a version that gets requests, with trafficRouting, as far as replicas allows. */
  minPodsPerReplicaSet?: number;
  /** How many pods of a step must be available for it to go on. Default all. */
  replicaProgressThreshold?: RolloutSpecStrategyCanaryReplicaProgressThreshold;
  /** What splits the requests. Without it, the number of pods does. */
  trafficRouting?: RolloutSpecStrategyCanaryTrafficRouting;
  /** Measure beside the steps until the promotion, and abort as soon as the verdict is bad. */
  analysis?: RolloutSpecStrategyCanaryAnalysis;
  /** What happens between 0 and 100 %. Without steps the new version is promoted when it is available. */
  steps?: RolloutSpecStrategyCanaryStep[];
}

/** How a new version replaces the one that serves. */
export interface RolloutSpecStrategy {
  /** The new version comes up beside the one that serves, and then gets all requests at once. */
  blueGreen?: RolloutSpecStrategyBlueGreen;
  canary?: RolloutSpecStrategyCanary;
}

export interface RolloutSpec {
  /** Number of pods. */
  replicas: number;
  /** Which pods belong to the Rollout; must match the labels of the template. Cannot be changed. */
  selector?: RolloutSpecSelector;
  /** The pod template, as in a Deployment. The API server checks it when the ReplicaSet is made. */
  template?: Record<string, unknown>;
  /** Take the template, and without a selector the selector, from a workload in the same namespace. */
  workloadRef?: RolloutSpecWorkloadRef;
  /** Seconds that a pod must be ready before it counts as available. Default 0. */
  minReadySeconds?: number;
  /** Number of old ReplicaSets to keep. Default 10. */
  revisionHistoryLimit?: number;
  /** Seconds without progress after which the Rollout counts as stuck. Default 600. */
  progressDeadlineSeconds?: number;
  /** Abort the update when it is stuck. */
  progressDeadlineAbort?: boolean;
  /** Take no step. Scaling goes on. */
  paused?: boolean;
  /** Replace every pod that was made before this time, a few at a time. */
  restartAt?: string;
  /** Kinds whose content starts a new revision when it changes, of the objects that the template reads by env, envFrom and volumes. Default none. */
  revisionTriggers?: ('ConfigMap' | 'Secret')[];
  /** Going back to one of the last revisions skips steps and analysis. */
  rollbackWindow?: RolloutSpecRollbackWindow;
  /** How many finished AnalysisRuns to keep. */
  analysis?: RolloutSpecAnalysis;
  /** The model version that this Rollout serves, pinned by Git. */
  model?: RolloutSpecModel;
  /** How a new version replaces the one that serves. */
  strategy: RolloutSpecStrategy;
}

export interface RolloutStatusPauseCondition {
  reason: 'CanaryPauseStep' | 'BlueGreenPause' | 'InconclusiveAnalysisRun' | 'InconclusiveExperiment';
  startTime: string;
}

export interface RolloutStatusCanaryWeightsCanary {
  weight: number;
  serviceName?: string;
  podTemplateHash?: string;
}

export interface RolloutStatusCanaryWeightsStable {
  weight: number;
  serviceName?: string;
  podTemplateHash?: string;
}

export interface RolloutStatusCanaryWeightsAdditional {
  weight: number;
  serviceName: string;
  podTemplateHash?: string;
}

/** The split of requests that was last written to the router. */
export interface RolloutStatusCanaryWeights {
  canary: RolloutStatusCanaryWeightsCanary;
  stable: RolloutStatusCanaryWeightsStable;
  /** Services of the Experiment of the step, and their percent of the requests. */
  additional?: RolloutStatusCanaryWeightsAdditional[];
  /** The router reported that it accepted this split. */
  verified?: boolean;
}

export interface RolloutStatusCanaryCurrentStepAnalysisRunStatus {
  name: string;
  status: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
}

export interface RolloutStatusCanaryCurrentBackgroundAnalysisRunStatus {
  name: string;
  status: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
}

export interface RolloutStatusCanary {
  /** The split of requests that was last written to the router. */
  weights?: RolloutStatusCanaryWeights;
  /** Name of the Experiment of the step that runs. */
  currentExperiment?: string;
  currentStepAnalysisRunStatus?: RolloutStatusCanaryCurrentStepAnalysisRunStatus;
  currentBackgroundAnalysisRunStatus?: RolloutStatusCanaryCurrentBackgroundAnalysisRunStatus;
}

export interface RolloutStatusBlueGreenPrePromotionAnalysisRunStatus {
  name: string;
  status: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
}

export interface RolloutStatusBlueGreenPostPromotionAnalysisRunStatus {
  name: string;
  status: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
}

export interface RolloutStatusBlueGreen {
  /** Hash of the version that activeService points at. */
  activeSelector?: string;
  /** Hash of the version that previewService points at. */
  previewSelector?: string;
  /** The new version passed everything before the promotion; it gets all its pods and then the requests. */
  scaleUpPreviewCheckPoint?: boolean;
  /** The update takes no pause and no analysis, because it goes back to a version that served or was promoted in full. */
  fastTracked?: boolean;
  /** Hashes of the versions that were stable and still have a ReplicaSet, newest first. */
  served?: string[];
  /** Available pods of the version that the spec asks for. */
  updatedAvailableReplicas?: number;
  prePromotionAnalysisRunStatus?: RolloutStatusBlueGreenPrePromotionAnalysisRunStatus;
  postPromotionAnalysisRunStatus?: RolloutStatusBlueGreenPostPromotionAnalysisRunStatus;
}

/** The version that the spec asks for, as it was when it was first resolved. */
export interface RolloutStatusModelCurrent {
  /** kind/name of the registry object. */
  registry: string;
  name: string;
  version: string;
  /** Where the artifacts are. */
  uri?: string;
  /** The source that the registry recorded. */
  source?: string;
  runId?: string;
  /** When the version was registered. */
  createdAt?: string;
}

/** The version that serves. */
export interface RolloutStatusModelStable {
  /** kind/name of the registry object. */
  registry: string;
  name: string;
  version: string;
  /** Where the artifacts are. */
  uri?: string;
  /** The source that the registry recorded. */
  source?: string;
  runId?: string;
  /** When the version was registered. */
  createdAt?: string;
}

export interface RolloutStatusModelRejected {
  name?: string;
  version: string;
  podTemplateHash: string;
  reason: string;
  rejectedAt: string;
}

/** Where the stable alias was set. */
export interface RolloutStatusModelWrittenBackStableAlias {
  /** kind/name of the registry object. */
  registry: string;
  name: string;
  version: string;
  alias: string;
}

/** Where the canary alias was set; absent when it was removed. */
export interface RolloutStatusModelWrittenBackCanaryAlias {
  /** kind/name of the registry object. */
  registry: string;
  name: string;
  version: string;
  alias: string;
}

/** What the registry was last told, so that nothing is written twice. */
export interface RolloutStatusModelWrittenBack {
  /** Where the stable alias was set. */
  stableAlias?: RolloutStatusModelWrittenBackStableAlias;
  /** Where the canary alias was set; absent when it was removed. */
  canaryAlias?: RolloutStatusModelWrittenBackCanaryAlias;
  /** Phase by registry kind/registry name/model/version, at most 20. */
  tags?: Record<string, string>;
}

/** What is known of the model versions of this Rollout. */
export interface RolloutStatusModel {
  /** Stable version and, during an update, the version under test, for people, for example fraud 7 → 8. */
  summary?: string;
  /** The version that the spec asks for, as it was when it was first resolved. */
  current?: RolloutStatusModelCurrent;
  /** The version that serves. */
  stable?: RolloutStatusModelStable;
  /** Versions that were aborted, newest last, at most 10. A retry, or a later success, removes the entry. */
  rejected?: RolloutStatusModelRejected[];
  /** What the registry was last told, so that nothing is written twice. */
  writtenBack?: RolloutStatusModelWrittenBack;
}

export interface RolloutStatusCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  lastUpdateTime?: string;
  observedGeneration?: number;
}

export interface RolloutStatus {
  observedGeneration?: number;
  /** Generation of the workload that the last decision was made on. */
  workloadObservedGeneration?: number;
  phase?: 'Healthy' | 'Progressing' | 'Paused' | 'Degraded';
  /** Why the Rollout is in this phase. */
  message?: string;
  /** Steps done of all steps, for people, for example 2/6. */
  step?: string;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  /** Pods that an autoscaler should count. */
  HPAReplicas?: number;
  /** The selector as text, for the scale subresource. */
  selector?: string;
  /** Hash of the pod template that the spec asks for. */
  currentPodHash?: string;
  /** Hash of the version that serves. */
  stableRS?: string;
  /** Hash of the steps; a change of steps starts over. */
  currentStepHash?: string;
  /** Index of the step that runs, counted from 0; the number of steps when all are done. */
  currentStepIndex?: number;
  collisionCount?: number;
  /** The update is aborted. Set to true to abort, to false to try again. */
  abort?: boolean;
  abortedAt?: string;
  /** Why the update was aborted. */
  abortMessage?: string;
  /** How often this revision was started over; part of the names of its AnalysisRuns. */
  retries?: number;
  /** The restartAt for which all pods have been replaced. */
  restartedAt?: string;
  /** Set to true to skip all remaining steps. */
  promoteFull?: boolean;
  /** The controller paused the update. Removing pauseConditions while it is true resumes. */
  controllerPause?: boolean;
  pauseConditions?: RolloutStatusPauseCondition[];
  canary?: RolloutStatusCanary;
  blueGreen?: RolloutStatusBlueGreen;
  /** What is known of the model versions of this Rollout. */
  model?: RolloutStatusModel;
  /** Types: InvalidSpec, Available, Progressing, Paused, Completed, Healthy, ReplicaFailure, ModelResolved, ModelWriteBack, TrafficRouted, Stalled. */
  conditions?: RolloutStatusCondition[];
}
