/** Pods that a share of the requests needs: ⌈n·w/100⌉, with the weight in percent. */
export function podsForWeight(replicas: number, weight: number): number {
  return Math.ceil((replicas * weight) / 100);
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
