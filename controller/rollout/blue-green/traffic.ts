import { hashOf } from '../replica-sets.ts';
import type { ReplicaSet, RolloutSnapshot } from '../snapshot.ts';
import { type Pointer, pointerOf, pointsAtHash } from '../traffic.ts';
import type { BlueGreenSettings } from './settings.ts';

/** Where the two Services point, as far as the snapshot shows it. */
export interface BlueGreenTraffic {
  active: Pointer;
  preview: Pointer;
  /** Whether one of them sends requests to this ReplicaSet in particular. */
  pointsAt(replicaSet: ReplicaSet): boolean;
}

export function blueGreenTraffic(
  services: RolloutSnapshot['services'],
  { activeService, previewService }: BlueGreenSettings,
): BlueGreenTraffic {
  const active = pointerOf(services, activeService);
  const preview = pointerOf(services, previewService);
  return {
    active,
    preview,
    pointsAt: (rs) => [active, preview].some((pointer) => pointsAtHash(pointer, hashOf(rs))),
  };
}
