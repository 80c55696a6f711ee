import type { Command, RolloutDecision } from '../decision.ts';
import { analysisRunCommands, experimentCommands, replicaSetsToDelete } from '../history.ts';
import { isUpdating } from '../lineup.ts';
import { nextStatus } from '../next-status.ts';
import type { PlanInput } from '../plan.ts';
import { availableWith, hashOf } from '../replica-sets.ts';
import { scaleCommands } from '../scale-commands.ts';
import type { ReplicaSet } from '../snapshot.ts';
import { abandonedServices, type Pointer, trafficOf } from '../traffic.ts';
import { serviceCommands } from '../traffic-commands.ts';
import { creation, dressOf, extras, revisionNote } from '../version-commands.ts';
import { type BlueGreenCapacityInput, blueGreenCapacity, isDue } from './capacity.ts';
import { type BlueGreenTargets, blueGreenTargets } from './services.ts';
import type { BlueGreenSettings } from './settings.ts';
import { isReleased } from './state.ts';
import { blueGreenTraffic } from './traffic.ts';

/**
 * The commands towards what was decided. The Services come first: they move only to pods that serve already in the snapshot,
 * and an abort must not wait for anything. Pods are taken last, and only from what the snapshot shows without requests.
 */
export function planBlueGreen(input: PlanInput, blueGreen: BlueGreenSettings): RolloutDecision {
  const { snapshot, settings, state, lineup, now } = input;
  const traffic = blueGreenTraffic(snapshot.services, blueGreen);
  const { current, stable, older } = lineup;
  const pods: BlueGreenCapacityInput = {
    settings,
    blueGreen,
    traffic,
    tested: stable === undefined || isUpdating(lineup) ? current : undefined,
    stable,
    older,
    released: isReleased(state),
    aborted: state.abortedAt !== undefined,
    now,
  };
  const untouchable = new Set(input.problems.flatMap(({ service }) => service ?? []));
  const targets = withoutUntouchable(
    blueGreenTargets({
      traffic,
      replicas: settings.replicas,
      least: settings.least,
      previewReplicas: blueGreen.previewReplicas,
      stable,
      tested: pods.tested,
      released: pods.released,
      aborted: pods.aborted,
      held: input.held,
      due: isDue(pods),
      available: (hash) => availableWith(snapshot.replicaSets, hash),
    }),
    blueGreen,
    untouchable,
  );
  const wanted = blueGreenCapacity(pods, targets);
  const services = serviceCommands(
    snapshot,
    [
      [blueGreen.activeService, targets.active],
      [blueGreen.previewService, targets.preview],
    ],
    untouchable,
    abandonedServices(snapshot, [blueGreen.activeService, blueGreen.previewService]),
  );
  const why = (rs: ReplicaSet): string => reasonFor(rs, input, pods);
  const dress = dressOf(input);
  const scaling = scaleCommands(wanted, extras(input, dress), settings, why);
  const needed = wanted.find(({ replicaSet }) => replicaSet === current)?.replicas ?? 0;
  const created = creation(input, needed, current === undefined ? '' : why(current));
  const { prePromotionAnalysisRunStatus: before, postPromotionAnalysisRunStatus: after } = state.blueGreen ?? {};
  const versions = [...snapshot.replicaSets, ...(current === undefined ? [] : [current])];
  const hashes = new Set(versions.map((rs) => hashOf(rs) ?? ''));
  const commands: Command[] = [
    ...services.commands,
    ...created.commands,
    ...scaling.up,
    ...revisionNote(input),
    ...scaling.down,
    ...(input.run === undefined ? [] : [{ type: 'createAnalysisRun' as const, run: input.run }]),
    ...analysisRunCommands(snapshot.analysisRuns, [before?.name, after?.name], hashes, settings),
    // Of a time when it was a canary.
    ...experimentCommands(snapshot.experiments, undefined, hashes, settings),
    ...replicaSetsToDelete(lineup, traffic, settings).map(
      (rs): Command => ({ type: 'deleteReplicaSet', name: rs.metadata.name, uid: rs.metadata.uid ?? '' }),
    ),
    ...dress.pods,
  ];
  const deadlines = wanted.flatMap(({ deadline }) => (deadline === undefined || deadline <= now ? [] : deadline));
  const next = nextStatus({
    ...input,
    traffic: trafficOf(snapshot, input.status, settings),
    weight: undefined,
    selectors: {
      active: pointedAt(targets.active, traffic.active),
      preview: pointedAt(targets.preview, traffic.preview),
    },
    delaying: deadlines.length > 0,
    created: created.commands.length > 0,
  });
  const waits = [input.waitMs, dress.waitMs, next.leftMs, ...deadlines.map((deadline) => deadline - now)].filter(
    (ms) => ms !== undefined,
  );
  return {
    commands,
    status: next.status,
    events: [...input.events, ...services.events, ...created.events, ...scaling.events, ...next.events],
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.max(1, Math.min(...waits)) }),
  };
}

/** The hash that a Service has after the commands. */
function pointedAt(target: string | undefined, pointer: Pointer): string | undefined {
  return target ?? (pointer.at === 'hash' ? pointer.hash : undefined);
}

/** What must not be written gets nothing, so that nobody counts on it. */
function withoutUntouchable(
  { active, preview }: BlueGreenTargets,
  { activeService = '', previewService = '' }: BlueGreenSettings,
  untouchable: ReadonlySet<string>,
): BlueGreenTargets {
  return {
    active: untouchable.has(activeService) ? undefined : active,
    preview: untouchable.has(previewService) ? undefined : preview,
  };
}

function reasonFor(rs: ReplicaSet, { lineup, settings }: PlanInput, pods: BlueGreenCapacityInput): string {
  if (rs === lineup.stable) return `stable, ${settings.replicas} in all`;
  if (rs !== pods.tested) return 'no longer used';
  if (lineup.stable === undefined) return `first version, ${settings.replicas} in all`;
  if (pods.aborted) return 'aborted';
  return pods.released ? 'for the promotion' : 'preview';
}
