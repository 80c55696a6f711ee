import { GROUP } from '../api/names.ts';
import { type Indexer, type KubeObject, keyOf, type ObjectKey, type WatchEvent } from '../kube/types.ts';
import { asList, asObject, asText } from '../rollout/plain.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { templateKey } from './rollout-references.ts';

/** The analysis templates that an Experiment names: `templateName` or `cluster/templateName`, without repeats. Total. */
export function experimentTemplates(experiment: KubeObject): string[] {
  const names = asList(asObject(experiment['spec'])?.['analyses']).flatMap((raw) => {
    const analysis = asObject(raw);
    const name = asText(analysis?.['templateName']);
    if (name === undefined) return [];
    return analysis?.['clusterScope'] === true ? `cluster/${name}` : name;
  });
  return [...new Set(names)];
}

/** Indexes on the cache of Experiments: who has to look when a template changes. */
export const EXPERIMENT_INDEXERS = {
  template: (experiment) =>
    experimentTemplates(experiment).map((name) => templateKey(experiment.metadata.namespace, name)),
} satisfies Record<string, Indexer>;

/** Key of the Experiment that controls an object; undefined when it is none of ours. */
export function owningExperiment(object: KubeObject): ObjectKey | undefined {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind !== 'Experiment' || !owner.apiVersion.startsWith(`${GROUP}/`)) return undefined;
  return `${object.metadata.namespace}/${owner.name}`;
}

/** Has Experiments looked at when they, what they made, or a template that they name changes; returns what ends it. */
export function watchForExperiments(caches: RolloutCaches, enqueue: (key: ObjectKey) => void): () => void {
  const enqueueOwner = (event: WatchEvent): void => {
    for (const object of event.type === 'updated' ? [event.object, event.old] : [event.object]) {
      const owner = owningExperiment(object);
      if (owner !== undefined) enqueue(owner);
    }
  };
  const enqueueUsers = (template: string): void => {
    for (const experiment of caches.experiments.byIndex('template', template)) enqueue(keyOf(experiment));
  };
  const removers = [
    caches.experiments.onEvent(({ object }) => enqueue(keyOf(object))),
    // What a Rollout records of requests holds the pods of its Experiments.
    caches.rollouts.onEvent((event) => {
      if (event.type === 'updated' && !recordChanged(event.old, event.object)) return;
      const { uid = '' } = event.object.metadata;
      for (const experiment of caches.experiments.byIndex('controller', uid)) enqueue(keyOf(experiment));
    }),
    caches.replicaSets.onEvent(enqueueOwner),
    caches.services.onEvent(enqueueOwner),
    caches.analysisRuns.onEvent(enqueueOwner),
    caches.analysisTemplates.onEvent(({ object: { metadata } }) =>
      enqueueUsers(templateKey(metadata.namespace, metadata.name)),
    ),
    caches.clusterAnalysisTemplates.onEvent(({ object: { metadata } }) => enqueueUsers(`cluster/${metadata.name}`)),
  ];
  return () => {
    for (const remove of removers) remove();
  };
}

function recordChanged(old: KubeObject, now: KubeObject): boolean {
  const services = (rollout: KubeObject): string => (rolloutTargets(rollout).experimentServices ?? []).join();
  return services(old) !== services(now);
}
