import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing, suspended, unknown } from './health.ts';
import { notObserved, textAt } from './read.ts';

/** Rollout: its own phase, once it speaks of the current spec. Its message says why. */
export function rolloutHealth(object: KubeObject): Health {
  const behind = notObserved(object);
  if (behind !== undefined) return progressing(behind);
  const phase = textAt(object, 'status', 'phase');
  const message = textAt(object, 'status', 'message') || `the rollout is ${phase.toLowerCase()}`;
  switch (phase) {
    case 'Healthy':
      return healthy;
    case 'Paused':
      return suspended(message);
    case 'Degraded':
      return degraded(message);
    case 'Progressing':
      return progressing(message);
    case '':
      return progressing('the rollout has no status yet');
    default:
      return unknown(message);
  }
}
