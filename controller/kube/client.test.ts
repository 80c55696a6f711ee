import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGMAPS, connect } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { isGone } from './errors.ts';
import type { ResourceInfo } from './types.ts';

let server: FakeApiServer;
let cluster: ReturnType<typeof connect>;
beforeEach(async () => {
  server = await FakeApiServer.start();
  cluster = connect(server.identity());
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

const CLUSTERROLES: ResourceInfo = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  namespaced: false,
  verbs: [],
  subresources: [],
};
const last = () => {
  const request = server.requests.at(-1);
  return `${request?.method} ${request?.path}?${request?.query}`;
};

describe('paths', () => {
  it('keep the case of names and encode them', async () => {
    server.state.put('clusterroles', { name: 'MyRole:Admin' });
    expect((await cluster.client.get(CLUSTERROLES, 'MyRole:Admin')).metadata.name).toBe('MyRole:Admin');
    expect(last()).toContain('/clusterroles/MyRole%3AAdmin');
  });
});

describe('lists', () => {
  beforeEach(() => {
    for (let i = 0; i < 1200; i++) server.state.put('configmaps', { namespace: 'a', name: `x${i}` });
  });

  it('are read in pages and complete, with apiVersion and kind', async () => {
    const items = await cluster.client.list(CONFIGMAPS);
    expect(new Set(items.map((item) => item.metadata.name)).size).toBe(1200);
    expect(items[700]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(server.requests).toHaveLength(3);
  });

  it('begin again when the snapshot expires in the middle', async () => {
    server.inject(
      { method: 'GET' },
      { kind: 'status', status: 200, body: { metadata: { continue: '500' }, items: [] } },
    );
    server.inject({ method: 'GET' }, { kind: 'status', status: 410 });
    expect(await cluster.client.list(CONFIGMAPS)).toHaveLength(1200);
  });

  it('do not begin again for ever', async () => {
    server.expireContinue = true;
    await expect(cluster.client.list(CONFIGMAPS)).rejects.toSatisfy(isGone);
    expect(server.requests.length).toBeLessThan(12);
  });
});

describe('writes', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'x' }, data: { k: 'v' } };

  it('ask the server to refuse unknown fields', async () => {
    await cluster.client.create(CONFIGMAPS, object, { fieldManager: 'me' });
    expect(last()).toBe('POST /api/v1/namespaces/a/configmaps?fieldManager=me&fieldValidation=Strict');
    await cluster.client.update(CONFIGMAPS, object);
    expect(last()).toBe('PUT /api/v1/namespaces/a/configmaps/x?fieldValidation=Strict');
    await cluster.client.patch(
      CONFIGMAPS,
      'a/x',
      'application/merge-patch+json',
      { data: { k: 'w' } },
      { strict: true },
    );
    expect(last()).toBe('PATCH /api/v1/namespaces/a/configmaps/x?fieldValidation=Strict');
  });

  it('apply raw JSON as it is', async () => {
    server.state.put('configmaps', { namespace: 'a', name: 'x' });
    const odd = { ...object, unknownToAnyModel: { deep: [1] } };
    await cluster.client.apply(CONFIGMAPS, odd, { fieldManager: 'slipway', force: true, dryRun: true });
    expect(last()).toBe(
      'PATCH /api/v1/namespaces/a/configmaps/x?fieldManager=slipway&force=true&dryRun=All&fieldValidation=Strict',
    );
    expect(server.requests.at(-1)?.headers['content-type']).toBe('application/apply-patch+yaml');
    expect(server.requests.at(-1)?.body).toEqual(odd);
  });

  it('reach subresources', async () => {
    server.state.put('configmaps', { namespace: 'a', name: 'x' });
    server.route('/api/v1/namespaces/a/configmaps/x/status', () => ({ status: 200, body: object }));
    await cluster.client.patch(CONFIGMAPS, 'a/x', 'application/merge-patch+json', {}, { subresource: 'status' });
    expect(last()).toContain('PATCH /api/v1/namespaces/a/configmaps/x/status');
  });

  it('delete only the very object that was meant', async () => {
    server.state.put('configmaps', { namespace: 'a', name: 'x' });
    await cluster.client.delete(CONFIGMAPS, 'a/x', {
      uid: 'u1',
      resourceVersion: '7',
      propagationPolicy: 'Foreground',
    });
    expect(server.requests.at(-1)?.body).toMatchObject({
      propagationPolicy: 'Foreground',
      preconditions: { uid: 'u1', resourceVersion: '7' },
    });
  });
});
