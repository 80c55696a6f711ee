import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, type SeenRequest, startTestServer, type TestServer } from '../../test/http-server.ts';
import type { ClusterModelRegistry } from '../api/generated/clustermodelregistry.ts';
import type { ModelRegistry } from '../api/generated/modelregistry.ts';
import { errorFromAnswer } from '../kube/errors.ts';
import type { KubeClient, KubeObject, Store } from '../kube/types.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { RegistryConnections } from './connections.ts';

let server: TestServer;
let clock: ManualClock;
let objects: Map<string, KubeObject>;
let secrets: Map<string, KubeObject>;
let secretsRead: string[];
let connections: RegistryConnections;

function store<T extends KubeObject>(kind: string): Store<T> {
  return { get: (key) => objects.get(`${kind}/${key}`) as T | undefined, list: () => [], byIndex: () => [] };
}
const kube = {
  get: async (_: unknown, key: string) => {
    secretsRead.push(key);
    const secret = secrets.get(key);
    if (secret === undefined) throw errorFromAnswer({ verb: 'get', resource: 'secrets', key }, 404, 'not found');
    return secret;
  },
} as unknown as KubeClient;
function putRegistry(generation: number, spec: object): void {
  const metadata = { namespace: 'ml', name: 'mlflow', uid: 'u1', generation };
  const kinds = { apiVersion: 'slipway.dev/v1alpha1', kind: 'ModelRegistry' };
  objects.set('ModelRegistry/ml/mlflow', { ...kinds, metadata, spec: { type: 'mlflow', url: server.url, ...spec } });
}
function putSecret(resourceVersion: string, data: Record<string, string>, namespace = 'ml'): void {
  secrets.set(`${namespace}/login`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name: 'login', uid: 's1', resourceVersion },
    data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')])),
  });
}
/** A registry that takes one token. */
const accepting =
  (token: string) =>
  (request: SeenRequest): Answer =>
    request.headers.authorization === `Bearer ${token}` ? { json: {} } : { status: 401, text: 'no' };
const health = async (): Promise<unknown> => (await connections.connect('ModelRegistry/mlflow', 'ml')).health();

beforeEach(async () => {
  server = await startTestServer(() => ({ json: {} }));
  clock = new ManualClock();
  objects = new Map();
  secrets = new Map();
  secretsRead = [];
  connections = new RegistryConnections({
    kube,
    clock,
    modelRegistries: store<ModelRegistry>('ModelRegistry'),
    clusterModelRegistries: store<ClusterModelRegistry>('ClusterModelRegistry'),
  });
});
afterEach(async () => {
  await connections.close();
  await server.close();
});

test('a registry that does not exist, and one in another namespace', async () => {
  putRegistry(1, {});
  await expect(connections.connect('ModelRegistry/mlflow', 'other')).rejects.toMatchObject({
    code: 'RegistryNotFound',
    message: 'there is no ModelRegistry other/mlflow; create it or correct spec.model.registry',
  });
  await expect(connections.connect('ClusterModelRegistry/mlflow', 'ml')).rejects.toThrow(
    'there is no ClusterModelRegistry mlflow',
  );
});

test('a Secret that is missing, and that comes later', async () => {
  putRegistry(1, { secretRef: { name: 'login' } });
  await expect(health()).rejects.toMatchObject({
    code: 'RegistrySecretMissing',
    message: 'Secret ml/login, which spec.secretRef of ModelRegistry ml/mlflow names, does not exist',
  });
  putSecret('1', { token: 'good' });
  server.answer = accepting('good');
  await expect(health()).resolves.toEqual({});
});

test('the Secret is read once a minute, not once a question', async () => {
  putRegistry(1, { secretRef: { name: 'login' } });
  putSecret('1', { token: 'good' });
  server.answer = accepting('good');
  for (let i = 0; i < 5; i++) await health();
  expect(secretsRead).toHaveLength(1);
  clock.advance(61_000);
  await health();
  expect(secretsRead).toHaveLength(2);
});

test('rotated credentials are taken up at once, by a client that is in use', async () => {
  putRegistry(1, { secretRef: { name: 'login' } });
  putSecret('1', { token: 'old' });
  server.answer = accepting('old');
  const client = await connections.connect('ModelRegistry/mlflow', 'ml');
  await client.health();
  server.answer = accepting('new');
  putSecret('2', { token: 'new' });
  await expect(client.health()).resolves.toEqual({});
});

test('credentials that stay wrong are asked with once, not in a circle', async () => {
  putRegistry(1, { secretRef: { name: 'login' } });
  putSecret('1', { token: 'bad' });
  server.answer = accepting('good');
  await expect(health()).rejects.toMatchObject({ code: 'RegistryUnauthorized' });
  expect(server.seen).toHaveLength(1);
});

test('a changed object is followed by a client that is in use', async () => {
  putRegistry(1, { url: 'http://127.0.0.1:9' });
  const client = await connections.connect('ModelRegistry/mlflow', 'ml');
  await expect(client.health()).rejects.toMatchObject({ code: 'RegistryUnreachable' });
  putRegistry(2, {});
  await expect(client.health()).resolves.toEqual({});
});

test('a registry object that goes waits for no request that hangs', async () => {
  putRegistry(1, {});
  const asked = new Promise<void>((resolve) => {
    server.answer = () => () => resolve();
  });
  const asking = health().catch((error: unknown) => error);
  await asked;
  await connections.forget('ModelRegistry/mlflow', 'ml');
  server.answer = () => ({ json: {} });
  await expect(health()).resolves.toEqual({});
  await server.close();
  expect(await asking).toMatchObject({ code: 'RegistryUnreachable' });
});

test('a ClusterModelRegistry names its Secret with the namespace', async () => {
  objects.set('ClusterModelRegistry/shared', {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'ClusterModelRegistry',
    metadata: { name: 'shared', uid: 'u2', generation: 1 },
    spec: { type: 'mlflow', url: server.url, secretRef: { namespace: 'system', name: 'login' } },
  });
  putSecret('1', { token: 'good' }, 'system');
  server.answer = accepting('good');
  const client = await connections.connect('ClusterModelRegistry/shared', 'ml');
  await expect(client.health()).resolves.toEqual({});
});

test('many questions at once share one look at the Secret', async () => {
  putRegistry(1, { secretRef: { name: 'login' } });
  putSecret('1', { token: 'good' });
  server.answer = accepting('good');
  await Promise.all(Array.from({ length: 10 }, health));
  expect(secretsRead).toHaveLength(1);
});

test('the poll interval has a default and a lower bound', () => {
  expect(connections.pollIntervalMs('ModelRegistry/none', 'ml')).toBe(30_000);
  putRegistry(1, { pollInterval: '5m' });
  expect(connections.pollIntervalMs('ModelRegistry/mlflow', 'ml')).toBe(300_000);
  putRegistry(1, { pollInterval: '1ms' });
  expect(connections.pollIntervalMs('ModelRegistry/mlflow', 'ml')).toBe(1000);
  putRegistry(1, { pollInterval: 'often' });
  expect(connections.pollIntervalMs('ModelRegistry/mlflow', 'ml')).toBe(30_000);
});
