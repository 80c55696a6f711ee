import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, suspended, unknown } from './health.ts';
import { notObserved, numberAt, textAt } from './read.ts';

/** Rollout: its own phase, once it speaks of the current spec. Its message says why. */
export function rolloutHealth(object: KubeObject): Finding {
  const behind = notObserved(object);
  return behind === undefined ? phaseHealth(object) : progressing(behind, 'generation');
}

/** The phase of a Rollout, ours or Argo's. */
export function phaseHealth(object: KubeObject): Finding {
  const phase = textAt(object, 'status', 'phase');
  const message = textAt(object, 'status', 'message') || `the rollout is ${phase.toLowerCase()}`;
  switch (phase) {
    case 'Healthy': {
      const available = numberAt(object, ['status', 'availableReplicas'], 0);
      return healthy(textAt(object, 'status', 'message') || `the phase is Healthy, ${available} pods are available`);
    }
    case 'Paused':
      return suspended(message, 'paused');
    case 'Degraded':
      return degraded(message, 'degraded');
    case 'Progressing':
      return progressing(message, 'progressing');
    case '':
      return progressing('the rollout has no status yet', 'no-status');
    default:
      return unknown(message, 'phase');
  }
}
