import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureCertificates } from '../../e2e/cluster/certificates.ts';
import type { ModelRegistry } from '../api/generated/modelregistry.ts';
import type { KubeClient } from '../kube/types.ts';
import { systemClock } from '../platform/clock.ts';
import { RegistryConnections } from './connections.ts';

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-private-ca-'));
  await ensureCertificates(folder, [
    { name: 'ca', commonName: 'private', selfSigned: 'authority' },
    { name: 'mlflow', commonName: 'mlflow', alternativeNames: ['IP:127.0.0.1'] },
  ]);
  const [key, cert] = ['mlflow.key', 'mlflow.crt'].map((file) => readFileSync(join(folder, file), 'utf8'));
  server = createServer({ key, cert }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Looks at a registry whose Secret holds this. */
async function look(secret: Record<string, string>): Promise<unknown> {
  const data = Object.fromEntries(Object.entries(secret).map(([k, v]) => [k, Buffer.from(v).toString('base64')]));
  const registry: ModelRegistry = {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'ModelRegistry',
    metadata: { namespace: 'ml', name: 'mlflow', uid: 'u', generation: 1 },
    spec: {
      type: 'mlflow',
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      secretRef: { name: 'login' },
    },
  };
  const connections = new RegistryConnections({
    kube: {
      get: async () => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, data }),
    } as unknown as KubeClient,
    modelRegistries: { get: () => registry, list: () => [], byIndex: () => [] },
    clusterModelRegistries: { get: () => undefined, list: () => [], byIndex: () => [] },
    clock: systemClock,
  });
  try {
    return await (await connections.connect('ModelRegistry/mlflow', 'ml')).health();
  } finally {
    await connections.close();
  }
}

test('a registry with a certificate of a private CA is trusted when the Secret has that CA', async () => {
  await expect(look({ 'ca.crt': readFileSync(join(folder, 'ca.crt'), 'utf8') })).resolves.toEqual({});
});

test('without the CA the remedy is named', async () => {
  await expect(look({ token: 'abc' })).rejects.toMatchObject({
    code: 'RegistryUnreachable',
    message: expect.stringMatching(/certificate.*; put the CA into ca\.crt of the Secret that spec\.secretRef names$/),
  });
});
