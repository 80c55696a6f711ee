import { availablePods, hashOf, wantedPods } from './replica-sets.ts';
import { podsForWeight } from './routed-replicas.ts';
import type { ReplicaSet } from './snapshot.ts';
import { type Pointer, pointsAtHash, type Traffic } from './traffic.ts';

/** What the Services are decided from. */
export interface ServiceInput {
  traffic: Traffic;
  replicas: number;
  /** Pods that must serve in all: those that are missing are no more than maxUnavailable. */
  least: number;
  routed: boolean;
  /** With traffic routing: the stable version has only the pods of its share. */
  dynamic: boolean;
  stable: ReplicaSet | undefined;
  /** The version under test; undefined when there is none, or none is wanted. */
  tested: ReplicaSet | undefined;
  /** Without traffic routing, the stable version is to give all its pods to the one under test. */
  replaced: boolean;
  available(hash: string): number;
}

/** The hash that each Service should get now; undefined to leave it as it is. */
export interface ServiceTargets {
  canary: string | undefined;
  stable: string | undefined;
}

/**
 * Where the Services should point. A Service never moves to pods that cannot carry what it gets: the canary Service
 * needs the pods for the highest weight that requests may follow now, the stable Service the pods for the rest;
 * without traffic routing no fewer than it has now. Its first selector is taken over only when its version is complete.
 */
export function serviceTargets(input: ServiceInput): ServiceTargets {
  return { canary: canaryTarget(input), stable: stableTarget(input) };
}

function canaryTarget(input: ServiceInput): string | undefined {
  const { traffic, tested, stable, replicas, routed } = input;
  const { canary } = traffic;
  if (stable === undefined || canary.at === 'nothing') return undefined;
  const need = Math.max(Math.min(1, replicas), routed ? podsForWeight(replicas, traffic.highest) : 0);
  if (tested !== undefined) {
    if (pointsAtHash(canary, hashOf(tested))) return undefined;
    if (availablePods(tested) >= need) return hashOf(tested);
  }
  if (pointsAtHash(canary, hashOf(stable))) return undefined;
  const complete = canary.at !== 'all' || isComplete(input, stable);
  // It gets the requests of both Services then.
  const all = routed && traffic.highest > 0 ? Math.max(need, input.least) : need;
  return complete && (availablePods(stable) >= all || deserted(input, canary, stable)) ? hashOf(stable) : undefined;
}

function stableTarget(input: ServiceInput): string | undefined {
  const { traffic, tested, replicas, least, routed } = input;
  const pointer = traffic.stable;
  if (input.stable === undefined || pointer.at === 'nothing') return undefined;
  const one = Math.min(1, replicas);
  const handedOver =
    input.replaced &&
    tested !== undefined &&
    availablePods(tested) >= (pointsAtHash(pointer, hashOf(tested)) ? one : Math.max(one, least));
  const target = handedOver && tested !== undefined ? tested : input.stable;
  if (pointsAtHash(pointer, hashOf(target))) return undefined;
  if (pointer.at === 'all') return isComplete(input, target) ? hashOf(target) : undefined;
  const share = routed ? podsForWeight(replicas, 100 - traffic.lowest) : Math.min(least, input.available(pointer.hash));
  return availablePods(target) >= Math.max(one, share) || deserted(input, pointer, target) ? hashOf(target) : undefined;
}

/** All pods that the version is to have serve; what a first selector waits for. */
function isComplete({ replicas, routed, dynamic, traffic }: ServiceInput, target: ReplicaSet): boolean {
  const share = dynamic ? podsForWeight(replicas, 100 - traffic.lowest) : replicas;
  const all = routed ? share : wantedPods(target);
  return availablePods(target) >= Math.max(Math.min(1, replicas), all);
}

/** Nothing serves where the Service points now, so any pod is better. */
function deserted(input: ServiceInput, pointer: Pointer, target: ReplicaSet): boolean {
  return pointer.at === 'hash' && input.available(pointer.hash) === 0 && availablePods(target) > 0;
}
