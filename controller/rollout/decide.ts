import { findCondition } from '../api/conditions.ts';
import type { Rollout, RolloutStatus } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { type Advance, abortedByVerdict, advance } from './advance.ts';
import { freeCount } from './analysis-step.ts';
import type { DecisionEvent, RolloutDecision } from './decision.ts';
import { byHash, isUpdating, type Lineup, lineupOf, stableReplicaSet } from './lineup.ts';
import { asObject, compact } from './plain.ts';
import { plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { reached } from './reached.ts';
import { readStatus } from './read-status.ts';
import { availablePods, hashOf, newReplicaSet, revisionOf } from './replica-sets.ts';
import { type Settings, settingsOf } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot } from './snapshot.ts';
import { storeFirst } from './store-first.ts';
import { trafficOf } from './traffic.ts';
import { abortUpdate, transition } from './transition.ts';
import { validate } from './validate.ts';
import { type WantedVersion, wantedVersion } from './wanted-version.ts';

/** What was concluded is stored; act on it. */
const AT_ONCE_MS = 1;

/**
 * Decides what one Rollout needs now: level-triggered, from nothing but the snapshot and the time. It never throws; a
 * status or spec that makes no sense is treated as absent or reported in the InvalidSpec condition.
 *
 * Deciding again on the result changes nothing once the cluster has followed, so the order and the number of calls do not
 * matter and a controller may die between any two commands.
 *
 * @param now milliseconds since the epoch
 */
export function decideRollout(seen: RolloutSnapshot, now: number): RolloutDecision {
  const rollout = { ...seen.rollout, spec: (asObject(seen.rollout.spec) ?? {}) as unknown as Rollout['spec'] };
  const snapshot = { ...seen, rollout };
  const status = readStatus(rollout.status);
  if (rollout.metadata.deletionTimestamp !== undefined) return release(snapshot);

  const settings = settingsOf(rollout.spec);
  const wanted = wantedVersion(snapshot, status, settings);
  const problems = [...validate(snapshot, settings, wanted)];
  const stable = stableReplicaSet(snapshot, status, settings);
  const start = startOf(snapshot, status, settings, wanted, problems, stable);
  const lineup = start.lineup;

  const moved = transition({
    status,
    settings,
    lineup,
    replicaSets: start.replicaSets,
    freeCount: freeCount({ rollout, hash: lineup.currentHash ?? '', revision: start.revision }, snapshot.analysisRuns),
    held: start.held,
    now,
  });
  const stepped = step(snapshot, settings, { ...start, state: moved.state }, status, now);
  if (stepped.invalid !== undefined) problems.push(stepped.invalid);
  const promoted = promote(snapshot, settings, start, stepped.state);

  const concluded = [...moved.events, ...stepped.events, ...promoted.events];
  const events: DecisionEvent[] = [];
  if (start.newRevision !== undefined) events.push(updatedEvent(start.newRevision, wanted));
  const whole = plan({
    snapshot,
    settings,
    status,
    wanted,
    problems,
    state: promoted.state,
    lineup: promoted.lineup,
    revision: start.revision,
    newRevision: start.newRevision,
    held: start.held,
    retried: moved.retried,
    run: stepped.run,
    waitMs: stepped.waitMs,
    events: [...events, ...concluded],
    now,
  });
  const readable = seen.rollout.status === undefined ? rollout : { ...rollout, status };
  const first = storeFirst({ ...snapshot, rollout: readable }, whole);
  return first === undefined ? whole : { commands: [], status: first, events: concluded, requeueAfterMs: AT_ONCE_MS };
}

