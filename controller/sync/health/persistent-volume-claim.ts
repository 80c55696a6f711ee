import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Health, healthy, progressing, unknown } from './health.ts';
import { textAt } from './read.ts';

/** PersistentVolumeClaim: bound to a volume. */
export function persistentVolumeClaimHealth(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case 'Bound':
      return healthy;
    case '':
    case 'Pending':
      return progressing('no volume is bound yet');
    case 'Lost':
      return degraded('the volume is lost');
    default:
      return unknown(`the phase is ${phase}`);
  }
}
