import { Reason } from '../api/reasons.ts';
import type { RolloutDecision } from './decision.ts';
import type { Lineup } from './lineup.ts';
import { availablePods } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import { workloadReference } from './workload.ts';

/**
 * Takes the pods of the Deployment that the Rollout replaces: with `onsuccess` all of them once the Rollout is healthy, with
 * `progressively` as many as serve in its stead. Only while nothing else is to be done, and never back up: what serves is the
 * Rollout's from then on. It looks at what is, not at what was once done, so a Deployment that somebody scales up is drained
 * again.
 */
export function withWorkloadScaling(
  decision: RolloutDecision,
  { rollout, workload }: RolloutSnapshot,
  lineup: Lineup,
  settings: Settings,
): RolloutDecision {
  const mode = workloadReference(rollout)?.scaleDown ?? 'never';
  if (mode === 'never' || workload?.state !== 'found' || workload.kind !== 'Deployment') return decision;
  if (decision.commands.length > 0 || settings.replicas === 0) return decision;
  const serving = lineup.stable ?? lineup.current;
  const serves = serving === undefined ? 0 : availablePods(serving);
  const healthy = decision.status.phase === 'Healthy';
  const left = healthy ? 0 : mode === 'progressively' ? Math.max(0, settings.replicas - serves) : workload.replicas;
  const { name, replicas, resourceVersion } = workload;
  if (left >= replicas) return decision;
  const why = healthy ? 'the Rollout serves in its stead' : `${serves} pods of the Rollout serve`;
  const message = `Scaled down Deployment ${name} from ${replicas} to ${left} (${why})`;
  return {
    ...decision,
    commands: [{ type: 'scaleDeployment', name, resourceVersion, replicas: left }],
    events: [...decision.events, { type: 'Normal', reason: Reason.ScalingReplicaSet, message }],
  };
}