/** Which version this decision works on. */
interface Start {
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
function startOf(
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

/** Ends and begins steps of an update that goes on; a deadline that passed aborts it when the spec wants that. */
function step(
  snapshot: RolloutSnapshot,
  settings: Settings,
  start: Start & { state: RolloutStatus },
  before: RolloutStatus,
  now: number,
): Advance {
  const { lineup, state, revision } = start;
  const hash = lineup.currentHash;
  if (!isUpdating(lineup) || hash === undefined || state.abortedAt !== undefined) return { state, events: [] };
  const timedOut = findCondition(before.conditions, 'Progressing')?.reason === Reason.ProgressDeadlineExceeded;
  if (timedOut && settings.progressDeadlineAbort && !start.held && state.currentPodHash === before.currentPodHash) {
    const why = `after ${settings.progressDeadlineMs / 1000} s without progress`;
    return abortUpdate(state, settings, why, now);
  }
  if (state.promoteFull === true && !start.held) return { state, events: [] };
  // Other steps that cannot be taken up now say nothing about the index.
  if (start.held && state.currentStepHash !== settings.stepsHash) {
    return abortedByVerdict(state, settings, snapshot.analysisRuns, now) ?? { state, events: [] };
  }
  const traffic = trafficOf(snapshot, before, settings);
  return advance({
    state,
    settings,
    snapshot,
    hash,
    revision,
    held: start.held,
    reached: (weight) => reached(weight, settings, lineup, traffic),
    now,
  });
}

interface Promotion {
  state: RolloutStatus;
  lineup: Lineup;
  events: readonly DecisionEvent[];
}

/** Makes the current version the one that serves, once it has all its pods and, after its steps, all the requests. */
function promote(snapshot: RolloutSnapshot, settings: Settings, start: Start, state: RolloutStatus): Promotion {
  const { lineup, held } = start;
  const { current } = lineup;
  const unchanged = { state, lineup, events: [] };
  const first = lineup.stable === undefined;
  if (held || current === undefined || (!first && !isUpdating(lineup)) || state.abortedAt !== undefined)
    return unchanged;
  if (availablePods(current) < settings.replicas || current.metadata.resourceVersion === undefined) return unchanged;
  const stepsDone = (state.currentStepIndex ?? 0) >= settings.steps.length;
  if (!first && !stepsDone) return unchanged;
  const whole = first || state.promoteFull === true || settings.steps.length === 0;
  const traffic = trafficOf(snapshot, state, settings);
  if (!whole && settings.routed && !reached(100, settings, lineup, traffic)) return unchanged;
  const { promoteFull: _, retries: __, ...rest } = state;
  const hash = hashOf(current) ?? '';
  const how = first
    ? 'first version is complete'
    : state.promoteFull === true
      ? 'promoted in full'
      : 'all steps are done';
  const message = `Rollout completed update to revision ${start.revision} (${hash}): ${how}`;
  return {
    state: compact<RolloutStatus>({ ...rest, stableRS: hash }),
    lineup: lineupOf(start.replicaSets, hash, byHash(start.replicaSets, hash)),
    events: [{ type: 'Normal', reason: Reason.RolloutCompleted, message }],
  };
}

function updatedEvent(revision: number, wanted: WantedVersion): DecisionEvent {
  const model = wanted.state === 'known' && wanted.model !== undefined ? wanted.model : undefined;
  const what = model === undefined ? '' : ` (${model.name}/${model.version})`;
  return { type: 'Normal', reason: Reason.RolloutUpdated, message: `Rollout updated to revision ${revision}${what}` };
}

/** The Rollout is being deleted: its Services get their pods whatever makes them next. */
function release(snapshot: RolloutSnapshot): RolloutDecision {
  const { rollout, services } = snapshot;
  const mine = Object.values(services).filter(
    (service) => service.metadata.annotations?.[MANAGED_BY_ANNOTATION] === rollout.metadata.name,
  );
  return {
    commands: mine.flatMap(({ metadata: { name, resourceVersion } }) =>
      resourceVersion === undefined
        ? []
        : [{ type: 'setServiceSelector' as const, service: name, resourceVersion, hash: null }],
    ),
    status: rollout.status ?? {},
    events: [],
  };
}
