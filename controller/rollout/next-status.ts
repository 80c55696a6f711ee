import { findCondition } from '../api/conditions.ts';
import type { RolloutStatus, RolloutStatusCanaryWeights, RolloutStatusModelCurrent } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { blueGreenStatus, type Selectors, servingCounts, waitsForVerdict } from './blue-green/status.ts';
import type { DecisionEvent } from './decision.ts';
import { backendRecord, type ExperimentBackend, hasAdditional, sumOf } from './experiment-weights.ts';
import { isUpdating } from './lineup.ts';
import { modelStatus } from './model-status.ts';
import { phaseOf } from './phase.ts';
import { compact } from './plain.ts';
import type { PlanInput } from './plan.ts';
import { describeProblems } from './problem.ts';
import { hasProgress, type ProgressClock, progressClock } from './progress.ts';
import { identityOf } from './replica-sets.ts';
import { selectorText } from './selector.ts';
import { BY_SPEC, statusConditions } from './status-conditions.ts';
import { type Step, stepText } from './steps.ts';
import type { Traffic } from './traffic.ts';

export interface NextStatusInput extends PlanInput {
  traffic: Traffic;
  /** The weight that is written; undefined without traffic routing. */
  weight: number | undefined;
  /** What the Experiment of the step is to get of the requests. */
  backends?: readonly ExperimentBackend[];
  /** Where the Services of a blue-green Rollout point; undefined with another strategy. */
  selectors?: Selectors;
  /** Pods are kept for a while before they go. */
  delaying: boolean;
  /** A ReplicaSet is made in this decision. */
  created: boolean;
}

export interface NextStatus {
  status: RolloutStatus;
  events: readonly DecisionEvent[];
  /** Milliseconds until the progress deadline; undefined while it does not run. */
  leftMs: number | undefined;
}

/** The whole status after this decision. */
export function nextStatus(input: NextStatusInput): NextStatus {
  const { snapshot, settings, status: before, wanted, lineup, now } = input;
  const counted = compact<RolloutStatus>({
    ...input.state,
    ...podCounts(input),
    observedGeneration: snapshot.rollout.metadata.generation,
    workloadObservedGeneration: snapshot.workload?.state === 'found' ? snapshot.workload.generation : undefined,
    step: stepText(settings.steps, input.state.currentStepIndex),
    collisionCount: collisions(input),
    canary: canaryStatus(input),
    blueGreen: input.selectors && blueGreenStatus(input.state, lineup, input.selectors),
  });
  const model = modelStatus({
    before: before.model,
    state: counted,
    current: currentModel(input),
    stable: lineup.stable,
  });
  const clock = clockOf(input, counted);
  const conditions = statusConditions({
    snapshot,
    settings,
    wanted,
    problems: input.problems,
    state: counted,
    current: lineup.current,
    traffic: input.traffic,
    clock,
    happened: input.created ? 'created' : input.retried ? 'retried' : undefined,
    progressed: hasProgress(before, counted),
    before: before.conditions ?? [],
    now,
  });
  const { phase, message } = phaseOf({ ...counted, conditions }, settings, wanted, input.restarting);
  const status = compact<RolloutStatus>({ ...counted, model, conditions, phase, message });
  return { status, events: changeEvents(before, status, input), leftMs: clock.leftMs };
}

function podCounts({ snapshot, lineup, selectors }: NextStatusInput): Partial<RolloutStatus> {
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number =>
    snapshot.replicaSets.reduce((total, rs) => total + (rs.status?.[field] ?? 0), 0);
  const all = {
    replicas: sum('replicas'),
    HPAReplicas: sum('replicas'),
    readyReplicas: sum('readyReplicas'),
    availableReplicas: sum('availableReplicas'),
    updatedReplicas: lineup.current?.status?.replicas ?? 0,
    selector: selectorText(snapshot.rollout.spec.selector ?? {}),
  };
  return selectors === undefined ? all : servingCounts(snapshot, selectors, all);
}

function collisions({ wanted, status, held }: PlanInput): number | undefined {
  if (held || wanted.state !== 'known' || wanted.identity.state !== 'new') return status.collisionCount;
  return wanted.identity.collisions === 0 ? status.collisionCount : wanted.identity.collisions;
}

