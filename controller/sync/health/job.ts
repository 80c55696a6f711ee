import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing, suspended } from './health.ts';
import { conditionOf, explain, numberAt } from './read.ts';

/** Job: complete. */
export function jobHealth(object: KubeObject): Health {
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(explain(failed));
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy;
  const held = conditionOf(object, 'Suspended');
  if (held?.status === 'True') return suspended(explain(held));
  const done = numberAt(object, ['status', 'succeeded'], 0);
  return progressing(`${done} of ${numberAt(object, ['spec', 'completions'], 1)} completions`);
}
