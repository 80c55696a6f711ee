import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type PolicyRule, serviceAccountKubeconfig } from '../../e2e/cluster/service-account.ts';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSyncedTo,
  SERVICES,
} from '../../test/application-world.ts';
import { connectReal, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import type { KubeClient } from '../kube/types.ts';

/** Rights that are missing, and granted later without anybody telling us. */
const NAMESPACE = 'app-rights';
const ALL = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'];
const WITHOUT_SERVICES: readonly PolicyRule[] = [
  { apiGroups: ['slipway.dev'], resources: ['applications', 'applications/status'], verbs: ALL },
  { apiGroups: [''], resources: ['configmaps'], verbs: ALL },
];
const SERVICE_RULE: PolicyRule = { apiGroups: [''], resources: ['services'], verbs: ALL };
const READ_RULE: PolicyRule = { apiGroups: [''], resources: ['services'], verbs: ['get'] };

let world: ApplicationWorld;
let folder: string;
let limited: RealCluster;

/** What the controller may do from now on. */
async function may(...rules: readonly PolicyRule[]): Promise<string> {
  return await serviceAccountKubeconfig({
    kubeconfigPath: inject('kubeconfig'),
    namespace: NAMESPACE,
    name: 'limited',
    rules,
    file: join(folder, 'kubeconfig'),
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-rights-'));
  world = await ApplicationWorld.open(NAMESPACE, { client: (): KubeClient => limited.client });
  limited = connectReal(await may(...WITHOUT_SERVICES));
  await world.start();
});
afterAll(async () => {
  await world.close();
  await limited.close();
  await rm(folder, { recursive: true, force: true });
});

const SERVICE =
  'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n';
const service = (): Promise<unknown> => world.read(SERVICES, 'web');

it('a right that is missing is named, holds up nothing else, and once granted the sync goes on by itself', async () => {
  const first = await world.push({ 'a/c.yaml': configMap('settings'), 'a/s.yaml': SERVICE });
  await world.createApplication({ path: 'a', automated: { selfHeal: true, prune: true } });
  const refused = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused');
  const { message } = condition(refused, 'Synced');
  expect(message).toContain(`Service ${NAMESPACE}/web`);
  expect(message).toMatch(/services "web" is forbidden: .* cannot \w+ resource "services"/);
  expect(refused.status?.operationState).toMatchObject({ phase: 'Failed' });
  expect(await world.read(CONFIG_MAPS, 'settings')).toBeDefined();

  await may(...WITHOUT_SERVICES, SERVICE_RULE);
  await world.until(isSyncedTo(first));
  expect(await service()).toMatchObject({ spec: { selector: { app: 'web' } } });
});

it('so is healing: a heal that failed is not the last one', async () => {
  await may(...WITHOUT_SERVICES, READ_RULE);
  await eventually(async () => {
    const probe = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'probe', namespace: NAMESPACE } };
    await expect(
      limited.client.apply(SERVICES, probe, { fieldManager: 'x', force: true, dryRun: true }),
    ).rejects.toThrow('forbidden');
  });
  await world.cluster.client.patch(SERVICES, `${NAMESPACE}/web`, 'application/json-patch+json', [
    { op: 'replace', path: '/spec/selector/app', value: 'by-hand' },
  ]);
  const refused = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused');
  expect(condition(refused, 'Synced').message).toContain('is forbidden');
  await may(...WITHOUT_SERVICES, SERVICE_RULE);
  await world.until((app) => condition(app, 'Synced').status === 'True');
  await eventually(async () => expect(await service()).toMatchObject({ spec: { selector: { app: 'web' } } }));
});