function canaryStatus({
  state,
  weight,
  traffic,
  settings,
  backends = [],
  status,
  snapshot,
}: NextStatusInput): RolloutStatus['canary'] {
  const run = state.canary?.currentStepAnalysisRunStatus;
  const beside = state.canary?.currentBackgroundAnalysisRunStatus;
  const at = (pointer: Traffic['canary']): string | undefined => (pointer.at === 'hash' ? pointer.hash : undefined);
  const share = (percent: number, serviceName: string | undefined, podTemplateHash: string | undefined) =>
    compact<RolloutStatusCanaryWeights['canary']>({ weight: percent, serviceName, podTemplateHash });
  const additional = backendRecord(backends, status, snapshot.routes);
  const given = snapshot.routes.every((route) => hasAdditional(route, backends));
  const weights: RolloutStatusCanaryWeights | undefined =
    weight === undefined
      ? undefined
      : {
          canary: share(weight, settings.canaryService, at(traffic.canary)),
          stable: share(100 - weight - sumOf(backends), settings.stableService, at(traffic.stable)),
          ...(additional.length > 0 ? { additional } : {}),
          verified: traffic.settledAt(weight) && given,
        };
  const experiment = state.canary?.currentExperiment;
  if ([weights, run, beside, experiment].every((one) => one === undefined)) return undefined;
  return compact<NonNullable<RolloutStatus['canary']>>({
    weights,
    currentExperiment: experiment,
    currentStepAnalysisRunStatus: run,
    currentBackgroundAnalysisRunStatus: beside,
  });
}

/** The version that is rolled out: as its ReplicaSet was made, or as it is about to be. */
function currentModel({ wanted, lineup, status }: PlanInput): RolloutStatusModelCurrent | undefined {
  const { current } = lineup;
  const made = current === undefined ? undefined : identityOf(current);
  if (made !== undefined) return made;
  if (wanted.state !== 'known') return status.model?.current;
  return wanted.identity.hash === lineup.currentHash ? wanted.model : undefined;
}

function clockOf(input: NextStatusInput, after: RolloutStatus): ProgressClock {
  const { settings, status, state, lineup, problems } = input;
  const progressing = findCondition(status.conditions, 'Progressing');
  const since = Date.parse(progressing?.lastUpdateTime ?? '');
  const underway = lineup.current !== undefined && (lineup.stable === undefined || isUpdating(lineup));
  const step = settings.steps[state.currentStepIndex ?? 0];
  const asked = settings.blueGreen === undefined ? isWaitingStep(step) : waitsForVerdict(state);
  const waiting = isUpdating(lineup) && state.promoteFull !== true && asked;
  return progressClock({
    before: status,
    after,
    since: Number.isNaN(since) ? undefined : since,
    timedOut: progressing?.reason === Reason.ProgressDeadlineExceeded,
    running:
      underway && !input.held && problems.length === 0 && state.abortedAt === undefined && !waiting && !input.delaying,
    ranBefore: progressing?.lastUpdateTime !== undefined,
    deadlineMs: settings.progressDeadlineMs,
    now: input.now,
  });
}

function isWaitingStep(step: Step | undefined): boolean {
  return step?.kind === 'pause' || step?.kind === 'analysis' || step?.kind === 'experiment';
}

/** Events for what only shows in the status. */
function changeEvents(before: RolloutStatus, after: RolloutStatus, input: NextStatusInput): DecisionEvent[] {
  const events: DecisionEvent[] = [];
  const turned = (type: string, match: (reason: string) => boolean) => {
    const was = findCondition(before.conditions, type);
    const is = findCondition(after.conditions, type);
    const fresh = is !== undefined && match(is.reason) && (was?.reason !== is.reason || was.message !== is.message);
    return fresh ? is : undefined;
  };
  if (input.problems.length > 0) {
    const invalid = turned('InvalidSpec', () => true);
    if (invalid !== undefined) {
      events.push({ type: 'Warning', reason: Reason.InvalidSpec, message: describeProblems(input.problems) });
    }
  }
  const paused = findCondition(after.conditions, 'Paused');
  if (input.settings.paused !== (findCondition(before.conditions, 'Paused')?.message === BY_SPEC)) {
    const { reason, message } = input.settings.paused
      ? { reason: Reason.RolloutPaused, message: 'Paused: spec.paused is true' }
      : { reason: Reason.RolloutResumed, message: 'Resumed: spec.paused is no longer true' };
    if (paused !== undefined) events.push({ type: 'Normal', reason, message });
  }
  const timedOut = turned('Progressing', (reason) => reason === Reason.ProgressDeadlineExceeded);
  if (timedOut !== undefined && findCondition(before.conditions, 'Progressing')?.reason !== timedOut.reason) {
    events.push({ type: 'Warning', reason: Reason.ProgressDeadlineExceeded, message: timedOut.message });
  }
  const refused = turned('TrafficRouted', (reason) => reason === Reason.TrafficRoutingError);
  if (refused !== undefined) {
    events.push({ type: 'Warning', reason: Reason.TrafficRoutingError, message: refused.message });
  }
  const model = turned('ModelResolved', () => true);
  if (model !== undefined && model.status !== 'True' && model.reason !== Reason.ModelPending) {
    events.push({ type: 'Warning', reason: model.reason, message: model.message });
  }
  const config = turned('ConfigResolved', () => true);
  if (config !== undefined && config.status === 'False') {
    events.push({ type: 'Warning', reason: config.reason, message: config.message });
  }
  return events;
}
