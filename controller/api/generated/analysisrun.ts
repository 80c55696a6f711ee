// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves AnalysisRun. */
export const ANALYSIS_RUN_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'AnalysisRun',
  plural: 'analysisruns',
  namespaced: true,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** One run of an analysis. The Rollout creates it; its verdict decides whether the release goes on. */
export interface AnalysisRun extends KubeObject {
  spec: AnalysisRunSpec;
  status?: AnalysisRunStatus;
}

export interface AnalysisRunSpecArg {
  name: string;
  value: string;
}

export interface AnalysisRunSpecMetricProviderPrometheus {
  /** Base URL of Prometheus, for example http://prometheus.monitoring:9090. */
  address: string;
  /** PromQL of an instant query. A scalar gives a number, a vector a list of numbers. */
  query: string;
  /** Seconds to wait for the answer. Default 30. */
  timeout?: number;
}

export interface AnalysisRunSpecMetricProvider {
  prometheus: AnalysisRunSpecMetricProviderPrometheus;
}

export interface AnalysisRunSpecMetric {
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
  provider: AnalysisRunSpecMetricProvider;
}

export interface AnalysisRunSpecDryRun {
  /** Regular expression (RE2) for a part of the names, for example .* for all. */
  metricName: string;
}

export interface AnalysisRunSpecMeasurementRetention {
  /** Regular expression (RE2) for a part of the names. */
  metricName: string;
  /** Default 10. */
  limit: number;
}

export interface AnalysisRunSpec {
  /** The resolved arguments. */
  args?: AnalysisRunSpecArg[];
  /** What is measured; every metric must hold. */
  metrics: AnalysisRunSpecMetric[];
  /** Stop measuring. What was measured so far decides. */
  terminate?: boolean;
  /** Metrics that are measured but never decide. */
  dryRun?: AnalysisRunSpecDryRun[];
  /** How many measurements the status keeps; of several rules that match a metric the last one counts. */
  measurementRetention?: AnalysisRunSpecMeasurementRetention[];
}

/** Metrics that decide, by phase. */
export interface AnalysisRunStatusRunSummary {
  count?: number;
  successful?: number;
  failed?: number;
  inconclusive?: number;
  error?: number;
}

/** Metrics that do not decide, by phase. */
export interface AnalysisRunStatusDryRunSummary {
  count?: number;
  successful?: number;
  failed?: number;
  inconclusive?: number;
  error?: number;
}

export interface AnalysisRunStatusMetricResultMeasurement {
  phase: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  /** What the provider answered, for example [0.02]. */
  value?: string;
  message?: string;
  startedAt?: string;
  finishedAt?: string;
}

export interface AnalysisRunStatusMetricResult {
  name: string;
  phase: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  message?: string;
  /** Measurements that count, that is without errors. */
  count?: number;
  successful?: number;
  failed?: number;
  inconclusive?: number;
  error?: number;
  consecutiveError?: number;
  /** It does not decide. */
  dryRun?: boolean;
  /** The last 10 measurements, or as many as measurementRetention says, oldest first. */
  measurements?: AnalysisRunStatusMetricResultMeasurement[];
}

export interface AnalysisRunStatusCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export interface AnalysisRunStatus {
  observedGeneration?: number;
  phase?: 'Pending' | 'Running' | 'Successful' | 'Failed' | 'Error' | 'Inconclusive';
  /** Why the run ended as it did, with the numbers. */
  message?: string;
  startedAt?: string;
  completedAt?: string;
  /** Metrics that decide, by phase. */
  runSummary?: AnalysisRunStatusRunSummary;
  /** Metrics that do not decide, by phase. */
  dryRunSummary?: AnalysisRunStatusDryRunSummary;
  metricResults?: AnalysisRunStatusMetricResult[];
  /** Types: Complete (the run has a verdict). */
  conditions?: AnalysisRunStatusCondition[];
}
