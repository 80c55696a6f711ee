import type { Rollout } from '../api/generated/rollout.ts';
import { specProblem } from '../api/stored-object.ts';
import { type KubeObject, keyOf } from '../kube/types.ts';
import type { ConfigState } from '../rollout/config/state.ts';
import { isControlledBy } from '../rollout/execute.ts';
import { allManaged } from '../rollout/managed-routes.ts';
import { settingsOf } from '../rollout/settings.ts';
import type { ModelState, PodState, RolloutSnapshot, RouteState, TemplateState } from '../rollout/snapshot.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { resolveWorkload } from '../rollout/workload.ts';
import { type HttpRoute, readRoute } from '../traffic/gateway-api.ts';
import type { HttpRouteCache } from './http-route-cache.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { referencesOf } from './rollout-references.ts';
import { isOlder, rivalsOf } from './rollout-rivals.ts';

/** Gathers from the caches what one decision may look at. Reads only; the objects stay the shared, frozen ones. */
export function buildSnapshot(
  stored: Rollout,
  caches: RolloutCaches,
  known: {
    routes: readonly RouteState[];
    model: ModelState;
    takenNames: readonly string[];
    pods?: readonly PodState[] | undefined;
    workload?: KubeObject | undefined;
    config?: ConfigState | undefined;
    notesRevision: boolean;
  },
): RolloutSnapshot {
  const { rollout, workload } = resolveWorkload(stored, known.workload);
  const uid = rollout.metadata.uid ?? '';
  const key = keyOf(rollout);
  const { namespace } = rollout.metadata;
  const { services, templates } = referencesOf(rollout);
  const foreign = caches.replicaSets
    .byIndex('stem', key)
    .filter((replicaSet) => !isControlledBy(replicaSet, rollout))
    .map((replicaSet) => replicaSet.metadata.name);
  const mentioned = services.flatMap((name) => caches.services.get(`${namespace}/${name}`) ?? []);
  const leftOver = caches.services.byIndex('managedBy', key);
  const rivals = rivalsOf(rollout, caches);
  return {
    rollout,
    ...(rivals.length === 0 ? {} : { rivals }),
    replicaSets: caches.replicaSets.byIndex('controller', uid),
    foreignReplicaSets: [...new Set([...foreign, ...known.takenNames])],
    analysisRuns: caches.analysisRuns.byIndex('controller', uid),
    experiments: caches.experiments.byIndex('controller', uid),
    services: Object.fromEntries([...mentioned, ...leftOver].map((service) => [service.metadata.name, service])),
    routes: known.routes,
    model: known.model,
    notesRevision: known.notesRevision,
    ...(workload === undefined ? {} : { workload }),
    ...(known.config === undefined ? {} : { config: known.config }),
    ...(known.pods === undefined ? {} : { pods: known.pods }),
    templates: Object.fromEntries(templates.map((name) => [name, templateState(caches, namespace, name)])),
    serviceConflicts: services.flatMap((service) =>
      caches.rollouts
        .byIndex('service', `${namespace}/${service}`)
        .filter((other) => isOlder(other, rollout))
        .map((other) => ({ service, rollout: other.metadata.name })),
    ),
  };
}

/** The HTTPRoutes of a Rollout at one moment: what they say, and the objects for which a write is decided. */
export interface RoutesRead {
  /** One for each HTTPRoute of the spec, in that order. */
  states: readonly RouteState[];
  objects: ReadonlyMap<string, HttpRoute>;
  /** Backends in them with these names are those of Experiments of the Rollout. */
  experimentServices: readonly string[];
}

/** Reads the HTTPRoutes of the spec; undefined when they cannot be read yet, so that the decision has to wait. */
export function readRoutes(
  rollout: Rollout,
  cache: HttpRouteCache,
  caches: Pick<RolloutCaches, 'experiments'>,
): RoutesRead | undefined {
  const targets = rolloutTargets(rollout);
  const { namespace, httpRoutes, canaryService = '', stableService = '' } = targets;
  if (httpRoutes.length === 0) return { states: [], objects: new Map(), experimentServices: [] };
  const made = caches.experiments
    .byIndex('controller', rollout.metadata.uid ?? '')
    .flatMap((one) => (one.status?.templateStatuses ?? []).flatMap(({ serviceName }) => serviceName ?? []));
  const experimentServices = [...new Set([...(targets.experimentServices ?? []), ...made])];
  const { state, informer } = cache;
  if (state === 'unknown') return undefined;
  const beside = { rollout: rollout.metadata.name, candidates: allManaged(settingsOf(rollout.spec).steps) };
  const objects = new Map<string, HttpRoute>();
  const states = httpRoutes.map((name): RouteState => {
    const route = informer?.get(`${namespace}/${name}`);
    if (route === undefined) {
      const message = `HTTPRoute ${namespace}/${name}: the cluster has no kind HTTPRoute; install the Gateway API CRDs (gateway.networking.k8s.io/v1)`;
      return state === 'absent' ? { name, state: 'invalid', message } : { name, state: 'missing' };
    }
    objects.set(name, route);
    return readRoute(route, canaryService, stableService, experimentServices, beside);
  });
  return { states, objects, experimentServices };
}

/** A template as the caches have it, by `templateName` or `cluster/templateName`. */
export function templateState(caches: RolloutCaches, namespace: string | undefined, name: string): TemplateState {
  const template = name.startsWith('cluster/')
    ? caches.clusterAnalysisTemplates.get(name.slice('cluster/'.length))
    : caches.analysisTemplates.get(`${namespace}/${name}`);
  if (template === undefined) return { state: 'missing' };
  const message = specProblem(template);
  return message === undefined ? { state: 'found', spec: template.spec } : { state: 'invalid', message };
}
