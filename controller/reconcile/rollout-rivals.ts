import type { Rollout } from '../api/generated/rollout.ts';
import type { RolloutSnapshot } from '../rollout/snapshot.ts';
import { workloadReference } from '../rollout/workload.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { selectorKey } from './rollout-references.ts';

/**
 * Older Rollouts that want the same pods or the same workload.
 *
 * @param rollout with the selector of its workload, if it has none itself
 */
export function rivalsOf(
  rollout: Rollout,
  { rollouts }: Pick<RolloutCaches, 'rollouts'>,
): NonNullable<RolloutSnapshot['rivals']> {
  const { namespace } = rollout.metadata;
  const selector = rollout.spec?.selector;
  const workload = workloadReference(rollout);
  const older = (found: readonly Rollout[]): string[] =>
    found.filter((other) => isOlder(other, rollout)).map((other) => other.metadata.name);
  const bySelector = selector ? older(rollouts.byIndex('selector', selectorKey(namespace, selector))) : [];
  const byWorkload = workload
    ? older(rollouts.byIndex('workload', `${workload.kind}/${namespace}/${workload.name}`))
    : [];
  return [
    ...byWorkload.map((name) => ({ by: 'workload' as const, rollout: name })),
    ...bySelector.map((name) => ({ by: 'selector' as const, rollout: name })),
  ];
}

/** Whether a Rollout was there before another one; of two it is always the same. */
export function isOlder(one: Rollout, other: Rollout): boolean {
  return age(one) < age(other);
}

/** Grows with the time of creation, and is another for every Rollout. */
function age({ metadata }: Rollout): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.uid ?? ''}`;
}
