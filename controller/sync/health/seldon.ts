import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { at, behindSpec, conditionsOf, explainTyped, numberAt, staleCondition } from './read.ts';

/**
 * Seldon Core 2 Model, Pipeline, Experiment, Server and SeldonRuntime: all conditions are True. The scheduler puts its own
 * state into the reason, and the states that do not pass have Fail in their names. The operator writes no
 * observedGeneration; where there is one it counts.
 */
export function seldonHealth(object: KubeObject): Finding {
  const conditions = conditionsOf(object);
  const behind =
    behindSpec(object) ?? conditions.map((c) => staleCondition(object, c)).find((stale) => stale !== undefined);
  if (behind !== undefined) return progressing(behind, 'generation');
  if (conditions.length === 0) return progressing('the scheduler has not reported it yet', 'no-status');
  const byDetail = conditions.toSorted((a, b) => Number(a.type === 'Ready') - Number(b.type === 'Ready'));
  const open = byDetail.filter(({ status }) => status !== 'True');
  const count = `${conditions.length - open.length} of ${conditions.length} conditions are True`;
  const failed = open.find(({ reason }) => /Fail/i.test(reason));
  if (failed !== undefined) return degraded(`${explainTyped(failed)} (${count})`, 'failed');
  const down = open.find(({ reason }) => reason === 'ModelScaledDown');
  if (down !== undefined) return suspended(explainTyped(down), 'scaled-down');
  if (open[0] !== undefined) return progressing(`${explainTyped(open[0])} (${count})`, 'condition');
  const available = at(object, 'status', 'availableReplicas');
  const wanted = numberAt(object, ['spec', 'replicas'], 1);
  if (typeof available !== 'number') return healthy(count);
  const replicas = `${available} of ${wanted} replicas are available`;
  return available < wanted ? progressing(replicas, 'replicas') : healthy(replicas);
}
