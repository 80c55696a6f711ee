import { settingsOf } from '../../controller/rollout/settings.ts';
import type { RolloutSnapshot } from '../../controller/rollout/snapshot.ts';

/**
 * How many pods the version that serves may give up beyond its share: none, but where maxSurge limits all pods together what
 * maxUnavailable allows, and what less than one percent of the requests would need. One always stays.
 */
export function mayLack(snapshot: RolloutSnapshot, share: number, n: number): number {
  if (mostPods(snapshot) === undefined) return 0;
  const rounded = Math.ceil((share * n) / 100) - Math.ceil(((share - 1) * n) / 100 + 0.0001);
  return Math.min(settingsOf(snapshot.rollout.spec).unavailable + rounded, Math.ceil((share * n) / 100) - 1);
}

/** Most pods of all versions together with traffic routing; undefined where the spec sets no limit. */
export function mostPods({ rollout: { spec } }: RolloutSnapshot): number | undefined {
  const { dynamicStableScale, maxSurge, minPodsPerReplicaSet = 1 } = spec.strategy.canary ?? {};
  if (dynamicStableScale !== true || maxSurge === undefined) return undefined;
  const { replicas, surge } = settingsOf(spec);
  return replicas + Math.max(1, surge, Math.min(replicas, minPodsPerReplicaSet));
}
