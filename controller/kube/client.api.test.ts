import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  CLUSTERROLES,
  CONFIGMAPS,
  connectReal,
  createNamespace,
  type RealCluster,
} from '../../test/setup/real-cluster.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { systemRandom } from '../platform/random.ts';
import { createKubeClient } from './client.ts';
import { Connection } from './connection.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound, type KubeError } from './errors.ts';
import { loadClusterIdentity } from './kubeconfig.ts';
import { Transport } from './transport.ts';
import type { KubeObject, ResourceInfo } from './types.ts';

const DEPLOYMENTS: ResourceInfo = { ...CONFIGMAPS, group: 'apps', kind: 'Deployment', plural: 'deployments' };
const NAMESPACE = 'kube-client';
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: NAMESPACE, name },
  data,
});
const failure = (promise: Promise<unknown>): Promise<KubeError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: KubeError) => error,
  );

describe('the real API server', () => {
  it('stores, returns, changes and deletes raw objects', async () => {
    const { client } = cluster;
    const created = await client.create(CONFIGMAPS, configMap('crud', { a: '1' }));
    expect(created.metadata.uid).toBeTruthy();
    expect(isAlreadyExists(await failure(client.create(CONFIGMAPS, configMap('crud'))))).toBe(true);
    const patched = await client.patch(CONFIGMAPS, `${NAMESPACE}/crud`, 'application/merge-patch+json', {
      data: { b: '2' },
    });
    expect(patched['data']).toEqual({ a: '1', b: '2' });
    const stale = await failure(client.update(CONFIGMAPS, { ...created, data: { c: '3' } }));
    expect(isConflict(stale)).toBe(true);
    expect(stale.retryable).toBe(true);
    await client.update(CONFIGMAPS, { ...patched, data: { c: '3' } });
    expect((await client.get(CONFIGMAPS, `${NAMESPACE}/crud`))['data']).toEqual({ c: '3' });
    const wrong = await failure(client.delete(CONFIGMAPS, `${NAMESPACE}/crud`, { uid: 'another' }));
    expect(isConflict(wrong)).toBe(true);
    await client.delete(CONFIGMAPS, `${NAMESPACE}/crud`, { uid: created.metadata.uid ?? '' });
    expect(isNotFound(await failure(client.get(CONFIGMAPS, `${NAMESPACE}/crud`)))).toBe(true);
  });

  it('refuses a field that the schema does not know, as the mistake it is, in create and in apply', async () => {
    const deployment = (extra: object): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: NAMESPACE, name: 'web' },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i', ...extra }] } },
      },
    });
    const applied = await failure(
      cluster.client.apply(DEPLOYMENTS, deployment({ bogus: 1 }), { fieldManager: 'slipway' }),
    );
    expect(applied.message).toContain('bogus');
    expect([isInvalid(applied), applied.retryable]).toEqual([true, false]);
    const created = await failure(cluster.client.create(DEPLOYMENTS, deployment({ bogus: 1 })));
    expect(created.message).toContain('bogus');
    expect(created.retryable).toBe(false);
    const dry = await cluster.client.apply(DEPLOYMENTS, deployment({}), { fieldManager: 'slipway', dryRun: true });
    expect(dry['spec']).toMatchObject({ revisionHistoryLimit: 10 });
    expect(isNotFound(await failure(cluster.client.get(DEPLOYMENTS, `${NAMESPACE}/web`)))).toBe(true);
  });

  it('says whose field an apply would take, and gives it when forced', async () => {
    const { client } = cluster;
    await client.apply(CONFIGMAPS, configMap('owned', { k: 'theirs' }), { fieldManager: 'them' });
    const conflict = await failure(client.apply(CONFIGMAPS, configMap('owned', { k: 'ours' }), { fieldManager: 'us' }));
    expect(isConflict(conflict)).toBe(true);
    expect(conflict.causes).toMatchObject([{ reason: 'FieldManagerConflict', field: '.data.k' }]);
    const taken = await client.apply(CONFIGMAPS, configMap('owned', { k: 'ours' }), {
      fieldManager: 'us',
      force: true,
    });
    expect(taken['data']).toEqual({ k: 'ours' });
  });

  it('keeps capitals and colons in names', async () => {
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'MyRole:Admin' },
      rules: [],
    };
    await cluster.client.create(CLUSTERROLES, role);
    expect((await cluster.client.get(CLUSTERROLES, 'MyRole:Admin')).metadata.name).toBe('MyRole:Admin');
    await cluster.client.delete(CLUSTERROLES, 'MyRole:Admin');
  });

  it('acts as somebody else, with the rights of that one', async () => {
    const nobody = cluster.clientAs({
      user: 'system:serviceaccount:x:y',
      groups: ['system:serviceaccounts', 'system:authenticated'],
    });
    const refused = await failure(nobody.get(CONFIGMAPS, `${NAMESPACE}/owned`));
    expect(refused).toMatchObject({ status: 403, reason: 'Forbidden' });
    expect(refused.message).toContain('system:serviceaccount:x:y');
  });

  it('is not talked to when its certificate is not trusted', async () => {
    const identity = loadClusterIdentity({ path: inject('kubeconfig') });
    const connection = new Connection({
      identity: {
        ...identity,
        credentials: async (renew) => {
          const { tls, headers } = await identity.credentials(renew);
          const { ca: _, ...rest } = tls;
          return { tls: rest, headers };
        },
      },
      clock: systemClock,
      logger: silentLogger,
    });
    const { metrics } = cluster;
    const client = createKubeClient(
      new Transport({
        connection,
        clock: systemClock,
        random: systemRandom,
        logger: silentLogger,
        metrics,
        userAgent: 'x',
      }),
    );
    expect(await failure(client.get(CONFIGMAPS, `${NAMESPACE}/owned`))).toMatchObject({
      code: 'KubeTls',
      retryable: true,
    });
    await connection.close();
  });
});
