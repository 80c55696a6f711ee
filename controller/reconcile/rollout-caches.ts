import { ANALYSIS_RUN_RESOURCE, type AnalysisRun } from '../api/generated/analysisrun.ts';
import { ANALYSIS_TEMPLATE_RESOURCE, type AnalysisTemplate } from '../api/generated/analysistemplate.ts';
import {
  CLUSTER_ANALYSIS_TEMPLATE_RESOURCE,
  type ClusterAnalysisTemplate,
} from '../api/generated/clusteranalysistemplate.ts';
import { CLUSTER_MODEL_REGISTRY_RESOURCE, type ClusterModelRegistry } from '../api/generated/clustermodelregistry.ts';
import { EXPERIMENT_RESOURCE, type Experiment } from '../api/generated/experiment.ts';
import { MODEL_REGISTRY_RESOURCE, type ModelRegistry } from '../api/generated/modelregistry.ts';
import { ROLLOUT_RESOURCE, type Rollout } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import type { AcquireOptions, SharedInformers } from '../kube/informers.ts';
import type { Informer, KubeObject, ResourceInfo } from '../kube/types.ts';
import { REPLICA_SET_RESOURCE, SERVICE_RESOURCE } from '../rollout/resources.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';
import { EXPERIMENT_INDEXERS } from './experiment-watches.ts';
import { OWNED_INDEXERS, ROLLOUT_INDEXERS, SERVICE_INDEXERS } from './rollout-references.ts';

/** Everything that is cached to decide about Rollouts; HTTPRoutes have a cache of their own that may not exist. */
export interface RolloutCaches {
  rollouts: Informer<Rollout>;
  /** Only ReplicaSets with the hash label: those of Deployments are most of a cluster's and none of our business. */
  replicaSets: Informer<ReplicaSet>;
  analysisRuns: Informer<AnalysisRun>;
  experiments: Informer<Experiment>;
  services: Informer<Service>;
  analysisTemplates: Informer<AnalysisTemplate>;
  clusterAnalysisTemplates: Informer<ClusterAnalysisTemplate>;
  modelRegistries: Informer<ModelRegistry>;
  clusterModelRegistries: Informer<ClusterModelRegistry>;
}

/** The caches, and how to give them back. */
export interface RolloutCachesLease {
  caches: RolloutCaches;
  /** Resolves when all of them can be read. */
  waitForSync(signal: AbortSignal): Promise<void>;
  release(): void;
}

/** Starts (or shares) the watches that {@link RolloutCaches} needs, with its indexes. */
export function openRolloutCaches(informers: Pick<SharedInformers, 'acquire'>): RolloutCachesLease {
  const leases: { informer: Informer; release(): void }[] = [];
  const open = <T extends KubeObject>(resource: ResourceInfo, options: AcquireOptions = {}): Informer<T> => {
    const lease = informers.acquire<T>(resource, options);
    leases.push(lease as unknown as { informer: Informer; release(): void });
    return lease.informer;
  };
  const caches: RolloutCaches = {
    rollouts: open(ROLLOUT_RESOURCE, { indexers: ROLLOUT_INDEXERS }),
    replicaSets: open(REPLICA_SET_RESOURCE, { labelSelector: POD_TEMPLATE_HASH_LABEL, indexers: OWNED_INDEXERS }),
    analysisRuns: open(ANALYSIS_RUN_RESOURCE, { indexers: OWNED_INDEXERS }),
    experiments: open(EXPERIMENT_RESOURCE, {
      indexers: { ...EXPERIMENT_INDEXERS, controller: OWNED_INDEXERS.controller },
    }),
    services: open(SERVICE_RESOURCE, { indexers: { ...SERVICE_INDEXERS, controller: OWNED_INDEXERS.controller } }),
    analysisTemplates: open(ANALYSIS_TEMPLATE_RESOURCE),
    clusterAnalysisTemplates: open(CLUSTER_ANALYSIS_TEMPLATE_RESOURCE),
    modelRegistries: open(MODEL_REGISTRY_RESOURCE),
    clusterModelRegistries: open(CLUSTER_MODEL_REGISTRY_RESOURCE),
  };
  return {
    caches,
    waitForSync: async (signal) => {
      await Promise.all(leases.map((lease) => lease.informer.waitForSync(signal)));
    },
    release: () => {
      for (const lease of leases) lease.release();
    },
  };
}
