import { timestamp } from '../api/conditions.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { Command, DecisionEvent, RolloutDecision } from './decision.ts';
import type { Lineup } from './lineup.ts';
import { wantedPods } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { PodState, ReplicaSet } from './snapshot.ts';

/** A pod that a PodDisruptionBudget does not let go now is asked for again after this. */
const AGAIN_MS = 30_000;

/** Whether pods have to be replaced. */
export type RestartDue = { due: 'no' } | { due: 'later'; inMs: number } | { due: 'now'; at: number };

/** A restart is due from spec.restartAt on, until status.restartedAt says that it is done. */
export function restartDue({ restartAt }: Settings, status: RolloutStatus, now: number): RestartDue {
  if (restartAt === undefined) return { due: 'no' };
  const done = Date.parse(status.restartedAt ?? '');
  if (done >= Math.floor(restartAt / 1000) * 1000) return { due: 'no' };
  return restartAt > now ? { due: 'later', inMs: restartAt - now } : { due: 'now', at: restartAt };
}

/** What a restart does in one decision. */
export interface Restart {
  state: RolloutStatus;
  /** Pods are older than they should be. */
  restarting: boolean;
  commands: readonly Command[];
  events: readonly DecisionEvent[];
  waitMs: number | undefined;
}

/**
 * Replaces the pods that are too old: those that do not serve at once, since nobody misses them, then as many of those that
 * serve as may be missing, max(1, maxUnavailable) with all that is missing already. The stable version comes first; old
 * versions count as well, since a rollback may need their pods.
 */
export function restart(
  state: RolloutStatus,
  lineup: Lineup,
  pods: readonly PodState[] | undefined,
  settings: Settings,
  now: number,
): Restart {
  const due = restartDue(settings, state, now);
  const idle = { state, restarting: false, commands: [], events: [] };
  if (due.due === 'no') return { ...idle, waitMs: undefined };
  if (due.due === 'later') return { ...idle, waitMs: due.inMs };
  // Not read yet; the next look has them.
  if (pods === undefined) return { ...idle, restarting: true, waitMs: 1 };

  const sets = [...new Set([lineup.stable, lineup.current, ...lineup.older])].filter((rs) => rs !== undefined);
  const of = (rs: ReplicaSet): PodState[] => pods.filter((pod) => pod.replicaSet === rs.metadata.uid && !pod.leaving);
  const old = sets.flatMap((rs) => of(rs).filter((pod) => pod.createdAt < due.at));
  const when = timestamp(due.at);
  if (old.length === 0) {
    const message = `Restarted: no pod is older than ${when}`;
    return {
      ...idle,
      state: { ...state, restartedAt: when },
      events: [{ type: 'Normal', reason: Reason.RolloutRestarted, message }],
      waitMs: undefined,
    };
  }
  const missing = sets.reduce(
    (sum, rs) => sum + Math.max(0, wantedPods(rs) - of(rs).filter(({ available }) => available).length),
    0,
  );
  const spare = Math.max(0, Math.max(1, settings.unavailable) - missing);
  const broken = old.filter(({ available }) => !available);
  const evicted = [...broken, ...old.filter(({ available }) => available).slice(0, spare)];
  const message = `Restarting: evicting ${evicted.length} of ${old.length} pods older than ${when}`;
  return {
    state,
    restarting: true,
    commands: evicted.map(({ name, uid }): Command => ({ type: 'evictPod', name, uid })),
    events: evicted.length === 0 ? [] : [{ type: 'Normal', reason: Reason.RolloutRestarting, message }],
    // Without one to ask for, the next change of a ReplicaSet is what counts.
    waitMs: evicted.length === 0 ? undefined : AGAIN_MS,
  };
}

/** Evictions only while nothing else is to be done: two hands that take pods at the same time take too many. */
export function withEvictions(decision: RolloutDecision, { commands, events }: Restart): RolloutDecision {
  if (decision.commands.length > 0 || commands.length === 0) return decision;
  return { ...decision, commands, events: [...decision.events, ...events] };
}
