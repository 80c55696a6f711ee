import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { countingWrites, EventLog, runReconciler } from '../../test/controller-world.ts';
import { fastClock } from '../../test/fast-clock.ts';
import { type Answer, type SeenRequest, startTestServer, type TestServer } from '../../test/http-server.ts';
import { connectReal, createNamespace, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import { CLUSTER_MODEL_REGISTRY_RESOURCE, type ClusterModelRegistry } from '../api/generated/clustermodelregistry.ts';
import { MODEL_REGISTRY_RESOURCE, type ModelRegistry } from '../api/generated/modelregistry.ts';
import type { Informer, ResourceInfo } from '../kube/types.ts';
import { silentLogger } from '../platform/logger.ts';
import { RegistryConnections } from '../registry/connections.ts';
import { ModelRegistryReconciler } from './model-registry.ts';

const NAMESPACE = 'model-registry-controller';
const SECRETS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  verbs: [],
  subresources: [],
};
const clock = fastClock(20);
const isOurs = (key: string): boolean => key.startsWith(NAMESPACE);
let cluster: RealCluster;
let modelRegistries: Informer<ModelRegistry>;
let clusterModelRegistries: Informer<ClusterModelRegistry>;
let server: TestServer;
let events: EventLog;
let writes: () => number;
let stop: () => Promise<void>;

/** An MLflow as far as a look at its health goes. */
const healthy = ({ path }: SeenRequest): Answer =>
  path === '/version' ? { status: 200, headers: { 'content-type': 'text/plain' }, text: '3.17.2' } : { json: {} };
const withToken =
  (token: string) =>
  (request: SeenRequest): Answer =>
    request.headers.authorization === `Bearer ${token}` ? healthy(request) : { status: 401, text: 'no' };

beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
  modelRegistries = cluster.informers.acquire<ModelRegistry>(MODEL_REGISTRY_RESOURCE, {
    namespace: NAMESPACE,
  }).informer;
  clusterModelRegistries = cluster.informers.acquire<ClusterModelRegistry>(CLUSTER_MODEL_REGISTRY_RESOURCE).informer;
});
afterAll(() => cluster?.close());
beforeEach(async () => {
  server = await startTestServer(healthy);
  events = new EventLog();
  const counting = countingWrites(cluster.client);
  writes = counting.writes;
  const connections = new RegistryConnections({ kube: cluster.client, modelRegistries, clusterModelRegistries, clock });
  const stopController = await runReconciler(
    cluster,
    clock,
    [modelRegistries, clusterModelRegistries],
    isOurs,
    (enqueue) => {
      const options = { client: counting.client, modelRegistries, clusterModelRegistries, connections, events };
      return new ModelRegistryReconciler({ ...options, clock, logger: silentLogger, enqueue });
    },
  );
  stop = async () => {
    await stopController();
    await connections.close();
  };
});
afterEach(async () => {
  for (const { metadata } of await cluster.client.list(MODEL_REGISTRY_RESOURCE, { namespace: NAMESPACE })) {
    await cluster.client.delete(MODEL_REGISTRY_RESOURCE, `${NAMESPACE}/${metadata.name}`);
  }
  await stop();
  await server.close();
});

async function create(name: string, spec: object = {}): Promise<void> {
  await cluster.client.create(MODEL_REGISTRY_RESOURCE, {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'ModelRegistry',
    metadata: { namespace: NAMESPACE, name },
    spec: { type: 'mlflow', url: server.url, pollInterval: '5s', ...spec },
  });
}
const patch = (name: string, spec: object) =>
  cluster.client.patch(MODEL_REGISTRY_RESOURCE, `${NAMESPACE}/${name}`, 'application/merge-patch+json', { spec });
async function ready(name: string, status: 'True' | 'False', reason: string): Promise<ModelRegistry> {
  return await eventually(async () => {
    const object = (await cluster.client.get(MODEL_REGISTRY_RESOURCE, `${NAMESPACE}/${name}`)) as ModelRegistry;
    expect(object.status?.conditions).toMatchObject([{ type: 'Ready', status, reason }]);
    expect(object.status?.observedGeneration).toBe(object.metadata.generation);
    return object;
  });
}
async function putSecret(name: string, data: Record<string, string>): Promise<void> {
  const metadata = { namespace: NAMESPACE, name };
  await cluster.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data });
}

