import { targetPair } from './canary-replicas.ts';
import { dynamicPods } from './dynamic-stable.ts';
import type { Lineup } from './lineup.ts';
import { availablePods, createdPods, hashOf, wantedPods } from './replica-sets.ts';
import { enoughPods, podsUnderTest } from './routed-replicas.ts';
import type { Settings } from './settings.ts';
import type { CanaryScale } from './steps.ts';
import { pointsAtHash, type Traffic } from './traffic.ts';

/**
 * Whether pods and requests are where a weight wants them. With traffic routing the router must have accepted exactly
 * this weight. A stable version whose pods do not come up does not stand in the way of its repair: only the wanted
 * number counts for it.
 */
export function reached(
  weight: number,
  scale: CanaryScale,
  settings: Settings,
  lineup: Lineup,
  traffic: Traffic,
): boolean {
  const { current, stable, older } = lineup;
  if (current === undefined || stable === undefined) return false;
  const { replicas } = settings;
  if (settings.routed) {
    const pods = settings.dynamicStable
      ? dynamicPods(settings, weight, scale)
      : { stable: replicas, tested: podsUnderTest(settings, weight, scale) };
    return (
      wantedPods(current) === pods.tested &&
      availablePods(current) >= enoughPods(settings, pods.tested) &&
      wantedPods(stable) === pods.stable &&
      traffic.settledAt(weight) &&
      (weight === 0 || pointsAtHash(traffic.canary, hashOf(current)))
    );
  }
  const target = targetPair(replicas, weight, settings.surge);
  return (
    wantedPods(current) === target.canary &&
    availablePods(current) >= enoughPods(settings, target.canary) &&
    wantedPods(stable) === target.stable &&
    older.every((rs) => wantedPods(rs) === 0 && createdPods(rs) === 0)
  );
}
