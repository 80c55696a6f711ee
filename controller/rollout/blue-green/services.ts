import { availablePods, hashOf } from '../replica-sets.ts';
import type { ReplicaSet } from '../snapshot.ts';
import { type Pointer, pointsAtHash } from '../traffic.ts';
import type { BlueGreenTraffic } from './traffic.ts';

/** What the two Services are decided from. */
export interface BlueGreenServiceInput {
  traffic: BlueGreenTraffic;
  replicas: number;
  /** Pods that must serve behind the active Service. */
  least: number;
  /** Pods of a preview. */
  previewReplicas: number;
  stable: ReplicaSet | undefined;
  /** The version under test; undefined when there is none. */
  tested: ReplicaSet | undefined;
  /** Everything before the promotion is done. */
  released: boolean;
  aborted: boolean;
  /** No Service may move on to a new version now; back is always possible. */
  held: boolean;
  /** The pods of an aborted version are about to go. */
  due: boolean;
  available(hash: string): number;
}

/** The hash that each Service should get now; undefined to leave it as it is. */
export interface BlueGreenTargets {
  active: string | undefined;
  preview: string | undefined;
}

/**
 * Where the Services should point. The active Service moves to a new version only when all its pods serve, in one go; back
 * to the stable one as soon as that can carry what it has to, at the latest when nothing serves where it points. The preview
 * follows a new version once the pods of the preview serve, and never stays with a version whose pods go.
 */
export function blueGreenTargets(input: BlueGreenServiceInput): BlueGreenTargets {
  return { active: activeTarget(input), preview: previewTarget(input) };
}

function activeTarget(input: BlueGreenServiceInput): string | undefined {
  const { replicas, least, stable, tested, released, aborted, held } = input;
  const pointer = input.traffic.active;
  if (stable === undefined || pointer.at === 'nothing') return undefined;
  if (released && !aborted && tested !== undefined) {
    const there = pointsAtHash(pointer, hashOf(tested));
    if (there && !isDeserted(input, pointer)) return undefined;
    if (!there && !held && availablePods(tested) >= replicas) return hashOf(tested);
  }
  if (pointsAtHash(pointer, hashOf(stable))) return undefined;
  const one = Math.min(1, replicas);
  const need = pointer.at === 'all' ? replicas : Math.max(one, Math.min(least, input.available(pointer.hash)));
  return availablePods(stable) >= need || leaves(input, pointer, stable) ? hashOf(stable) : undefined;
}

function previewTarget(input: BlueGreenServiceInput): string | undefined {
  const { replicas, stable, tested, aborted, held, due } = input;
  const pointer = input.traffic.preview;
  if (stable === undefined || pointer.at === 'nothing') return undefined;
  const pods = Math.max(Math.min(1, replicas), input.previewReplicas);
  if (tested !== undefined) {
    const there = pointsAtHash(pointer, hashOf(tested));
    if (there && !due) return undefined;
    if (!there && !aborted && !held && availablePods(tested) >= pods) return hashOf(tested);
  }
  if (pointsAtHash(pointer, hashOf(stable))) return undefined;
  const need = pointer.at === 'all' ? replicas : Math.min(pods, replicas);
  return availablePods(stable) >= need || leaves(input, pointer, stable) ? hashOf(stable) : undefined;
}

/** Nothing serves where the Service points now, so any pod is better. */
function leaves(input: BlueGreenServiceInput, pointer: Pointer, target: ReplicaSet): boolean {
  return isDeserted(input, pointer) && availablePods(target) > 0;
}

function isDeserted({ replicas, available }: BlueGreenServiceInput, pointer: Pointer): boolean {
  return replicas > 0 && pointer.at === 'hash' && available(pointer.hash) === 0;
}
