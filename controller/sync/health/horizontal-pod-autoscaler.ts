import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { behindSpec, conditionOf, explain, numberAt } from './read.ts';

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
export function horizontalPodAutoscalerHealth(object: KubeObject): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  const able = conditionOf(object, 'AbleToScale');
  const active = conditionOf(object, 'ScalingActive');
  for (const condition of [able, active]) {
    if (condition?.status === 'False' && BROKEN.has(condition.reason)) return degraded(explain(condition), 'broken');
  }
  if (able?.status !== 'True' && conditionOf(object, 'ScalingLimited')?.status !== 'True')
    return progressing('no metrics were read yet', 'metrics');
  const [current, wanted] = [
    numberAt(object, ['status', 'currentReplicas'], 0),
    numberAt(object, ['status', 'desiredReplicas'], 0),
  ];
  return healthy(`${current} pods, ${wanted} wanted`);
}
