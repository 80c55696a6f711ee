import { availablePods, deadlineOf, hashOf, revisionOf, wantedPods } from '../replica-sets.ts';
import { retire, type Wanted } from '../retire.ts';
import type { Settings } from '../settings.ts';
import type { ReplicaSet } from '../snapshot.ts';
import { pointsAtHash } from '../traffic.ts';
import type { BlueGreenTargets } from './services.ts';
import type { BlueGreenSettings } from './settings.ts';
import type { BlueGreenTraffic } from './traffic.ts';

export interface BlueGreenCapacityInput {
  settings: Settings;
  blueGreen: BlueGreenSettings;
  traffic: BlueGreenTraffic;
  /** The version that is rolled out; undefined when it is the stable one or there is none. */
  tested: ReplicaSet | undefined;
  stable: ReplicaSet | undefined;
  older: readonly ReplicaSet[];
  released: boolean;
  aborted: boolean;
  now: number;
}

/**
 * The wanted number of pods of every ReplicaSet: all for the stable version for as long as it is that, for a new one those of
 * the preview and after the release all, for the others what they have until their delay is over.
 *
 * @param targets hashes that the Services are about to get in this decision
 */
export function blueGreenCapacity(input: BlueGreenCapacityInput, targets: BlueGreenTargets): readonly Wanted[] {
  const { settings, tested, stable, older } = input;
  const { replicas } = settings;
  const result: Wanted[] = [];
  if (stable !== undefined) result.push({ replicaSet: stable, replicas, deadline: undefined });
  if (tested !== undefined) result.push(testedPods(input, tested, targets));
  const complete =
    stable === undefined
      ? tested !== undefined && availablePods(tested) >= replicas
      : availablePods(stable) >= replicas;
  const newestFirst = [...older].sort((a, b) => revisionOf(b) - revisionOf(a));
  let delayed = 0;
  for (const rs of newestFirst) {
    const reached = input.traffic.pointsAt(rs) || isTarget(rs, targets);
    const left = retire(rs, { reached, othersComplete: complete, delayMs: settings.scaleDownDelayMs, now: input.now });
    const beyond = left.deadline !== undefined && delayed >= input.blueGreen.delayedRevisions;
    if (left.deadline !== undefined) delayed += 1;
    result.push(beyond ? { replicaSet: rs, replicas: 0, deadline: undefined } : left);
  }
  return result;
}

/** Whether the pods of an aborted version are to go now, apart from a preview that still points at them. */
export function isDue(input: BlueGreenCapacityInput): boolean {
  const { tested, aborted, stable } = input;
  if (tested === undefined || stable === undefined || !aborted || wantedPods(tested) === 0) return false;
  return leaving(input, tested, false).replicas === 0;
}

function testedPods(input: BlueGreenCapacityInput, tested: ReplicaSet, targets: BlueGreenTargets): Wanted {
  const { settings, blueGreen, traffic, stable, released } = input;
  const { replicas } = settings;
  const hash = hashOf(tested);
  const active = pointsAtHash(traffic.active, hash) || targets.active === hash;
  const preview = pointsAtHash(traffic.preview, hash) || targets.preview === hash;
  if (input.aborted && stable !== undefined) {
    const left = leaving(input, tested, targets.active === hash);
    // The preview leaves first.
    return left.replicas === 0 && preview
      ? { ...left, replicas: wantedPods(tested), deadline: deadlineOf(tested) }
      : left;
  }
  const floor = active ? replicas : preview ? Math.min(1, replicas) : 0;
  const wanted = stable === undefined || released ? replicas : blueGreen.previewReplicas;
  return { replicaSet: tested, replicas: Math.max(wanted, Math.min(wantedPods(tested), floor)), deadline: undefined };
}

/** What an aborted version keeps, as far as the active Service is concerned. */
function leaving(input: BlueGreenCapacityInput, tested: ReplicaSet, isTarget: boolean): Wanted {
  const { settings, traffic, stable, now } = input;
  return retire(tested, {
    reached: pointsAtHash(traffic.active, hashOf(tested)) || isTarget,
    othersComplete: stable !== undefined && availablePods(stable) >= settings.replicas,
    delayMs: settings.abortScaleDownDelayMs,
    now,
  });
}

function isTarget(rs: ReplicaSet, { active, preview }: BlueGreenTargets): boolean {
  const hash = hashOf(rs);
  return hash === active || hash === preview;
}
