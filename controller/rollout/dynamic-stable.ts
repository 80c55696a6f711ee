import { availablePods, wantedPods } from './replica-sets.ts';
import { podsForWeight, podsUnderTest } from './routed-replicas.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';
import type { CanaryScale } from './steps.ts';

/** Pods of both versions with dynamicStableScale. */
export interface DynamicPods {
  stable: number;
  tested: number;
}

/**
 * What both versions have once the requests are split by a weight (percent): together no more than `maxPods`, unless what
 * their requests need is more. The version that serves keeps one pod, since its Service may be asked at any time.
 */
export function dynamicPods(settings: Settings, weight: number, scale: CanaryScale): DynamicPods {
  const { replicas, minPods } = settings;
  const stable = Math.max(Math.min(1, replicas), minPods, stableShare(settings, weight));
  const share = podsUnderTest(settings, weight, { by: 'traffic' });
  const asked = podsUnderTest(settings, weight, scale);
  return { stable, tested: Math.max(share, Math.min(asked, settings.maxPods - stable)) };
}

/**
 * Pods that the version that serves needs beside a weight: ⌈n·(100 − w)/100⌉. Where their number is limited, a pod for less
 * than one percent of the requests is none: the weights between two pods are whole percents, ⌊100·a/n⌋ for `a` pods, and the
 * rounding must not stand in the way of the next one.
 */
export function stableShare({ replicas, maxPods }: Pick<Settings, 'replicas' | 'maxPods'>, weight: number): number {
  if (maxPods === Number.POSITIVE_INFINITY) return podsForWeight(replicas, 100 - weight);
  return replicas === 0 ? 0 : Math.max(0, Math.floor((replicas * (99 - weight)) / 100) + 1);
}

/** The weight that the pods of the version under test can carry by now, in whole percents. */
export function carriedWeight(replicas: number, tested: ReplicaSet): number {
  return replicas === 0 ? 100 : Math.floor((100 * Math.min(replicas, availablePods(tested))) / replicas);
}

/** What {@link dynamicPass} starts from. */
export interface DynamicPassInput {
  settings: Settings;
  stable: ReplicaSet;
  tested: ReplicaSet | undefined;
  /** spec.replicas of all other versions. */
  older: number;
  /** What the step wants for the version under test. */
  weight: number;
  scale: CanaryScale;
  /** The weight of the version under test that was written last; 0 while another version has its requests. */
  recorded: number;
  /** The lowest weight that requests may follow now. */
  lowest: number;
  /** Pods that requests of the version under test may need now. */
  needed: number;
  /** Pods of the version that serves which the router may still reach through the canary Service, beside its own. */
  viaCanary: number;
}

/**
 * The next numbers of pods, and the goal without a limit of room. The version that serves gives pods up only for requests that the router has taken from it; it
 * may be short by maxUnavailable only while the other one waits for room under maxSurge.
 */
export function dynamicPass(input: DynamicPassInput): DynamicPods & { goal: DynamicPods } {
  const { settings, stable, tested, weight, recorded, lowest } = input;
  const { maxPods, unavailable } = settings;
  const [has, other] = [wantedPods(stable), tested === undefined ? 0 : wantedPods(tested)];
  const goal = dynamicPods(settings, weight, input.scale);
  const limited = maxPods !== Number.POSITIVE_INFINITY;
  const short = limited && tested !== undefined && other < goal.tested ? unavailable : 0;
  const beside = stableShare(settings, Math.min(weight, recorded)) - short;
  const confirmed = stableShare(settings, lowest) - short;
  const wanted = Math.max(goal.stable, beside, Math.min(has, Math.max(confirmed, input.viaCanary)));
  const room = Math.max(0, maxPods - has - other - input.older);
  const next = wanted <= has ? wanted : Math.min(wanted, has + room);
  const left = room - Math.max(0, next - has);
  const asked = Math.max(goal.tested, Math.min(other, input.needed));
  return { stable: next, tested: Math.min(asked, other + left), goal: { stable: wanted, tested: asked } };
}