test('a registry that answers is Ready, and being asked again and again writes nothing', async () => {
  await create('fine', { pollInterval: '1s' });
  expect((await ready('fine', 'True', 'Connected')).status?.serverVersion).toBe('3.17.2');
  const asked = server.seen.length;
  await eventually(() => expect(server.seen.length).toBeGreaterThan(asked + 6));
  expect(writes()).toBe(1);
  expect(events.of('fine')).toEqual(['Normal Connected the registry answers, version 3.17.2']);
});

test('a registry that is down is not Ready, and is again when it comes back', async () => {
  await create('down', { url: server.url });
  await ready('down', 'True', 'Connected');
  server.answer = () => ({ status: 502, text: 'Bad Gateway' });
  const object = await ready('down', 'False', 'RegistryServerError');
  expect(object.status?.conditions?.[0]?.message).toBe(
    `ModelRegistry ${NAMESPACE}/down (${server.url}): the server failed (502)`,
  );
  expect(object.status?.serverVersion).toBe('3.17.2');
  server.answer = healthy;
  await ready('down', 'True', 'Connected');
  const reasons = (): string[] => events.of('down').map((line) => line.split(' ', 2).join(' '));
  await eventually(() => {
    expect(reasons()).toEqual(['Normal Connected', 'Warning RegistryServerError', 'Normal Connected']);
  });
});

test('a wrong address is said, and looked at anew when it is corrected', async () => {
  await create('moved', { url: 'http://127.0.0.1:9', pollInterval: '1h' });
  await ready('moved', 'False', 'RegistryUnreachable');
  await patch('moved', { url: server.url });
  await ready('moved', 'True', 'Connected');
});

test('a missing Secret, a Secret without keys, credentials that are not accepted, and good ones', async () => {
  server.answer = withToken('good');
  await create('login', { secretRef: { name: 'login' } });
  await ready('login', 'False', 'RegistrySecretMissing');
  await putSecret('login', { nothing: 'useful' });
  await ready('login', 'False', 'RegistrySecretInvalid');
  const set = (token: string) =>
    cluster.client.patch(SECRETS, `${NAMESPACE}/login`, 'application/merge-patch+json', { stringData: { token } });
  await set('bad');
  const refused = await ready('login', 'False', 'RegistryUnauthorized');
  expect(JSON.stringify(refused)).not.toContain('Bearer');
  await set('good');
  await ready('login', 'True', 'Connected');
});

test('an interval that makes no sense is said, and corrected', async () => {
  await create('often', { pollInterval: 'often' });
  const object = await ready('often', 'False', 'RegistryInvalid');
  expect(object.status?.conditions?.[0]?.message).toBe(
    'spec.pollInterval: "often" is not a duration: write for example 30s, 5m, 1h30m',
  );
  await patch('often', { pollInterval: '30s' });
  await ready('often', 'True', 'Connected');
});

test('a ClusterModelRegistry takes its credentials from the namespace that it names', async () => {
  server.answer = withToken('shared');
  await putSecret('shared', { token: 'shared' });
  const name = `${NAMESPACE}-shared`;
  await cluster.client.create(CLUSTER_MODEL_REGISTRY_RESOURCE, {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'ClusterModelRegistry',
    metadata: { name },
    spec: { type: 'mlflow', url: server.url, secretRef: { namespace: NAMESPACE, name: 'shared' } },
  });
  await eventually(async () => {
    const object = (await cluster.client.get(CLUSTER_MODEL_REGISTRY_RESOURCE, name)) as ClusterModelRegistry;
    expect(object.status).toMatchObject({ serverVersion: '3.17.2', conditions: [{ type: 'Ready', status: 'True' }] });
  });
  await cluster.client.delete(CLUSTER_MODEL_REGISTRY_RESOURCE, name);
});
