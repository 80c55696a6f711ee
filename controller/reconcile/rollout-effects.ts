import type { Rollout } from '../api/generated/rollout.ts';
import { ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import {
  type Informer,
  type KubeClient,
  type KubeObject,
  keyOf,
  type ResourceInfo,
  type Store,
} from '../kube/types.ts';
import type { Command } from '../rollout/decision.ts';
import { execute, type Marks, type Outcome, type Write } from '../rollout/execute.ts';
import type { ManagedRoute } from '../rollout/snapshot.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { type HttpRoute, weightPatch } from '../traffic/gateway-api.ts';
import type { HttpRouteCache } from './http-route-cache.ts';
import type { OwnWrites } from './own-writes.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import type { RoutesRead } from './rollout-snapshot.ts';
import type { WorkloadCache } from './workload-cache.ts';

export interface RolloutEffectsOptions {
  client: KubeClient;
  caches: RolloutCaches;
  routes: HttpRouteCache;
  workloads: WorkloadCache;
  writes: OwnWrites;
  marks?: Marks | undefined;
}

/** Carries out the commands of decisions about Rollouts, and has the next decision wait until the caches show them. */
export class RolloutEffects {
  readonly #options: RolloutEffectsOptions;

  constructor(options: RolloutEffectsOptions) {
    this.#options = options;
  }

  /** @param routes what the decision was made on: a route that changed since answers with a conflict */
  carryOut(rollout: Rollout, commands: readonly Command[], routes: RoutesRead, signal: AbortSignal): Promise<Outcome> {
    return execute(rollout, commands, {
      client: this.#options.client,
      marks: this.#options.marks,
      setWeights: (name, weight, wanted, managed) => {
        const experiments = { wanted, known: routes.experimentServices };
        return this.#setWeights(rollout, routes.objects.get(name), { weight, experiments, managed }, signal);
      },
      onWrite: (write) => this.#remember(rollout, write),
      signal,
    });
  }

  async #setWeights(
    rollout: Rollout,
    route: HttpRoute | undefined,
    split: {
      weight: number;
      experiments: NonNullable<Parameters<typeof weightPatch>[4]>;
      managed: readonly ManagedRoute[] | undefined;
    },
    signal: AbortSignal,
  ): Promise<{ resource: ResourceInfo; object: KubeObject } | undefined> {
    const { canaryService = '', stableService = '' } = rolloutTargets(rollout);
    const resource = this.#options.routes.informer?.resource;
    if (route === undefined || resource === undefined) throw new TypeError('weights for a route that was not read');
    const { weight, experiments, managed } = split;
    const beside = managed && { rollout: rollout.metadata.name, wanted: managed };
    const patch = weightPatch(route, canaryService, stableService, weight, experiments, beside);
    if (patch.length === 0) return undefined;
    // Strict: an HTTPRoute of an older Gateway API would lose fields of managed rules without a word.
    const request = { fieldManager: ROLLOUT_FIELD_MANAGER, strict: beside !== undefined, signal };
    const key = keyOf(route);
    const object = await this.#options.client.patch(resource, key, 'application/json-patch+json', patch, request);
    return { resource, object };
  }

  #remember(rollout: Rollout, write: Write): void {
    const store = this.#cacheOf(write.resource.kind);
    if (store === undefined) return;
    const { writes } = this.#options;
    if (write.type === 'written') writes.wrote(keyOf(rollout), store, write.resource, write.object);
    else writes.deleted(keyOf(rollout), store, write.resource, write.key, write.uid);
  }

  #cacheOf(kind: string): Store | undefined {
    const { caches, routes, workloads } = this.#options;
    if (kind === 'Deployment') return workloads.informer(kind);
    const { rollouts, replicaSets, services, analysisRuns, experiments } = caches;
    const all: readonly Informer[] = [rollouts, replicaSets, services, analysisRuns, experiments];
    return [...all, routes.informer].find((informer) => informer?.resource.kind === kind);
  }
}
