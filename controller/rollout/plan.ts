import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { type CapacityInput, capacity, testedPods, wantedPair } from './capacity.ts';
import type { Command, DecisionEvent, RolloutDecision } from './decision.ts';
import { carriedWeight } from './dynamic-stable.ts';
import { experimentBackends, recordedBackends } from './experiment-weights.ts';
import { analysisRunCommands, experimentCommands, replicaSetsToDelete } from './history.ts';
import { isUpdating, type Lineup } from './lineup.ts';
import { type WantedRoutes, wantedRoutes } from './managed-routes.ts';
import { nextStatus } from './next-status.ts';
import type { Problem } from './problem.ts';
import { availablePods, availableWith, hashOf, wantedPods } from './replica-sets.ts';
import { enoughPods } from './routed-replicas.ts';
import { weightToWrite } from './routed-weight.ts';
import { scaleCommands } from './scale-commands.ts';
import { serviceTargets } from './services.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet, RolloutSnapshot } from './snapshot.ts';
import { type CanaryScale, scaleAt, weightAt } from './steps.ts';
import { abandonedServices, pointsAtHash, type Traffic, trafficOf } from './traffic.ts';
import { serviceCommands, weightCommands } from './traffic-commands.ts';
import { creation, dressOf, extras, revisionNote } from './version-commands.ts';
import type { WantedVersion } from './wanted-version.ts';

/** Everything that was decided about the state of the release; what is left is to bring the cluster there. */
export interface PlanInput {
  snapshot: RolloutSnapshot;
  settings: Settings;
  /** The status as it was read. */
  status: RolloutStatus;
  wanted: WantedVersion;
  problems: readonly Problem[];
  /** The next state of the release. */
  state: RolloutStatus;
  lineup: Lineup;
  revision: number;
  newRevision: number | undefined;
  held: boolean;
  retried: boolean;
  run: AnalysisRun | undefined;
  experiment: Experiment | undefined;
  waitMs: number | undefined;
  /** Pods are being replaced because spec.restartAt asks for it. */
  restarting: boolean;
  events: readonly DecisionEvent[];
  now: number;
}

/**
 * One wanted set of pods, selectors and weights, and the commands towards it in the order that keeps every request
 * answered: give requests back to the stable version, add pods, point Services, give requests to the version under
 * test, take pods. Taking pods is decided from what the router has confirmed in the snapshot, never from what this very
 * decision is about to write.
 */
