// Generated from crds/ by `npm run generate`. Do not edit.

import type { MergedField } from './built-in-types.ts';

/** The type of each kind, by group/version/kind. */
export const OWN_KINDS: Readonly<Record<string, string>> = {
  "slipway.dev/v1alpha1/AnalysisRun": "AnalysisRun",
  "slipway.dev/v1alpha1/AnalysisTemplate": "AnalysisTemplate",
  "slipway.dev/v1alpha1/Application": "Application",
  "slipway.dev/v1alpha1/ClusterAnalysisTemplate": "ClusterAnalysisTemplate",
  "slipway.dev/v1alpha1/ClusterModelRegistry": "ClusterModelRegistry",
  "slipway.dev/v1alpha1/Experiment": "Experiment",
  "slipway.dev/v1alpha1/ModelRegistry": "ModelRegistry",
  "slipway.dev/v1alpha1/Rollout": "Rollout",
};

/** Of each type, the fields that are merged in another way than usual, that hold such fields, or that have a default. */
export const OWN_TYPES: Readonly<Record<string, Readonly<Record<string, MergedField>>>> = {
  "AnalysisRun": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"AnalysisRun.spec"}},
  "AnalysisRun.spec": {"args":{"keys":{"name":null}},"metrics":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "AnalysisTemplate": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"AnalysisTemplate.spec"}},
  "AnalysisTemplate.spec": {"args":{"keys":{"name":null}},"metrics":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Application": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"Application.spec"}},
  "Application.spec": {"source":{"type":"Application.spec.source"},"suspend":{"default":false},"revisionHistoryLimit":{"default":10},"syncPolicy":{"type":"Application.spec.syncPolicy"}},
  "Application.spec.source": {"path":{"default":"."},"targetRevision":{"default":"HEAD"},"directory":{"type":"Application.spec.source.directory"}},
  "Application.spec.source.directory": {"recurse":{"default":false}},
  "Application.spec.syncPolicy": {"syncWindows":{"type":"Application.spec.syncPolicy.syncWindows"},"retry":{"type":"Application.spec.syncPolicy.retry"},"automated":{"type":"Application.spec.syncPolicy.automated"}},
  "Application.spec.syncPolicy.automated": {"enabled":{"default":true},"selfHeal":{"default":false},"prune":{"default":false},"allowEmpty":{"default":false}},
  "Application.spec.syncPolicy.retry": {"limit":{"default":-1},"backoff":{"type":"Application.spec.syncPolicy.retry.backoff","default":{}}},
  "Application.spec.syncPolicy.retry.backoff": {"duration":{"default":"5s"},"factor":{"default":2},"maxDuration":{"default":"3m"}},
  "Application.spec.syncPolicy.syncWindows": {"timeZone":{"default":"UTC"},"manualSync":{"default":false},"syncOverrun":{"default":false}},
  "ClusterAnalysisTemplate": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"ClusterAnalysisTemplate.spec"}},
  "ClusterAnalysisTemplate.spec": {"args":{"keys":{"name":null}},"metrics":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "ClusterModelRegistry": {"metadata":{"type":"meta.v1.ObjectMeta"}},
  "Experiment": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"Experiment.spec"}},
  "Experiment.spec": {"templates":{"type":"Experiment.spec.templates","keys":{"name":null}},"analyses":{"type":"Experiment.spec.analyses","keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Experiment.spec.analyses": {"args":{"keys":{"name":null}}},
  "Experiment.spec.templates": {"selector":{"atomic":true}},
  "ModelRegistry": {"metadata":{"type":"meta.v1.ObjectMeta"}},
  "Rollout": {"metadata":{"type":"meta.v1.ObjectMeta"},"spec":{"type":"Rollout.spec"}},
  "Rollout.spec": {"replicas":{"default":1},"selector":{"atomic":true},"revisionTriggers":{"set":true},"model":{"type":"Rollout.spec.model"},"strategy":{"type":"Rollout.spec.strategy"}},
  "Rollout.spec.model": {"registry":{"type":"Rollout.spec.model.registry"}},
  "Rollout.spec.model.registry": {"kind":{"default":"ModelRegistry"}},
  "Rollout.spec.strategy": {"blueGreen":{"type":"Rollout.spec.strategy.blueGreen"},"canary":{"type":"Rollout.spec.strategy.canary"}},
  "Rollout.spec.strategy.blueGreen": {"prePromotionAnalysis":{"type":"Rollout.spec.strategy.blueGreen.prePromotionAnalysis"},"postPromotionAnalysis":{"type":"Rollout.spec.strategy.blueGreen.postPromotionAnalysis"}},
  "Rollout.spec.strategy.blueGreen.postPromotionAnalysis": {"args":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Rollout.spec.strategy.blueGreen.prePromotionAnalysis": {"args":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Rollout.spec.strategy.canary": {"trafficRouting":{"type":"Rollout.spec.strategy.canary.trafficRouting"},"analysis":{"type":"Rollout.spec.strategy.canary.analysis"},"steps":{"type":"Rollout.spec.strategy.canary.steps"}},
  "Rollout.spec.strategy.canary.analysis": {"args":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Rollout.spec.strategy.canary.steps": {"analysis":{"type":"Rollout.spec.strategy.canary.steps.analysis"},"experiment":{"type":"Rollout.spec.strategy.canary.steps.experiment"}},
  "Rollout.spec.strategy.canary.steps.analysis": {"args":{"keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Rollout.spec.strategy.canary.steps.experiment": {"templates":{"type":"Rollout.spec.strategy.canary.steps.experiment.templates","keys":{"name":null}},"analyses":{"type":"Rollout.spec.strategy.canary.steps.experiment.analyses","keys":{"name":null}},"dryRun":{"keys":{"metricName":null}},"measurementRetention":{"keys":{"metricName":null}}},
  "Rollout.spec.strategy.canary.steps.experiment.analyses": {"args":{"keys":{"name":null}}},
  "Rollout.spec.strategy.canary.steps.experiment.templates": {"selector":{"atomic":true}},
  "Rollout.spec.strategy.canary.trafficRouting": {"gatewayAPI":{"type":"Rollout.spec.strategy.canary.trafficRouting.gatewayAPI"},"managedRoutes":{"keys":{"name":null}}},
  "Rollout.spec.strategy.canary.trafficRouting.gatewayAPI": {"httpRoutes":{"keys":{"name":null}}},
};
