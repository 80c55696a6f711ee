import { Registry } from 'prom-client';
import { inject, vi } from 'vitest';
import { type Cluster, connectCluster } from '../../controller/kube/cluster.ts';
import { loadClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import type { ResourceInfo } from '../../controller/kube/types.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { silentLogger } from '../../controller/platform/logger.ts';
import { systemRandom } from '../../controller/platform/random.ts';

const builtIn = (group: string, version: string, kind: string, plural: string, namespaced: boolean): ResourceInfo => ({
  group,
  version,
  kind,
  plural,
  namespaced,
  verbs: [],
  subresources: [],
});
export const NAMESPACES = builtIn('', 'v1', 'Namespace', 'namespaces', false);
export const CONFIGMAPS = builtIn('', 'v1', 'ConfigMap', 'configmaps', true);
export const CLUSTERROLES = builtIn('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false);
export const CRDS = builtIn(
  'apiextensions.k8s.io',
  'v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);

export type RealCluster = Cluster & { registry: Registry };

/** The run's real API server (or another one), without a rate limit that would slow tests down. */
export function connectReal(path = inject('kubeconfig')): RealCluster {
  const registry = new Registry();
  const cluster = connectCluster({
    identity: loadClusterIdentity({ path }),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    registry,
    userAgent: 'slipway-test',
    rate: { perSecond: 5000, burst: 5000 },
  });
  return { ...cluster, registry };
}

/** A namespace of one's own: files share the API server. */
export async function createNamespace(cluster: Cluster, name: string): Promise<void> {
  await cluster.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** Waits for what a real server does in its own time. The bound only ends a test that would never end. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 50_000, interval: 20 });
}
