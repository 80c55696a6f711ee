import { canaryPass, type Pair, targetPair } from './canary-replicas.ts';
import { dynamicCapacity } from './dynamic-capacity.ts';
import { availablePods, hashOf, wantedPods } from './replica-sets.ts';
import { retire, type Wanted } from './retire.ts';
import { podsForWeight, podsUnderTest } from './routed-replicas.ts';
import type { ServiceTargets } from './services.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';
import type { CanaryScale } from './steps.ts';
import { pointsAtHash, type Traffic } from './traffic.ts';

export interface CapacityInput {
  settings: Settings;
  traffic: Traffic;
  /** The version that is rolled out; undefined when it is the stable one or there is none. */
  tested: ReplicaSet | undefined;
  stable: ReplicaSet | undefined;
  older: readonly ReplicaSet[];
  /** Percent that the step wants for the version under test. */
  weight: number;
  /** Pods that the steps ask for apart from that. */
  scale: CanaryScale;
  aborted: boolean;
  /** The weight that this very decision writes, with traffic routing. */
  written?: number | undefined;
  now: number;
}

/**
 * The wanted number of pods of every ReplicaSet.
 *
 * @param targets hashes that Services are about to get in this decision
 */
export function capacity(input: CapacityInput, targets: ServiceTargets): readonly Wanted[] {
  const isReached: Reached = (rs) => {
    const hash = hashOf(rs);
    return {
      canary: pointsAtHash(input.traffic.canary, hash) || targets.canary === hash,
      stable: pointsAtHash(input.traffic.stable, hash) || targets.stable === hash,
    };
  };
  return input.settings.routed ? routedCapacity(input, isReached) : sharedCapacity(input, isReached);
}

/** Through which Services requests come, or are about to come, to a ReplicaSet in particular. */
export type Reached = (replicaSet: ReplicaSet) => { canary: boolean; stable: boolean };

/** The split of pods that a weight wants; what an update without traffic routing works towards. */
export function wantedPair({ settings, stable, weight, aborted }: CapacityInput): Pair {
  if (stable === undefined) return { canary: settings.replicas, stable: 0 };
  return targetPair(settings.replicas, aborted ? 0 : weight, settings.surge);
}

/** Pods that the version under test should have while this weight is wanted. */
export function testedPods(input: CapacityInput): number {
  if (input.tested === undefined || (input.aborted && input.stable !== undefined)) return 0;
  if (!input.settings.routed || input.stable === undefined) return wantedPair(input).canary;
  return podsUnderTest(input.settings, input.weight, input.scale);
}

/** Without traffic routing the pods are the traffic: one careful pass at a time. */
function sharedCapacity(input: CapacityInput, isReached: Reached): readonly Wanted[] {
  const { settings, tested, stable, older } = input;
  const count = (rs: ReplicaSet | undefined) => ({
    wanted: rs === undefined ? 0 : wantedPods(rs),
    available: rs === undefined ? 0 : availablePods(rs),
    floor: rs !== undefined && isAny(isReached(rs)) ? Math.min(1, settings.least) : 0,
  });
  const target =
    tested === undefined ? { canary: 0, stable: stable === undefined ? 0 : settings.replicas } : wantedPair(input);
  const pass = canaryPass(settings.replicas, settings, target, count(tested), count(stable), older.map(count));
  const result: Wanted[] = [];
  if (tested !== undefined) result.push({ replicaSet: tested, replicas: pass.canary, deadline: undefined });
  if (stable !== undefined) result.push({ replicaSet: stable, replicas: pass.stable, deadline: undefined });
  for (const [i, rs] of older.entries()) {
    result.push({ replicaSet: rs, replicas: pass.older[i] ?? wantedPods(rs), deadline: undefined });
  }
  return result;
}

/**
 * With traffic routing the stable version keeps all its pods and the one under test has what its weight needs. Nothing is
 * taken from pods that requests may still reach: scaling down follows the router's confirmation.
 */
function routedCapacity(input: CapacityInput, isReached: Reached): readonly Wanted[] {
  const { settings, traffic, tested, stable, older } = input;
  if (settings.dynamicStable) return dynamicCapacity(input, isReached);
  const { replicas } = settings;
  const complete = stable === undefined || availablePods(stable) >= replicas;
  const leave = (rs: ReplicaSet, othersComplete: boolean, delayMs: number): Wanted =>
    retire(rs, { reached: isAny(isReached(rs)), othersComplete, delayMs, now: input.now });
  const result: Wanted[] = [];
  if (stable !== undefined) result.push({ replicaSet: stable, replicas, deadline: undefined });
  if (tested !== undefined) {
    if (input.aborted && stable !== undefined) {
      result.push(leave(tested, complete, settings.abortScaleDownDelayMs));
    } else {
      const by = isReached(tested);
      const share = Math.max(by.canary ? traffic.highest : 0, by.stable ? 100 - traffic.lowest : 0);
      const floor = podsForWeight(replicas, share);
      const pods = Math.max(testedPods(input), Math.min(wantedPods(tested), floor));
      result.push({ replicaSet: tested, replicas: pods, deadline: undefined });
    }
  }
  const unneeded = stable !== undefined ? complete : tested !== undefined && availablePods(tested) >= replicas;
  for (const rs of older) result.push(leave(rs, unneeded, settings.scaleDownDelayMs));
  return result;
}

/** Whether requests come to it in particular. */
export function isAny({ canary, stable }: ReturnType<Reached>): boolean {
  return canary || stable;
}
