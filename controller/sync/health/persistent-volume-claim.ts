import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, healthy, progressing, unknown } from './health.ts';
import { textAt } from './read.ts';

/** PersistentVolumeClaim: bound to a volume. */
export function persistentVolumeClaimHealth(object: KubeObject): Finding {
  const phase = textAt(object, 'status', 'phase');
  switch (phase) {
    case 'Bound':
      return healthy(`bound to ${textAt(object, 'spec', 'volumeName') || 'a volume'}`);
    case '':
    case 'Pending':
      return progressing('no volume is bound yet', 'pending');
    case 'Lost':
      return degraded(`volume ${textAt(object, 'spec', 'volumeName')} is lost`, 'lost');
    default:
      return unknown(`the phase is ${phase}`, 'phase');
  }
}
