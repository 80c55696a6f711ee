import {
  type Condition,
  findCondition,
  type NewCondition,
  removeCondition,
  setCondition,
  timestamp,
} from '../api/conditions.ts';
import type { RolloutStatus, RolloutStatusCondition } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { isAtCurrent } from './blue-green/status.ts';
import { objectText } from './config/mark.ts';
import { asList, asObject, asText } from './plain.ts';
import { describeProblems, type Problem } from './problem.ts';
import type { ProgressClock } from './progress.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot } from './snapshot.ts';
import { stepText } from './steps.ts';
import type { Traffic } from './traffic.ts';
import type { WantedVersion } from './wanted-version.ts';

export interface ConditionsInput {
  snapshot: RolloutSnapshot;
  settings: Settings;
  wanted: WantedVersion;
  problems: readonly Problem[];
  /** The next status but for its conditions. */
  state: RolloutStatus;
  current: ReplicaSet | undefined;
  traffic: Traffic;
  clock: ProgressClock;
  /** What happened in this decision. */
  happened: 'created' | 'retried' | undefined;
  /** Pods, steps or the version moved on in this decision. */
  progressed: boolean;
  before: readonly RolloutStatusCondition[];
  now: number;
}

/** Message of the Paused condition while a person keeps the Rollout from taking steps. */
export const BY_SPEC = 'spec.paused is true';

type Said = Omit<NewCondition, 'type' | 'observedGeneration'>;

/** All conditions of the Rollout; those of other writers stay as they are. */
export function statusConditions(input: ConditionsInput): RolloutStatusCondition[] {
  const generation = input.snapshot.rollout.metadata.generation;
  const said: Record<string, Said | undefined> = {
    InvalidSpec: invalidSpec(input),
    ModelResolved: modelResolved(input),
    ConfigResolved: configResolved(input),
    Available: available(input),
    Progressing: progressing(input),
    Paused: pausedCondition(input),
    Completed: completed(input),
    Healthy: healthy(input),
    TrafficRouted: trafficRouted(input),
    ReplicaFailure: replicaFailure(input),
  };
  let conditions: readonly Condition[] = input.before;
  for (const [type, value] of Object.entries(said)) {
    conditions =
      value === undefined
        ? removeCondition(conditions, type)
        : setCondition(
            conditions,
            { type, ...value, ...(generation === undefined ? {} : { observedGeneration: generation }) },
            input.now,
          );
  }
  return conditions.map((condition) =>
    condition.type === 'Progressing' ? withClock(condition, input.clock) : condition,
  );
}

/** lastUpdateTime is the start of the progress deadline; it is there only while the clock runs. */
function withClock(condition: RolloutStatusCondition, clock: ProgressClock): RolloutStatusCondition {
  const { lastUpdateTime: _, ...rest } = condition;
  return clock.leftMs === undefined && !clock.timedOut
    ? rest
    : { ...rest, lastUpdateTime: timestamp(Math.ceil(clock.since / 1000) * 1000) };
}

function invalidSpec({ problems }: ConditionsInput): Said | undefined {
  return problems.length === 0
    ? undefined
    : { status: 'True', reason: Reason.InvalidSpec, message: describeProblems(problems) };
}

function modelResolved({ settings, wanted, snapshot }: ConditionsInput): Said | undefined {
  if (settings.model === undefined) return undefined;
  if (wanted.state === 'blocked' && wanted.about === undefined) {
    return { status: wanted.by === 'pending' ? 'Unknown' : 'False', reason: wanted.code, message: wanted.message };
  }
  const { model } = snapshot;
  if (model.state === 'refused') {
    const message = `${model.message}; what runs goes on with the version as it was resolved`;
    return { status: 'False', reason: model.code, message };
  }
  const what = `${settings.model.name}/${settings.model.version}`;
  const from = wanted.state === 'known' && wanted.model?.uri !== undefined ? ` from ${wanted.model.uri}` : '';
  return { status: 'True', reason: Reason.ModelResolved, message: `${what}${from}` };
}

function configResolved({ snapshot: { config } }: ConditionsInput): Said | undefined {
  if (config === undefined) return undefined;
  switch (config.state) {
    case 'known': {
      const read = Object.keys(config.mark).map(objectText);
      const message =
        read.length === 0 ? 'the template reads none' : `a change of ${read.join(', ')} is a new revision`;
      return { status: 'True', reason: Reason.ConfigResolved, message };
    }
    case 'pending':
      return { status: 'Unknown', reason: Reason.ConfigPending, message: config.message };
    case 'missing':
      return { status: 'False', reason: Reason.ConfigMissing, message: config.message };
    case 'unavailable':
      return { status: 'False', reason: Reason.ConfigUnavailable, message: config.message };
  }
}

function available({ state, settings }: ConditionsInput): Said {
  const { least } = settings;
  const count = state.availableReplicas ?? 0;
  const message = `${count} pods are available, ${least} are needed`;
  return count >= least
    ? { status: 'True', reason: Reason.AvailableReason, message }
    : { status: 'False', reason: Reason.ReplicaSetNotAvailable, message };
}

