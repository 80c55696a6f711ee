import type { RolloutStatus } from '../api/generated/rollout.ts';
import { type Lineup, lineupOf } from './lineup.ts';
import type { Problem } from './problem.ts';
import { hashOf, newReplicaSet, revisionOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot } from './snapshot.ts';
import type { WantedVersion } from './wanted-version.ts';

/** Which version this decision works on. */
export interface Start {
  lineup: Lineup;
  /** All ReplicaSets, with the one that is about to be made. */
  replicaSets: readonly ReplicaSet[];
  /** Revision of the current version. */
  revision: number;
  /** Set when the current version gets a new revision in this decision. */
  newRevision: number | undefined;
  /** No version may be started, no step begun or ended, nothing promoted. What runs goes on and scales. */
  held: boolean;
}

/**
 * The version that the spec asks for; or, while that cannot be started, the one that was being rolled out. Going back to
 * what serves is always possible.
 */
export function startOf(
  snapshot: RolloutSnapshot,
  status: RolloutStatus,
  settings: Settings,
  wanted: WantedVersion,
  problems: readonly Problem[],
  stable: ReplicaSet | undefined,
): Start {
  const { replicaSets } = snapshot;
  const newest = Math.max(0, ...replicaSets.map(revisionOf));
  const impeded = settings.paused || problems.length > 0;
  const begins = wanted.state === 'known' && wanted.identity.hash !== status.currentPodHash;
  const returns = wanted.state === 'known' && stable !== undefined && wanted.identity.hash === hashOf(stable);
  if (wanted.state !== 'known' || (begins && impeded && !returns)) {
    const lineup = lineupOf(replicaSets, status.currentPodHash, stable);
    const revision = lineup.current === undefined ? 0 : revisionOf(lineup.current);
    return { lineup, replicaSets, revision, newRevision: undefined, held: true };
  }
  const { identity } = wanted;
  if (identity.state === 'exists') {
    const own = revisionOf(identity.replicaSet);
    const renumbered = own < newest || own === 0 ? newest + 1 : undefined;
    return {
      lineup: lineupOf(replicaSets, identity.hash, stable),
      replicaSets,
      revision: renumbered ?? own,
      newRevision: renumbered,
      held: impeded,
    };
  }
  const made = newReplicaSet({
    rollout: snapshot.rollout,
    hash: identity.hash,
    digest: identity.digest,
    revision: newest + 1,
    replicas: 0,
    minReadySeconds: settings.minReadySeconds,
    template: wanted.template,
    identity: wanted.model,
    config: wanted.config,
  });
  const all = problems.length > 0 ? replicaSets : [...replicaSets, made];
  return {
    lineup: lineupOf(all, identity.hash, stable),
    replicaSets: all,
    revision: newest + 1,
    newRevision: problems.length > 0 ? undefined : newest + 1,
    held: impeded,
  };
}
