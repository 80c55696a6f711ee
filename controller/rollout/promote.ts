import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { passedAfter } from './blue-green/advance.ts';
import { withServed } from './blue-green/state.ts';
import { blueGreenTraffic } from './blue-green/traffic.ts';
import type { DecisionEvent } from './decision.ts';
import { byHash, isUpdating, type Lineup, lineupOf } from './lineup.ts';
import { compact } from './plain.ts';
import { reached } from './reached.ts';
import { availablePods, hashOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import type { Start } from './start.ts';
import { pointsAtHash, trafficOf } from './traffic.ts';

/** What a promotion changes; nothing when there is none yet. */
export interface Promotion {
  state: RolloutStatus;
  lineup: Lineup;
  events: readonly DecisionEvent[];
}

/** Makes the current version the one that serves, once it has all its pods and, after its steps, all the requests. */
export function promote(snapshot: RolloutSnapshot, settings: Settings, start: Start, state: RolloutStatus): Promotion {
  const { lineup, held } = start;
  const { current } = lineup;
  const unchanged = { state, lineup, events: [] };
  const first = lineup.stable === undefined;
  if (held || current === undefined || (!first && !isUpdating(lineup)) || state.abortedAt !== undefined)
    return unchanged;
  if (availablePods(current) < settings.replicas || current.metadata.resourceVersion === undefined) return unchanged;
  const stepsDone = (state.currentStepIndex ?? 0) >= settings.steps.length;
  if (!first && !stepsDone) return unchanged;
  const hash = hashOf(current) ?? '';
  if (!first && settings.blueGreen !== undefined) {
    const { active } = blueGreenTraffic(snapshot.services, settings.blueGreen);
    if (!pointsAtHash(active, hash) || !passedAfter(state, settings.blueGreen)) return unchanged;
  }
  const whole = first || state.promoteFull === true || settings.steps.length === 0;
  const traffic = trafficOf(snapshot, state, settings);
  if (!whole && settings.routed && !reached(100, { by: 'traffic' }, settings, lineup, traffic)) return unchanged;
  const { promoteFull: _, retries: __, ...rest } = state;
  const how = first
    ? 'first version is complete'
    : state.promoteFull === true
      ? 'promoted in full'
      : settings.blueGreen === undefined
        ? 'all steps are done'
        : 'the requests are with it';
  const message = `Rollout completed update to revision ${start.revision} (${hash}): ${how}`;
  const promoted = compact<RolloutStatus>({ ...rest, stableRS: hash });
  return {
    state: settings.blueGreen === undefined ? promoted : withServed(promoted, hash, start.replicaSets),
    lineup: lineupOf(start.replicaSets, hash, byHash(start.replicaSets, hash)),
    events: [{ type: 'Normal', reason: Reason.RolloutCompleted, message }],
  };
}
