import {
  CONFIG_ANNOTATION,
  MODEL_IDENTITY_ANNOTATION,
  REVISION_ANNOTATION,
  TEMPLATE_DIGEST_ANNOTATION,
} from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import { markOf, markText } from './config/mark.ts';
import type { Command, DecisionEvent } from './decision.ts';
import { dressed, type Wardrobe, wardrobe } from './dress.ts';
import type { PlanInput } from './plan.ts';
import { hashOf, identityOf } from './replica-sets.ts';
import { type Extra, scalingEvent } from './scale-commands.ts';
import type { ReplicaSet } from './snapshot.ts';

/** Creates the ReplicaSet of a version that has none, with the pods that it needs first. */
export function creation({ lineup, settings }: PlanInput, replicas: number, why: string) {
  const { current } = lineup;
  if (current === undefined || current.metadata.resourceVersion !== undefined) return { commands: [], events: [] };
  const { name } = current.metadata;
  const replicaSet = dressed(current, replicas, lineup, settings);
  const events: DecisionEvent[] = [
    { type: 'Normal', reason: Reason.NewReplicaSetCreated, message: `Created ReplicaSet ${name}` },
  ];
  if (replicas > 0) events.push(scalingEvent(name, 0, replicas, why));
  const commands: Command[] = [{ type: 'createReplicaSet', replicaSet }];
  return { commands, events };
}

/** What labels and anti-affinity are to change; nothing while the spec makes no sense. */
export function dressOf({ lineup, settings, snapshot, problems }: PlanInput): Wardrobe {
  return problems.length > 0 ? NO_CHANGE : wardrobe(lineup, settings, snapshot.pods);
}

const NO_CHANGE: Wardrobe = { replicaSets: new Map(), pods: [], waitMs: undefined };

/** What ReplicaSets get besides their number of pods. */
export function extras(input: PlanInput, { replicaSets }: Wardrobe): ReadonlyMap<ReplicaSet, Extra> {
  const result = new Map<ReplicaSet, Extra>(replicaSets);
  for (const [replicaSet, { annotations }] of extraAnnotations(input)) {
    const dress = replicaSets.get(replicaSet);
    result.set(replicaSet, { ...dress, annotations: { ...dress?.annotations, ...annotations } });
  }
  return result;
}

/** Annotations that the current ReplicaSet lacks: a new revision, or what one that was taken over never had or has in another form. */
function extraAnnotations({ lineup, wanted, newRevision }: PlanInput): ReadonlyMap<ReplicaSet, Extra> {
  const { current } = lineup;
  if (current === undefined || wanted.state !== 'known' || hashOf(current) !== wanted.identity.hash) return new Map();
  const has = current.metadata.annotations ?? {};
  const annotations: Record<string, string> = {};
  if (newRevision !== undefined) annotations[REVISION_ANNOTATION] = String(newRevision);
  if (has[TEMPLATE_DIGEST_ANNOTATION] !== wanted.identity.digest)
    annotations[TEMPLATE_DIGEST_ANNOTATION] = wanted.identity.digest;
  if (wanted.config !== undefined && markText(markOf(current)) !== markText(wanted.config)) {
    annotations[CONFIG_ANNOTATION] = markText(wanted.config);
  }
  if (wanted.model !== undefined && identityOf(current) === undefined) {
    annotations[MODEL_IDENTITY_ANNOTATION] = JSON.stringify(wanted.model);
  }
  return Object.keys(annotations).length === 0 ? new Map() : new Map([[current, { annotations }]]);
}

/** The revision on the Rollout itself, where tools look for it there. */
export function revisionNote({ snapshot, revision, lineup }: PlanInput): Command[] {
  if (snapshot.notesRevision !== true) return [];
  const noted = snapshot.rollout.metadata.annotations?.[REVISION_ANNOTATION];
  if (lineup.current === undefined || revision === 0 || noted === String(revision)) return [];
  return [{ type: 'annotateRollout', annotations: { [REVISION_ANNOTATION]: String(revision) } }];
}
