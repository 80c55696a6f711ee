import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { at, behindSpec, conditionOf, explain, listAt, staleCondition, textAt } from './read.ts';

/** KEDA ScaledObject and ScaledJob: its triggers can be read. KEDA writes no observedGeneration; where there is one it counts. */
export function kedaHealth(object: KubeObject): Finding {
  const ready = conditionOf(object, 'Ready');
  const behind = behindSpec(object) ?? (ready && staleCondition(object, ready));
  if (behind !== undefined) return progressing(behind, 'generation');
  const failing = failingTriggers(object);
  if (ready?.status === 'False') {
    // The autoscaler that KEDA made has no metrics in its first moments.
    return ready.reason === 'HPAMetricsUnavailable'
      ? progressing(explain(ready) + failing, 'metrics')
      : degraded(explain(ready) + failing, 'not-ready');
  }
  const fallback = conditionOf(object, 'Fallback');
  if (fallback?.status === 'True') return degraded(explain(fallback) + failing, 'fallback');
  const paused = conditionOf(object, 'Paused');
  if (paused?.status === 'True') return suspended(explain(paused), 'paused');
  if (ready?.status !== 'True')
    return progressing(ready === undefined ? 'condition Ready is not reported yet' : explain(ready), 'no-status');
  const active = conditionOf(object, 'Active')?.status === 'True' ? 'active' : 'not active';
  return healthy(`${listAt(object, 'spec', 'triggers').length} triggers, ${active}${failing}`);
}

function failingTriggers(object: KubeObject): string {
  const health = at(object, 'status', 'health');
  const triggers = typeof health === 'object' && health !== null ? Object.values(health) : [];
  const failing = triggers.filter((trigger) => textAt(trigger, 'status') === 'Failing').length;
  return failing === 0 ? '' : ` (${failing} of ${triggers.length} external triggers fail)`;
}
