import type { KubeObject } from '../kube/types.ts';
import { formatObjectId } from '../manifest/identity.ts';
import { servicesOf } from '../manifest/owned-paths.ts';
import { rolloutTargets } from '../rollout/targets.ts';

/** The keys of the objects in which a Rollout owns fields: what it owns there changes what counts as a difference. */
export function rolloutTargetIds(rollout: KubeObject): string[] {
  const targets = rolloutTargets(rollout);
  const { namespace, httpRoutes, deployment } = targets;
  return [
    ...servicesOf(targets).map((name) => formatObjectId({ group: '', kind: 'Service', namespace, name })),
    ...(deployment === undefined
      ? []
      : [formatObjectId({ group: 'apps', kind: 'Deployment', namespace, name: deployment })]),
    ...httpRoutes.map((name) =>
      formatObjectId({ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace, name }),
    ),
  ];
}
