import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended } from './health.ts';
import { conditionOf, explain, numberAt } from './read.ts';

/** Job: complete. Its pod template cannot change, so there is no older generation to fear. */
export function jobHealth(object: KubeObject): Finding {
  const done = numberAt(object, ['status', 'succeeded'], 0);
  const wanted = numberAt(object, ['spec', 'completions'], 1);
  const broken = numberAt(object, ['status', 'failed'], 0);
  const count = `${done} of ${wanted} completions${broken > 0 ? `, ${broken} failed pods` : ''}`;
  const failed = conditionOf(object, 'Failed');
  if (failed?.status === 'True') return degraded(`${explain(failed)} (${count})`, 'failed');
  if (conditionOf(object, 'Complete')?.status === 'True') return healthy(count);
  const held = conditionOf(object, 'Suspended');
  if (held?.status === 'True') return suspended(explain(held), 'suspended');
  return progressing(count, 'completions');
}
