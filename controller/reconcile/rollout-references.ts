import { GROUP, MANAGED_BY_ANNOTATION } from '../api/names.ts';
import type { Indexer, KubeObject, ObjectKey, OwnerReference } from '../kube/types.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { servicesOf } from '../manifest/owned-paths.ts';
import { asList, asObject, asText } from '../rollout/plain.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { type WorkloadReference, workloadReference } from '../rollout/workload.ts';

/** What a Rollout mentions by name. */
export interface RolloutReferences {
  /** Names of Services, without repeats. */
  services: readonly string[];
  /** Names of HTTPRoutes, in the order of the spec, without repeats. */
  httpRoutes: readonly string[];
  /** `templateName` or `cluster/templateName`, without repeats. */
  templates: readonly string[];
  /** `kind/name`. */
  registry: string | undefined;
  /** What spec.workloadRef names. */
  workload: WorkloadReference | undefined;
}

/**
 * Reads the references. Total: a stored object may be older than the CRD that would refuse it today, and an index that
 * throws would hide every other Rollout.
 */
export function referencesOf(rollout: KubeObject): RolloutReferences {
  const spec = asObject(rollout['spec']);
  const strategy = asObject(spec?.['strategy']);
  const blueGreen = asObject(strategy?.['blueGreen']);
  const targets = rolloutTargets(rollout);
  const registry = asObject(asObject(spec?.['model'])?.['registry']);
  const registryName = asText(registry?.['name']);
  const steps = asList(asObject(strategy?.['canary'])?.['steps']);
  const analyses = [
    ...steps.map((step) => asObject(step)?.['analysis']),
    asObject(strategy?.['canary'])?.['analysis'],
    blueGreen?.['prePromotionAnalysis'],
    blueGreen?.['postPromotionAnalysis'],
  ];
  const measured = steps.flatMap((step) => asList(asObject(asObject(step)?.['experiment'])?.['analyses']));
  const templates = analyses
    .flatMap((analysis) => asList(asObject(analysis)?.['templates']))
    .concat(measured)
    .flatMap((template) => {
      const name = asText(asObject(template)?.['templateName']);
      if (name === undefined) return [];
      return asObject(template)?.['clusterScope'] === true ? `cluster/${name}` : name;
    });
  return {
    services: [...new Set(servicesOf(targets))],
    httpRoutes: targets.httpRoutes,
    templates: [...new Set(templates)],
    workload: workloadReference(rollout),
    registry:
      registryName === undefined ? undefined : `${asText(registry?.['kind']) ?? 'ModelRegistry'}/${registryName}`,
  };
}

/** Key in the `template` index: cluster-scoped templates are the same for all namespaces. */
export function templateKey(namespace: string | undefined, template: string): string {
  return template.startsWith('cluster/') ? template : `${namespace}/${template}`;
}

/** Key in the `registry` index: `kind/namespace/name`, or `kind/name` for the cluster-scoped kind. */
export function registryKey(namespace: string | undefined, registry: string): string {
  if (registry.startsWith('ClusterModelRegistry/')) return registry;
  const slash = registry.indexOf('/');
  return `${registry.slice(0, slash)}/${namespace}/${registry.slice(slash + 1)}`;
}

/** Key in the `selector` index. */
export function selectorKey(namespace: string | undefined, selector: object): string {
  return `${namespace}/${canonicalJson(selector)}`;
}

/** Indexes on the cache of Rollouts: who has to look when something that they mention changes. */
export const ROLLOUT_INDEXERS = {
  service: (rollout) => referencesOf(rollout).services.map((name) => `${rollout.metadata.namespace}/${name}`),
  httpRoute: (rollout) => referencesOf(rollout).httpRoutes.map((name) => `${rollout.metadata.namespace}/${name}`),
  template: (rollout) =>
    referencesOf(rollout).templates.map((template) => templateKey(rollout.metadata.namespace, template)),
  registry: (rollout) => {
    const { registry } = referencesOf(rollout);
    return registry === undefined ? [] : [registryKey(rollout.metadata.namespace, registry)];
  },
  /** `kind/namespace/name`. */
  workload: (rollout) => {
    const { workload } = referencesOf(rollout);
    return workload === undefined ? [] : [`${workload.kind}/${rollout.metadata.namespace}/${workload.name}`];
  },
  /** By the selector of the spec, in whatever order it is written. */
  selector: (rollout) => {
    const selector = asObject(asObject(rollout['spec'])?.['selector']);
    return selector === undefined ? [] : [selectorKey(rollout.metadata.namespace, selector)];
  },
  /** The kind alone: all Rollouts that need it at all. */
  workloadKind: (rollout) => {
    const { workload } = referencesOf(rollout);
    return workload === undefined ? [] : [workload.kind];
  },
  /** Under `HTTPRoute`: all Rollouts that need that kind at all. */
  router: (rollout) => (referencesOf(rollout).httpRoutes.length > 0 ? ['HTTPRoute'] : []),
} satisfies Record<string, Indexer>;

/** Index on the caches of what Rollouts make: by uid of the controller. */
export const OWNED_INDEXERS = {
  controller: (object) => {
    const uid = controllerOf(object)?.uid;
    return uid === undefined ? [] : [uid];
  },
  /** By the name without its last part: everything that bears the name of a Rollout, whoever owns it. */
  stem: (object) => [`${object.metadata.namespace}/${object.metadata.name.replace(/-[^-]*$/, '')}`],
} satisfies Record<string, Indexer>;

/** Index on the cache of Services: by the Rollout that owns the hash in the selector. */
export const SERVICE_INDEXERS = {
  managedBy: (service) => {
    const rollout = service.metadata.annotations?.[MANAGED_BY_ANNOTATION];
    return rollout === undefined ? [] : [`${service.metadata.namespace}/${rollout}`];
  },
} satisfies Record<string, Indexer>;

/** Key of the Rollout that controls an object; undefined when it is none of ours. */
export function owningRollout(object: KubeObject): ObjectKey | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== 'Rollout' || !owner.apiVersion.startsWith(`${GROUP}/`)) return undefined;
  return `${object.metadata.namespace}/${owner.name}`;
}

function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
