import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CONFIGMAPS,
  CRDS,
  connectReal,
  createNamespace,
  eventually,
  type RealCluster,
} from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from './types.ts';

const NAMESPACE = 'kube-informer';
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());
const forever = new AbortController().signal;
const configMap = (name: string, labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: NAMESPACE, name, labels },
});

const WIDGETS: ResourceInfo = { ...CONFIGMAPS, group: 'kube-test.example.com', kind: 'Widget', plural: 'widgets' };
const WIDGET_CRD: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.kube-test.example.com' },
  spec: {
    group: WIDGETS.group,
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { size: { type: 'integer' } } } },
      },
    ],
  },
};

describe('an informer on the real API server', () => {
  it('takes the first list as a stream and follows every change', async () => {
    await cluster.client.create(CONFIGMAPS, configMap('before'));
    const { informer, release } = cluster.informers.acquire(CONFIGMAPS, { namespace: NAMESPACE });
    await informer.waitForSync(forever);
    expect(informer.get(`${NAMESPACE}/before`)).toBeDefined();
    await cluster.client.create(CONFIGMAPS, configMap('after'));
    await eventually(() => expect(informer.get(`${NAMESPACE}/after`)).toBeDefined());
    await cluster.client.delete(CONFIGMAPS, `${NAMESPACE}/before`);
    await eventually(() => expect(informer.get(`${NAMESPACE}/before`)).toBeUndefined());
    const requests = await cluster.registry.getSingleMetricAsString('slipway_kube_requests_total');
    expect(requests).toContain('{verb="watch",resource="configmaps",code="200"} 1');
    expect(requests).not.toContain('verb="list"');
    release();
  });

  it('loses an object whose label no longer matches', async () => {
    await cluster.client.create(CONFIGMAPS, configMap('labelled', { team: 'a' }));
    const { informer, release } = cluster.informers.acquire(CONFIGMAPS, {
      namespace: NAMESPACE,
      labelSelector: 'team=a',
    });
    await informer.waitForSync(forever);
    const gone: string[] = [];
    informer.onEvent((event) => {
      if (event.type === 'deleted') gone.push(event.object.metadata.name);
    });
    const patch = { metadata: { labels: { team: 'b' } } };
    await cluster.client.patch(CONFIGMAPS, `${NAMESPACE}/labelled`, 'application/merge-patch+json', patch);
    await eventually(() => expect(gone).toEqual(['labelled']));
    release();
  });

  it('waits for a kind that is installed later; discovery learns of it too', async () => {
    expect(await cluster.discovery.resourceFor(WIDGETS)).toBeUndefined();
    const { informer, release } = cluster.informers.acquire(WIDGETS);
    await eventually(() => {
      const health = cluster.informers.health().find((watch) => watch.resource === 'widgets.kube-test.example.com');
      expect(health?.lastError).toContain('does not serve this kind');
    });
    await cluster.client.create(CRDS, WIDGET_CRD);
    await informer.waitForSync(forever);
    await eventually(async () => {
      cluster.discovery.invalidate();
      expect(await cluster.discovery.resourceFor(WIDGETS)).toMatchObject({ plural: 'widgets', namespaced: true });
    });
    const metadata = { namespace: NAMESPACE, name: 'w' };
    await cluster.client.create(WIDGETS, { apiVersion: 'kube-test.example.com/v1', kind: 'Widget', metadata, size: 3 });
    await eventually(() => expect(informer.get(`${NAMESPACE}/w`)?.['size']).toBe(3));

    // Without its CRD the kind is gone, and so are its objects.
    await cluster.client.delete(CRDS, WIDGET_CRD.metadata.name);
    await eventually(() => expect(informer.list()).toEqual([]));
    release();
  });

  it('knows the built-in kinds by discovery', async () => {
    expect(await cluster.discovery.resourceFor({ group: 'apps', version: 'v1', kind: 'Deployment' })).toMatchObject({
      plural: 'deployments',
      namespaced: true,
      subresources: expect.arrayContaining(['status', 'scale']),
    });
    expect(await cluster.discovery.resourceFor({ group: '', version: 'v1', kind: 'Node' })).toMatchObject({
      plural: 'nodes',
      namespaced: false,
    });
  });
});
