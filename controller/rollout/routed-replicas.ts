import type { Settings } from './settings.ts';
import type { CanaryScale } from './steps.ts';

/** Pods that a share of the requests needs: ⌈n·w/100⌉, with the weight in percent. */
export function podsForWeight(replicas: number, weight: number): number {
  return Math.ceil((replicas * weight) / 100);
}

/**
 * Pods of the version under test: what its share of the requests needs, or what setCanaryScale asks for if that is more. Where
 * it has any, it has at least minPodsPerReplicaSet, unless their number is given.
 */
export function podsUnderTest(
  settings: Pick<Settings, 'replicas' | 'minPods'>,
  weight: number,
  scale: CanaryScale,
): number {
  const { replicas, minPods } = settings;
  const share = podsForWeight(replicas, weight);
  if (scale.by === 'replicas') return Math.max(share, scale.replicas);
  const pods = scale.by === 'weight' ? Math.max(share, podsForWeight(replicas, scale.weight)) : share;
  return pods === 0 ? 0 : Math.max(pods, minPods);
}

/** How many of the pods of a step must be available for it to count as reached: all, or replicaProgressThreshold. */
export function enoughPods({ threshold }: Pick<Settings, 'threshold'>, pods: number): number {
  switch (threshold?.type) {
    case undefined:
      return pods;
    case 'Percent':
      return Math.ceil((pods * threshold.value) / 100);
    case 'Pods':
      return Math.min(pods, threshold.value);
  }
}

/**
 * The lowest weight that the new version must keep because the stable one cannot carry more than its available pods.
 * The stable version may be short by as many pods as maxUnavailable allows; beyond that it gets its proportion, and
 * without any pod nothing.
 */
export function lowestWeight(replicas: number, stableAvailable: number, unavailable: number): number {
  if (replicas === 0 || stableAvailable >= replicas) return 0;
  if (stableAvailable <= 0) return 100;
  if (stableAvailable >= replicas - unavailable) return 0;
  return Math.ceil(100 - (100 * stableAvailable) / replicas);
}

/**
 * The same with dynamicStableScale. There the version that serves may always be short by maxUnavailable, not only at the end,
 * and the weight is rounded down: the pods under test give their room to it step by step, and each step has to free one.
 */
export function lowestDynamicWeight(replicas: number, stableAvailable: number, unavailable: number): number {
  if (replicas === 0) return 0;
  if (stableAvailable <= 0) return 100;
  return Math.max(0, Math.floor((100 * (replicas - stableAvailable - unavailable)) / replicas));
}
