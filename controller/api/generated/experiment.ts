// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves Experiment. */
export const EXPERIMENT_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'Experiment',
  plural: 'experiments',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** Runs pods of several templates side by side for a while, measures them, and gives a verdict. */
export interface Experiment extends KubeObject {
  spec: ExperimentSpec;
  status?: ExperimentStatus;
}

export interface ExperimentSpecTemplateSelectorMatchExpression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

/** Which pods belong to the template; must match its labels. */
export interface ExperimentSpecTemplateSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: ExperimentSpecTemplateSelectorMatchExpression[];
}

/** Make a Service for these pods, with the ports of their containers. */
export interface ExperimentSpecTemplateService {
  /** Default the name of the ReplicaSet. */
  name?: string;
}

export interface ExperimentSpecTemplate {
  /** Part of the name of the ReplicaSet. */
  name: string;
  /** Number of pods. Default 1. */
  replicas?: number;
  /** Seconds that a pod must be ready before it counts as available. Default 0. */
  minReadySeconds?: number;
  /** Which pods belong to the template; must match its labels. */
  selector: ExperimentSpecTemplateSelector;
  /** The pod template, as in a Deployment. The API server checks it when the ReplicaSet is made. */
  template: Record<string, unknown>;
  /** Make a Service for these pods, with the ports of their containers. */
  service?: ExperimentSpecTemplateService;
}

export interface ExperimentSpecAnalysisArg {
  name: string;
  /** Text; {{templates.NAME.podTemplateHash}}, {{templates.NAME.replicaset.name}}, {{experiment.availableAt}} and {{experiment.finishedAt}} stand for what they say. */
  value: string;
}

export interface ExperimentSpecAnalysis {
  /** Part of the name of the AnalysisRun. */
  name: string;
  templateName: string;
  /** The template is a ClusterAnalysisTemplate. */
  clusterScope?: boolean;
  /** The experiment does not succeed before this analysis has, and succeeds as soon as all such have. */
  requiredForCompletion?: boolean;
  args?: ExperimentSpecAnalysisArg[];
}

export interface ExperimentSpecDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface ExperimentSpecMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

/** Labels and annotations for the AnalysisRuns. */
export interface ExperimentSpecAnalysisRunMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface ExperimentSpec {
  /** What runs; each template gets a ReplicaSet of its own. */
  templates: ExperimentSpecTemplate[];
  /** How long it runs from the time that all pods are available, for example 30m. Without it, until the required analyses have succeeded, one has no good verdict, or somebody terminates it. */
  duration?: string;
  /** Seconds without progress after which a template that lacks pods fails. Default 600. */
  progressDeadlineSeconds?: number;
  /** Seconds that the pods stay after the end. Default 30. */
  scaleDownDelaySeconds?: number;
  /** End it. */
  terminate?: boolean;
  /** What is measured once all pods are available. A bad verdict ends the experiment. */
  analyses?: ExperimentSpecAnalysis[];
  /** Metrics that are measured but never decide. */
  dryRun?: ExperimentSpecDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: ExperimentSpecMeasurementRetention[];
  /** Labels and annotations for the AnalysisRuns. */
  analysisRunMetadata?: ExperimentSpecAnalysisRunMetadata;
}

export interface ExperimentStatusTemplateStatus {
  name: string;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  status?: 'Progressing' | 'Running' | 'Successful' | 'Failed' | 'Error';
  message?: string;
  /** When its pods last changed; the progress deadline counts from here. */
  lastTransitionTime?: string;
  serviceName?: string;
  podTemplateHash?: string;
}

export interface ExperimentStatusAnalysisRun {
  name: string;
  analysisRun?: string;
  phase: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
}

export interface ExperimentStatusCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export interface ExperimentStatus {
  observedGeneration?: number;
  phase?: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  /** Why the experiment is in this phase. */
  message?: string;
  /** When all pods were available; duration counts from here. */
  availableAt?: string;
  templateStatuses?: ExperimentStatusTemplateStatus[];
  analysisRuns?: ExperimentStatusAnalysisRun[];
  /** Types: InvalidSpec, Progressing. */
  conditions?: ExperimentStatusCondition[];
}
