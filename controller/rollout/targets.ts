import type { KubeObject } from '../kube/types.ts';
import type { RolloutTargets } from '../manifest/owned-paths.ts';
import { asList, asObject, asText } from './plain.ts';
import { workloadReference } from './workload.ts';

/** Which Services, routes and Deployment a Rollout works on: what the sync half must leave to it. Total on rubbish. */
export function rolloutTargets(rollout: KubeObject): RolloutTargets {
  const strategy = asObject(asObject(rollout['spec'])?.['strategy']);
  const canary = asObject(strategy?.['canary']);
  const blueGreen = asObject(strategy?.['blueGreen']);
  const gateway = asObject(asObject(canary?.['trafficRouting'])?.['gatewayAPI']);
  const stableService = asText(canary?.['stableService']);
  const canaryService = asText(canary?.['canaryService']);
  const activeService = asText(blueGreen?.['activeService']);
  const previewService = asText(blueGreen?.['previewService']);
  const workload = workloadReference(rollout);
  const drains = workload?.kind === 'Deployment' && workload.scaleDown !== 'never';
  const routes = asList(gateway?.['httpRoutes']).flatMap((route) => asText(asObject(route)?.['name']) ?? []);
  // They are recorded there before a route has them, and until no route has them.
  const weights = asObject(asObject(asObject(rollout['status'])?.['canary'])?.['weights']);
  const experimentServices = asList(weights?.['additional']).flatMap(
    (one) => asText(asObject(one)?.['serviceName']) ?? [],
  );
  return {
    namespace: rollout.metadata.namespace ?? '',
    name: rollout.metadata.name,
    ...(stableService === undefined ? {} : { stableService }),
    ...(canaryService === undefined ? {} : { canaryService }),
    ...(activeService === undefined ? {} : { activeService }),
    ...(previewService === undefined ? {} : { previewService }),
    ...(experimentServices.length > 0 ? { experimentServices } : {}),
    ...(drains ? { deployment: workload.name } : {}),
    httpRoutes: [...new Set(routes)],
  };
}
