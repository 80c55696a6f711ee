import { findCondition } from '../api/conditions.ts';
import type { Rollout, RolloutStatus } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { type Advance, abortedByVerdict, advance } from './advance.ts';
import { freeCount } from './analysis-step.ts';
import { background } from './background-analysis.ts';
import { advanceBlueGreen, previewReady } from './blue-green/advance.ts';
import { planBlueGreen } from './blue-green/plan.ts';
import { blueGreenTraffic } from './blue-green/traffic.ts';
import { changedConfig } from './config/changed-config.ts';
import type { DecisionEvent, RolloutDecision } from './decision.ts';
import { byHash, isUpdating, stableReplicaSet } from './lineup.ts';
import { routesAt, routesSettled } from './managed-routes.ts';
import { asObject } from './plain.ts';
import { type PlanInput, plan } from './plan.ts';
import { promote } from './promote.ts';
import { reached } from './reached.ts';
import { readStatus } from './read-status.ts';
import { restart, withEvictions } from './restart.ts';
import { type Settings, settingsOf } from './settings.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import { type Start, startOf } from './start.ts';
import { scaleAt, weightAt } from './steps.ts';
import { storeFirst } from './store-first.ts';
import { pointsAtHash, trafficOf } from './traffic.ts';
import { abortUpdate, transition } from './transition.ts';
import { unreadable } from './unreadable.ts';
import { strategyProblem, validate } from './validate.ts';
import { type WantedVersion, wantedVersion } from './wanted-version.ts';
import { withWorkloadScaling } from './workload-scaling.ts';

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

  const unclear = strategyProblem(rollout.spec);
  if (unclear !== undefined) return unreadable(snapshot, status, unclear, now);

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
    freeCount: freeCount({ rollout, hash: lineup.currentHash ?? '', revision: start.revision }, [
      ...snapshot.analysisRuns,
      ...snapshot.experiments,
    ]),
    held: start.held,
    now,
  });
  const stepped = step(snapshot, settings, { ...start, state: moved.state }, status, now);
  if (stepped.invalid !== undefined) problems.push(stepped.invalid);
  const promoted = promote(snapshot, settings, start, stepped.state);

  const restarted = restart(promoted.state, promoted.lineup, snapshot.pods, settings, now);

  // A run or an Experiment that is made for a state that is not stored would be taken for that of an earlier one by the next process.
  const begun =
    (stepped.run === undefined && stepped.experiment === undefined) ||
    (status.currentPodHash === stepped.state.currentPodHash && status.retries === stepped.state.retries);
  const concluded = [...moved.events, ...stepped.events, ...promoted.events];
  if (!restarted.restarting) concluded.push(...restarted.events);
  const events: DecisionEvent[] = [];
  if (start.newRevision !== undefined) events.push(updatedEvent(start.newRevision, wanted, snapshot, status));
  const input: PlanInput = {
    snapshot,
    settings,
    status,
    wanted,
    problems,
    state: restarted.state,
    lineup: promoted.lineup,
    revision: start.revision,
    newRevision: start.newRevision,
    held: start.held,
    retried: moved.retried,
    run: begun ? stepped.run : undefined,
    experiment: begun ? stepped.experiment : undefined,
    waitMs: earlier(earlier(stepped.waitMs, restarted.waitMs), begun ? undefined : AT_ONCE_MS),
    restarting: restarted.restarting,
    events: [...events, ...concluded],
    now,
  };
  const whole = settings.blueGreen === undefined ? plan(input) : planBlueGreen(input, settings.blueGreen);
  const readable = seen.rollout.status === undefined ? rollout : { ...rollout, status };
  const first = storeFirst({ ...snapshot, rollout: readable }, whole, settings.steps);
  return first === undefined
    ? withWorkloadScaling(withEvictions(whole, restarted), snapshot, promoted.lineup, settings)
    : { commands: [], status: first, events: concluded, requeueAfterMs: AT_ONCE_MS };
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
  const { blueGreen } = settings;
  if (blueGreen !== undefined) {
    const { active, preview } = blueGreenTraffic(snapshot.services, blueGreen);
    return advanceBlueGreen({
      state,
      settings,
      snapshot,
      hash,
      revision,
      held: start.held,
      blueGreen,
      previewReady: lineup.current !== undefined && previewReady(lineup.current, preview, blueGreen),
      active: pointsAtHash(active, hash),
      now,
    });
  }
  // Other steps that cannot be taken up now say nothing about the index.
  if (start.held && state.currentStepHash !== settings.stepsHash) {
    return abortedByVerdict(state, settings, snapshot, now) ?? { state, events: [] };
  }
  const beside = background({ state, settings, snapshot, hash, revision, held: start.held, now });
  if (!beside.goesOn) return beside;
  const traffic = trafficOf(snapshot, before, settings);
  const stepped = advance({
    state: beside.state,
    settings,
    snapshot,
    hash,
    revision,
    held: start.held,
    reached: (index) =>
      reached(weightAt(settings.steps, index), scaleAt(settings.steps, index), settings, lineup, traffic) &&
      (!settings.routed || routesSettled(snapshot, routesAt(settings, index))),
    now,
  });
  return { ...stepped, events: [...beside.events, ...stepped.events] };
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function updatedEvent(
  revision: number,
  wanted: WantedVersion,
  { replicaSets }: RolloutSnapshot,
  { currentPodHash = '' }: RolloutStatus,
): DecisionEvent {
  const known = wanted.state === 'known' ? wanted : undefined;
  const changed = changedConfig(byHash(replicaSets, currentPodHash), known);
  const model = known?.model && `${known.model.name}/${known.model.version}`;
  const what = changed === undefined ? model : `${changed} changed`;
  const message = `Rollout updated to revision ${revision}${what === undefined ? '' : ` (${what})`}`;
  return { type: 'Normal', reason: Reason.RolloutUpdated, message };
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