function progressing(input: ConditionsInput): Said {
  const { state, settings, wanted, problems, current, clock } = input;
  const name = current?.metadata.name ?? '';
  if (state.abortedAt !== undefined) {
    return { status: 'False', reason: Reason.RolloutAborted, message: state.abortMessage ?? 'Rollout aborted' };
  }
  if (problems.length > 0) {
    return { status: 'Unknown', reason: Reason.InvalidSpec, message: 'the spec cannot be acted on' };
  }
  if (wanted.state === 'blocked') return { status: 'Unknown', reason: wanted.code, message: wanted.message };
  if (settings.paused || state.pauseConditions !== undefined) {
    const step = stepText(settings.steps, state.currentStepIndex);
    const reason = state.pauseConditions?.[0]?.reason ?? '';
    const why = settings.paused ? BY_SPEC : step === undefined ? reason : `${reason} after step ${step}`;
    return { status: 'Unknown', reason: Reason.RolloutPaused, message: why };
  }
  const counts = `${state.updatedReplicas ?? 0} of ${settings.replicas} pods updated, ${state.availableReplicas ?? 0} available in all`;
  if (clock.timedOut) {
    const seconds = settings.progressDeadlineMs / 1000;
    const message = `ReplicaSet "${name}" made no progress for ${seconds} s: ${counts}`;
    return { status: 'False', reason: Reason.ProgressDeadlineExceeded, message };
  }
  if (isDone(input)) {
    return { status: 'True', reason: Reason.NewReplicaSetAvailable, message: `ReplicaSet "${name}" has progressed` };
  }
  const before = findCondition(input.before, 'Progressing');
  const sticky = !input.progressed && input.happened === undefined;
  if (input.happened === 'retried' || (sticky && before?.reason === Reason.RolloutRetry)) {
    return { status: 'Unknown', reason: Reason.RolloutRetry, message: 'the update was started over' };
  }
  const found = before === undefined && input.happened === undefined && current !== undefined;
  if (found || (sticky && before?.reason === Reason.FoundNewReplicaSet)) {
    return { status: 'True', reason: Reason.FoundNewReplicaSet, message: `Found ReplicaSet "${name}"` };
  }
  if (input.happened === 'created' || (sticky && before?.reason === Reason.NewReplicaSetCreated)) {
    return { status: 'True', reason: Reason.NewReplicaSetCreated, message: `Created ReplicaSet "${name}"` };
  }
  return {
    status: 'True',
    reason: Reason.ReplicaSetUpdated,
    message: `ReplicaSet "${name}" is progressing: ${counts}`,
  };
}

function pausedCondition({ state, settings, before }: ConditionsInput): Said | undefined {
  if (settings.paused) return { status: 'True', reason: Reason.RolloutPaused, message: BY_SPEC };
  const pause = state.pauseConditions?.[0];
  if (pause !== undefined) {
    const message = `${pause.reason} since ${pause.startTime}`;
    return { status: 'True', reason: Reason.RolloutPaused, message };
  }
  return findCondition(before, 'Paused') === undefined
    ? undefined
    : { status: 'False', reason: Reason.RolloutResumed, message: 'no pause' };
}

function completed({ state, wanted }: ConditionsInput): Said {
  const done = isCurrent(state, wanted);
  return done
    ? {
        status: 'True',
        reason: Reason.RolloutCompleted,
        message: `${state.stableRS} is what the spec asks for and serves`,
      }
    : {
        status: 'False',
        reason: Reason.RolloutNotCompleted,
        message: 'the version that the spec asks for is not promoted',
      };
}

function healthy(input: ConditionsInput): Said {
  const unsettled = input.wanted.state === 'known' && input.wanted.unsettled !== undefined;
  return isDone(input) && input.problems.length === 0 && !unsettled
    ? {
        status: 'True',
        reason: Reason.RolloutHealthy,
        message: `${input.settings.replicas} pods serve${input.settings.blueGreen === undefined ? ', no others are left' : ''}`,
      }
    : {
        status: 'False',
        reason: Reason.RolloutNotHealthy,
        message: 'an update is under way, or pods are missing or left over',
      };
}

function isDone({ state, settings, wanted }: ConditionsInput): boolean {
  const n = settings.replicas;
  return (
    isCurrent(state, wanted) &&
    (state.updatedReplicas ?? 0) === n &&
    (state.availableReplicas ?? 0) === n &&
    // Old pods that wait for the end of their delay are no trouble of a blue-green Rollout.
    (settings.blueGreen === undefined
      ? (state.replicas ?? 0) === n
      : isAtCurrent(state, settings.blueGreen.previewService !== undefined))
  );
}

function isCurrent(state: RolloutStatus, wanted: WantedVersion): boolean {
  return wanted.state === 'known' && state.stableRS !== undefined && state.stableRS === wanted.identity.hash;
}

function trafficRouted({ settings, state, traffic }: ConditionsInput): Said | undefined {
  const weight = state.canary?.weights?.canary.weight;
  if (!settings.routed || weight === undefined) return undefined;
  const share = `${weight} % to ${settings.canaryService}, ${100 - weight} % to ${settings.stableService}`;
  const { unsettled } = traffic;
  if (unsettled !== undefined) {
    const reason = unsettled.state === 'refused' ? Reason.TrafficRoutingError : Reason.TrafficPending;
    return { status: 'False', reason, message: unsettled.message };
  }
  return state.canary?.weights?.verified === true
    ? { status: 'True', reason: Reason.TrafficAccepted, message: share }
    : { status: 'False', reason: Reason.TrafficPending, message: `${share}: not seen in the routes yet` };
}

/** Pods of the current version that cannot be created, for example for lack of quota. */
function replicaFailure({ current }: ConditionsInput): Said | undefined {
  const conditions = asList((current?.status as { conditions?: unknown } | undefined)?.conditions).map(asObject);
  const failure = conditions.find((c) => c?.['type'] === 'ReplicaFailure' && c['status'] === 'True');
  if (failure === undefined) return undefined;
  const reason = asText(failure['reason']) ?? 'FailedCreate';
  return { status: 'True', reason, message: (asText(failure['message']) ?? '').replace(/\s+/g, ' ').slice(0, 1000) };
}