export function plan(input: PlanInput): RolloutDecision {
  const { snapshot, settings, state, lineup, now } = input;
  const traffic = trafficOf(snapshot, input.status, settings);
  const pods = capacityInput(input, traffic);
  const weight = routedWeight(input, traffic, pods);
  const targets = targetsOf(input, traffic, pods);
  const untouchable = new Set(input.problems.flatMap(({ service }) => service ?? []));
  const wantedPods = capacity({ ...pods, written: weight }, targets);
  const abandoned = abandonedServices(snapshot, [settings.canaryService, settings.stableService]);
  const moves = [
    [settings.stableService, targets.stable],
    [settings.canaryService, targets.canary],
  ] as const;
  const services = serviceCommands(snapshot, moves, untouchable, abandoned);
  const current = lineup.current;
  const version = current?.metadata.name ?? 'the canary';
  const backends = pods.aborted ? [] : experimentBackends(snapshot, state, settings, weight ?? 100);
  const weights =
    weight === undefined
      ? { lower: [], raise: [], events: [] }
      : weightCommands(snapshot, weight, traffic.recorded, version, {
          additional: recordedBackends(backends, input.status),
          managed: managedRoutes(input, pods),
        });
  const dress = dressOf(input);
  const scaling = scaleCommands(wantedPods, extras(input, dress), settings, (rs) => reasonFor(rs, input, pods));
  const needed = wantedPods.find(({ replicaSet }) => replicaSet === current)?.replicas ?? 0;
  const created = creation(input, needed, share(pods));

  const runs = state.canary;
  const waitedFor = [runs?.currentStepAnalysisRunStatus?.name, runs?.currentBackgroundAnalysisRunStatus?.name];
  const hashes = new Set(
    [...snapshot.replicaSets, ...(current === undefined ? [] : [current])].map((rs) => hashOf(rs) ?? ''),
  );
  const commands: Command[] = [
    ...weights.lower,
    ...created.commands,
    ...scaling.up,
    ...revisionNote(input),
    ...services.commands,
    ...weights.raise,
    ...scaling.down,
    ...(input.run === undefined ? [] : [{ type: 'createAnalysisRun' as const, run: input.run }]),
    ...(input.experiment === undefined ? [] : [{ type: 'createExperiment' as const, experiment: input.experiment }]),
    ...analysisRunCommands(snapshot.analysisRuns, waitedFor, hashes, settings),
    ...experimentCommands(snapshot.experiments, runs?.currentExperiment, hashes, settings).filter(
      (command) => command.type !== 'deleteExperiment' || !isRouted(command.name, input),
    ),
    ...replicaSetsToDelete(lineup, traffic, settings).map(
      (rs): Command => ({ type: 'deleteReplicaSet', name: rs.metadata.name, uid: rs.metadata.uid ?? '' }),
    ),
    ...dress.pods,
  ];
  const next = nextStatus({
    ...input,
    traffic,
    weight,
    backends,
    delaying: wantedPods.some(({ deadline }) => deadline !== undefined),
    created: created.commands.length > 0,
  });
  const waits = [
    input.waitMs,
    dress.waitMs,
    next.leftMs,
    ...wantedPods.map(({ deadline }) => (deadline === undefined ? undefined : deadline - now)),
  ].filter((ms) => ms !== undefined);
  return {
    commands,
    status: next.status,
    events: [
      ...input.events,
      ...(weights.lower.length > 0 ? weights.events : []),
      ...created.events,
      ...scaling.events,
      ...services.events,
      ...(weights.lower.length > 0 ? [] : weights.events),
      ...next.events,
    ],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.max(1, Math.min(...waits)) }),
  };
}

function capacityInput(input: PlanInput, traffic: Traffic): CapacityInput {
  const { settings, state, lineup, now } = input;
  const { current, stable, older } = lineup;
  return {
    settings,
    traffic,
    tested: stable === undefined || isUpdating(lineup) ? current : undefined,
    stable,
    older,
    weight: podWeight(input, traffic),
    scale: stepScale(input),
    aborted: state.abortedAt !== undefined,
    now,
  };
}

/** Percent of the pods that the version under test should have now. */
function podWeight(input: PlanInput, traffic: Traffic): number {
  const { settings, state, lineup } = input;
  if (promotesFull(input) || settings.steps.length === 0) return 100;
  if (stepsAreUnknown(input)) {
    // A blue-green preview has all its pods and none of the requests.
    if (input.status.blueGreen !== undefined) return 0;
    const { current } = lineup;
    const pods = current === undefined ? 0 : wantedPods(current);
    const share = Math.round((100 * pods) / Math.max(1, settings.replicas));
    return settings.routed ? traffic.recorded : Math.min(100, share);
  }
  return weightAt(settings.steps, state.currentStepIndex ?? 0);
}

function stepScale(input: PlanInput): CanaryScale {
  const { settings, state } = input;
  if (promotesFull(input) || stepsAreUnknown(input)) return { by: 'traffic' };
  return scaleAt(settings.steps, state.currentStepIndex ?? 0);
}

/** A person asked for it, and nothing keeps it from happening. */
function promotesFull({ held, state }: PlanInput): boolean {
  return state.promoteFull === true && !held;
}

/** The spec has other steps than those that the index counts, and they may not be taken up now. */
function stepsAreUnknown({ held, state, settings }: PlanInput): boolean {
  return held && state.currentStepHash !== settings.stepsHash;
}

