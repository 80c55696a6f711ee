import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing } from './health.ts';
import { conditionOf, explain } from './read.ts';

/** Reasons for which the autoscaler does not work until somebody acts. */
const BROKEN: ReadonlySet<string> = new Set([
  'FailedGetScale',
  'FailedUpdateScale',
  'FailedGetResourceMetric',
  'FailedGetContainerResourceMetric',
  'FailedGetPodsMetric',
  'FailedGetObjectMetric',
  'FailedGetExternalMetric',
  'FailedComputeMetricsReplicas',
  'InvalidSelector',
]);

/** HorizontalPodAutoscaler: it can read its metrics and write its target. */
export function horizontalPodAutoscalerHealth(object: KubeObject): Health {
  const able = conditionOf(object, 'AbleToScale');
  const active = conditionOf(object, 'ScalingActive');
  for (const condition of [able, active]) {
    if (condition?.status === 'False' && BROKEN.has(condition.reason)) return degraded(explain(condition));
  }
  if (able?.status === 'True' || conditionOf(object, 'ScalingLimited')?.status === 'True') return healthy;
  return progressing('no metrics were read yet');
}
