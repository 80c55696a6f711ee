import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing } from './health.ts';
import { behindSpec, conditionsOf, explain, numberAt, staleCondition } from './read.ts';

/**
 * PodDisruptionBudget: its controller can work with it. Too few pods to allow a disruption is its job and the health of
 * those pods, not its own.
 */
export function podDisruptionBudgetHealth(object: KubeObject): Finding {
  const conditions = conditionsOf(object);
  const behind =
    behindSpec(object) ?? conditions.map((c) => staleCondition(object, c)).find((stale) => stale !== undefined);
  if (behind !== undefined) return progressing(behind, 'generation');
  const broken = conditions.find(({ status, reason }) => status === 'False' && reason !== 'InsufficientPods');
  if (broken !== undefined) return degraded(explain(broken), 'broken');
  if (conditions.length === 0) return progressing('its controller has not looked at it yet', 'no-status');
  const allowed = numberAt(object, ['status', 'disruptionsAllowed'], 0);
  const [current, needed] = [
    numberAt(object, ['status', 'currentHealthy'], 0),
    numberAt(object, ['status', 'desiredHealthy'], 0),
  ];
  return healthy(`${allowed} disruptions allowed: ${current} pods are healthy, ${needed} needed`);
}