function routedWeight(input: PlanInput, traffic: Traffic, pods: CapacityInput): number | undefined {
  const { snapshot, settings, lineup } = input;
  const { stable } = lineup;
  if (!settings.routed || stable === undefined || snapshot.routes.length === 0) return undefined;
  const tested = pods.aborted ? undefined : pods.tested;
  const stays = promotesFull(input) || settings.steps.length === 0 || stepsAreUnknown(input);
  // The version that serves gives up its pods on the way, so the requests cannot wait for the last pod of the new one.
  const inSteps = tested !== undefined && settings.dynamicStable && !stepsAreUnknown(input);
  const grows =
    inSteps && pods.weight > traffic.recorded && (promotesFull(input) || settings.maxPods !== Number.POSITIVE_INFINITY);
  const grown = grows
    ? Math.max(traffic.recorded, Math.min(pods.weight, carriedWeight(settings.replicas, tested)))
    : undefined;
  const behind = traffic.canary;
  return weightToWrite({
    replicas: settings.replicas,
    unavailable: settings.unavailable,
    enough: (needed) => enoughPods(settings, needed),
    dynamic: settings.dynamicStable,
    wanted: grown ?? (stays ? undefined : pods.weight),
    recorded: traffic.recorded,
    shown: traffic.shown,
    canaryReady: tested !== undefined && pointsAtHash(traffic.canary, hashOf(tested)),
    currentAvailable: tested === undefined ? 0 : availablePods(tested),
    behindCanary:
      behind.at === 'hash'
        ? availableWith(snapshot.replicaSets, behind.hash)
        : behind.at === 'all'
          ? availablePods(stable)
          : 0,
    stableReady: traffic.stable.at === 'all' || pointsAtHash(traffic.stable, hashOf(stable)),
    stableAvailable: availablePods(stable),
  });
}

/** What the routers are to do beside the weights; with a spec that cannot be acted on, what they do. */
function managedRoutes(input: PlanInput, pods: CapacityInput): WantedRoutes | undefined {
  const unknown = input.problems.length > 0 || stepsAreUnknown(input);
  return wantedRoutes(pods, { index: input.state.currentStepIndex ?? 0, unknown });
}

function targetsOf(input: PlanInput, traffic: Traffic, pods: CapacityInput) {
  const { settings, snapshot, lineup } = input;
  // With no pods at all the Service still shows where the release is.
  const wants = testedPods(pods) > 0 || (settings.replicas === 0 && pods.weight > 0);
  const tested = pods.aborted || !wants ? undefined : pods.tested;
  return serviceTargets({
    traffic,
    replicas: settings.replicas,
    least: settings.least,
    routed: settings.routed,
    dynamic: settings.dynamicStable,
    stable: lineup.stable,
    tested,
    replaced: !settings.routed && tested !== undefined && wantedPair(pods).stable === 0,
    available: (hash) => availableWith(snapshot.replicaSets, hash),
  });
}

function reasonFor(rs: ReplicaSet, input: PlanInput, pods: CapacityInput): string {
  if (rs === pods.tested) return pods.aborted ? 'aborted' : share(pods);
  if (rs === input.lineup.stable) return `stable, ${input.settings.replicas} in all`;
  return 'no longer used';
}

function share({ stable, weight, settings }: CapacityInput): string {
  return stable === undefined ? `first version, ${settings.replicas} in all` : `${weight} % of ${settings.replicas}`;
}

/** Requests may still go to the pods of an Experiment: they are not to go with it. */
function isRouted(name: string, { snapshot, status }: PlanInput): boolean {
  const recorded = status.canary?.weights?.additional ?? [];
  const made = snapshot.experiments.find(({ metadata }) => metadata.name === name)?.status?.templateStatuses ?? [];
  return made.some((one) => recorded.some(({ serviceName }) => serviceName === one.serviceName));
}
