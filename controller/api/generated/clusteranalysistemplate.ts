// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves ClusterAnalysisTemplate. */
export const CLUSTER_ANALYSIS_TEMPLATE_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'ClusterAnalysisTemplate',
  plural: 'clusteranalysistemplates',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [],
};

/** Says how a release is judged by its metrics; Rollouts refer to it. */
export interface ClusterAnalysisTemplate extends KubeObject {
  spec: ClusterAnalysisTemplateSpec;
}

export interface ClusterAnalysisTemplateSpecArg {
  name: string;
  value?: string;
}

export interface ClusterAnalysisTemplateSpecMetricProviderPrometheus {
  /** Base URL of Prometheus, for example http://prometheus.monitoring:9090. */
  address: string;
  /** PromQL of an instant query. A scalar gives a number, a vector a list of numbers. */
  query: string;
  /** Seconds to wait for the answer. Default 30. */
  timeout?: number;
}

export interface ClusterAnalysisTemplateSpecMetricProvider {
  prometheus: ClusterAnalysisTemplateSpecMetricProviderPrometheus;
}

export interface ClusterAnalysisTemplateSpecMetric {
  name: string;
  /** Time between two measurements, for example 30s. Without count, the metric is measured until it is stopped. */
  interval?: string;
  /** Time before the first measurement, for example 1m. */
  initialDelay?: string;
  /** Number of measurements. Default 1, or endless when only an interval is given. */
  count?: number | string;
  /** Expression over `result` that is true for a good measurement. */
  successCondition?: string;
  /** Expression over `result` that is true for a bad measurement. Wins over successCondition. */
  failureCondition?: string;
  /** Number of bad measurements that are tolerated. -1 tolerates any number. Default 0. */
  failureLimit?: number | string;
  /** Number of inconclusive measurements that are tolerated. Default 0. */
  inconclusiveLimit?: number | string;
  /** Number of measurements in a row that may fail for technical reasons. Default 4. */
  consecutiveErrorLimit?: number | string;
  provider: ClusterAnalysisTemplateSpecMetricProvider;
}

export interface ClusterAnalysisTemplateSpecDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface ClusterAnalysisTemplateSpecMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

export interface ClusterAnalysisTemplateSpec {
  /** Values for {{args.NAME}} in queries and conditions. One without a value must be given by the Rollout. */
  args?: ClusterAnalysisTemplateSpecArg[];
  /** What is measured; every metric must hold. */
  metrics: ClusterAnalysisTemplateSpecMetric[];
  /** Metrics that are measured but never decide. */
  dryRun?: ClusterAnalysisTemplateSpecDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: ClusterAnalysisTemplateSpecMeasurementRetention[];
}
