import { timestamp } from '../../api/conditions.ts';
import type { Experiment, ExperimentSpecTemplate as Template } from '../../api/generated/experiment.ts';
import { SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/names.ts';
import type { AnyCommand, DecisionEvent } from '../decision.ts';
import { createdPods, deadlineOf, wantedPods } from '../replica-sets.ts';
import { retire } from '../retire.ts';
import { scalingEvent } from '../scale-commands.ts';
import type { ReplicaSet, Service } from '../snapshot.ts';
import { experimentReplicaSet, experimentService } from './objects.ts';

/** What one template has and should have. */
export interface TemplateParts {
  /** undefined: the Experiment has no such template any more. */
  template: Template | undefined;
  replicaSet: ReplicaSet | undefined;
  service: Service | undefined;
  /** Pods that it should have now; undefined: it goes. */
  wanted: number | undefined;
  /** The API server will not have what is missing. */
  refused: boolean;
  /** Requests may still go to its Service. */
  routed: boolean;
}

export interface TemplateCommands {
  up: readonly AnyCommand[];
  down: readonly AnyCommand[];
  events: readonly DecisionEvent[];
  /** When its pods may go, in milliseconds since the epoch; undefined: nothing is waited for. */
  deadline?: number;
}

/** Brings ReplicaSet and Service of one template to what is wanted; what goes waits for the delay. */
export function templateCommands(
  experiment: Experiment,
  parts: TemplateParts,
  delayMs: number,
  now: number,
): TemplateCommands {
  const { template, replicaSet, service, wanted, refused } = parts;
  if (wanted === undefined || template === undefined) return removal(parts, delayMs, now);
  if (refused) return { up: [], down: [], events: [] };
  const up: AnyCommand[] = [];
  const made = replicaSet ?? experimentReplicaSet(experiment, template);
  if (replicaSet === undefined) up.push({ type: 'createReplicaSet', replicaSet: made });
  const has = wantedPods(made);
  const events: DecisionEvent[] = [];
  if (replicaSet !== undefined && (has !== wanted || deadlineOf(replicaSet) !== undefined)) {
    up.push({
      ...write(replicaSet, wanted, deadlineOf(replicaSet) === undefined ? undefined : null),
      why: template.name,
    });
  }
  if (has !== wanted) events.push(scalingEvent(made.metadata.name, has, wanted, `template ${template.name}`));
  if (template.service !== undefined && service === undefined) {
    up.push({ type: 'createService', service: experimentService(experiment, template, made) });
  }
  return { up, down: [], events };
}

/** Pods go after the delay, then the Service. */
function removal({ replicaSet, service, routed }: TemplateParts, delayMs: number, now: number): TemplateCommands {
  const down: AnyCommand[] = [];
  const events: DecisionEvent[] = [];
  const gone = replicaSet === undefined || (wantedPods(replicaSet) === 0 && createdPods(replicaSet) === 0);
  if (service !== undefined && gone) {
    down.push({ type: 'deleteService', name: service.metadata.name, uid: service.metadata.uid ?? '' });
  }
  if (replicaSet === undefined) return { up: [], down, events };
  const { replicas, deadline } = retire(replicaSet, { reached: routed, othersComplete: true, delayMs, now });
  const has = wantedPods(replicaSet);
  const noted = deadlineOf(replicaSet);
  if (has !== replicas || noted !== deadline) {
    const note = noted === deadline ? undefined : deadline === undefined ? null : timestamp(deadline);
    down.unshift({ ...write(replicaSet, replicas, note), why: 'the experiment is over' });
  }
  if (has !== replicas) events.push(scalingEvent(replicaSet.metadata.name, has, replicas, 'the experiment is over'));
  return { up: [], down, events, ...(deadline === undefined ? {} : { deadline }) };
}

/** @param deadline null takes it away, undefined leaves it */
function write(
  { metadata, spec }: ReplicaSet,
  replicas: number,
  deadline: string | null | undefined,
): Omit<Extract<AnyCommand, { type: 'updateReplicaSet' }>, 'why'> {
  return {
    type: 'updateReplicaSet',
    name: metadata.name,
    resourceVersion: metadata.resourceVersion ?? '',
    ...(spec.replicas === replicas ? {} : { replicas }),
    ...(deadline === undefined ? {} : { annotations: { [SCALE_DOWN_DEADLINE_ANNOTATION]: deadline } }),
  };
}
