import { timestamp } from '../api/conditions.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import type { Command, DecisionEvent, TemplatePatch } from './decision.ts';
import { deadlineOf, wantedPods } from './replica-sets.ts';
import type { Wanted } from './retire.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';

/** A write to an existing ReplicaSet that something else than the number of pods asks for. */
export interface Extra {
  annotations?: Record<string, string | null>;
  template?: TemplatePatch;
}

/** The writes that bring one ReplicaSet to what is wanted. */
export interface Scaling {
  up: readonly Command[];
  down: readonly Command[];
  events: readonly DecisionEvent[];
}

/**
 * Commands for ReplicaSets that exist: those that add pods, or change nothing about them, before the requests move, those
 * that take pods after. `why` says which share of the requests the pods are for.
 */
export function scaleCommands(
  wanted: readonly Wanted[],
  extras: ReadonlyMap<ReplicaSet, Extra>,
  settings: Settings,
  why: (replicaSet: ReplicaSet) => string,
): Scaling {
  const up: Command[] = [];
  const down: Command[] = [];
  const events: DecisionEvent[] = [];
  for (const one of wanted) {
    const { replicaSet, replicas } = one;
    const { resourceVersion, name } = replicaSet.metadata;
    // Made in this decision: it is created with what it needs.
    if (resourceVersion === undefined) continue;
    const now = wantedPods(replicaSet);
    const extra = extras.get(replicaSet);
    const annotations: Record<string, string | null> = { ...deadlineChange(one), ...extra?.annotations };
    const ready = replicaSet.spec.minReadySeconds ?? 0;
    const noted = Object.keys(annotations).length > 0 || extra?.template !== undefined;
    if (replicas === now && !noted && ready === settings.minReadySeconds) continue;
    const reason = why(replicaSet);
    const command: Command = {
      type: 'updateReplicaSet',
      name,
      resourceVersion,
      ...(replicas === now ? {} : { replicas }),
      ...(ready === settings.minReadySeconds ? {} : { minReadySeconds: settings.minReadySeconds }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(extra?.template === undefined ? {} : { template: extra.template }),
      why: reason,
    };
    (replicas < now ? down : up).push(command);
    if (replicas !== now) events.push(scalingEvent(name, now, replicas, reason));
  }
  return { up, down, events };
}

export function scalingEvent(name: string, from: number, to: number, why: string): DecisionEvent {
  const message = `Scaled ${to > from ? 'up' : 'down'} ReplicaSet ${name} from ${from} to ${to} (${why})`;
  return { type: 'Normal', reason: Reason.ScalingReplicaSet, message };
}

/** The deadline is written once; null takes away one that no longer holds. */
function deadlineChange({ replicaSet, deadline }: Wanted): Record<string, string | null> {
  const noted = replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION];
  if (deadline === undefined) return noted === undefined ? {} : { [SCALE_DOWN_DEADLINE_ANNOTATION]: null };
  return deadlineOf(replicaSet) === deadline ? {} : { [SCALE_DOWN_DEADLINE_ANNOTATION]: timestamp(deadline) };
}
