import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster as LocalCluster, startCluster } from '../../e2e/cluster/cluster.ts';
import { CONFIGMAPS, connectReal, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import type { KubeObject } from './types.ts';

// An API server of its own: the others of the run would not like it to be killed under them.
let local: LocalCluster;
let cluster: RealCluster;
beforeAll(async () => {
  local = await startCluster({ name: `restart-tests-${process.pid}`, profile: 'api' });
  cluster = connectReal(local.kubeconfigPath);
});
afterAll(async () => {
  await cluster?.close();
  await local?.stop();
});

const configMap = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'default', name },
});

it('a watch outlives the API server, which is killed and started again, without a new list', async () => {
  const { informer } = cluster.informers.acquire(CONFIGMAPS, { namespace: 'default' });
  await informer.waitForSync(new AbortController().signal);
  await cluster.client.create(CONFIGMAPS, configMap('doomed'));
  await cluster.client.create(CONFIGMAPS, configMap('kept'));
  await eventually(() => expect(informer.get('default/kept')).toBeDefined());
  const kept = informer.get('default/kept');
  const heard: string[] = [];
  informer.onEvent((event) => heard.push(`${event.type} ${event.object.metadata.name}`));
  heard.length = 0;

  const restarted = local.restartApiServer();
  await eventually(() => expect(cluster.informers.health()[0]?.lastError).toBeDefined());
  await restarted;
  // Changes that happen before the watch is back must not be lost.
  await eventually(() => cluster.client.delete(CONFIGMAPS, 'default/doomed'));
  await eventually(() => cluster.client.create(CONFIGMAPS, configMap('new')));
  await eventually(() => expect(informer.get('default/new')).toBeDefined());
  expect(informer.get('default/doomed')).toBeUndefined();
  expect(informer.get('default/kept')).toBe(kept);
  expect(heard).toEqual(['deleted doomed', 'added new']);
  const lists = await cluster.registry.getSingleMetricAsString('slipway_kube_lists_total');
  expect(lists).toContain('{resource="configmaps"} 1');
});
