import { type KubeObject, keyOf, type ObjectKey, type WatchEvent } from '../kube/types.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { owningRollout, ROLLOUT_INDEXERS, registryKey, SERVICE_INDEXERS, templateKey } from './rollout-references.ts';

export interface RolloutWatchOptions {
  caches: RolloutCaches;
  enqueue(rollout: ObjectKey): void;
  /** A registry object changed; the Rollouts are those that refer to it. */
  onRegistry(rollouts: readonly ObjectKey[]): void;
  /** Whether any Rollout needs HTTPRoutes may have changed. */
  onRouted(): void;
  /** Which kinds of workloads Rollouts need may have changed. */
  onWorkloads(): void;
}

/**
 * Wires changes to the Rollouts that have to look: level-triggered, so an event says only who, never what. Returns a
 * function that takes the handlers away again.
 */
export function watchForRollouts({
  caches,
  enqueue,
  onRegistry,
  onRouted,
  onWorkloads,
}: RolloutWatchOptions): () => void {
  const usersOf = (index: keyof typeof ROLLOUT_INDEXERS, value: string): ObjectKey[] =>
    caches.rollouts.byIndex(index, value).map(keyOf);
  const enqueueUsers = (index: keyof typeof ROLLOUT_INDEXERS, value: string): void => {
    for (const key of usersOf(index, value)) enqueue(key);
  };
  const enqueueOwner = (event: WatchEvent): void => {
    for (const object of statesOf(event)) {
      const owner = owningRollout(object);
      if (owner !== undefined) enqueue(owner);
    }
  };

  const removers = [
    caches.rollouts.onEvent((event) => {
      enqueue(keyOf(event.object));
      if (!specChanged(event)) return;
      if (statesOf(event).some((rollout) => ROLLOUT_INDEXERS.router(rollout).length > 0)) onRouted();
      if (statesOf(event).some((rollout) => ROLLOUT_INDEXERS.workloadKind(rollout).length > 0)) onWorkloads();
      // Who shares a Service, pods or a workload with this Rollout must say so, or may stop to.
      for (const rollout of statesOf(event)) {
        for (const index of ['service', 'selector', 'workload'] as const) {
          for (const value of ROLLOUT_INDEXERS[index](rollout)) enqueueUsers(index, value);
        }
      }
    }),
    caches.replicaSets.onEvent(enqueueOwner),
    caches.analysisRuns.onEvent(enqueueOwner),
    caches.experiments.onEvent(enqueueOwner),
    caches.services.onEvent((event) => {
      enqueueUsers('service', keyOf(event.object));
      // Also a Rollout that does not name it any more, or does not exist: then the mark has to go.
      for (const key of SERVICE_INDEXERS.managedBy(event.object)) enqueue(key);
    }),
    caches.analysisTemplates.onEvent(({ object: { metadata } }) =>
      enqueueUsers('template', templateKey(metadata.namespace, metadata.name)),
    ),
    caches.clusterAnalysisTemplates.onEvent(({ object: { metadata } }) =>
      enqueueUsers('template', `cluster/${metadata.name}`),
    ),
    caches.modelRegistries.onEvent((event) => {
      const { namespace, name } = event.object.metadata;
      if (specChanged(event)) onRegistry(usersOf('registry', registryKey(namespace, `ModelRegistry/${name}`)));
    }),
    caches.clusterModelRegistries.onEvent((event) => {
      const { name } = event.object.metadata;
      if (specChanged(event)) onRegistry(usersOf('registry', `ClusterModelRegistry/${name}`));
    }),
  ];
  return () => {
    for (const remove of removers) remove();
  };
}

/** The object, and what it was before: a change of owner or of references concerns both sides. */
function statesOf<T extends KubeObject>(event: WatchEvent<T>): T[] {
  return event.type === 'updated' ? [event.object, event.old] : [event.object];
}

/** A status says nothing about what an object refers to; a registry's changes with each poll. */
function specChanged(event: WatchEvent): boolean {
  return event.type !== 'updated' || event.old.metadata.generation !== event.object.metadata.generation;
}
