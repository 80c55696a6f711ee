import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, isSyncedTo } from '../../test/application-world.ts';
import { CRDS, eventually } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import { type KubeObject, keyOf, type ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-health-of-revision';
const GROUP = 'health-of-revision.example.com';
const SERVERS: ResourceInfo = {
  group: GROUP,
  version: 'v1',
  kind: 'ModelServer',
  plural: 'modelservers',
  namespaced: true,
  verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'],
  subresources: ['status'],
};
const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: modelservers.${GROUP}}
spec:
  group: ${GROUP}
  scope: Namespaced
  names: {kind: ModelServer, plural: modelservers, singular: modelserver, listKind: ModelServerList}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const server = (version: string): string => `
apiVersion: ${GROUP}/v1
kind: ModelServer
metadata: {name: fraud}
spec: {version: "${version}"}
`;

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.cluster.client.delete(CRDS, `modelservers.${GROUP}`, {}).catch(() => undefined);
  await world.close();
});

/** What the controller of the kind does, as slowly as the test wants: it takes up the spec and says how it goes. */
async function takeUp(ready: 'True' | 'False'): Promise<void> {
  await eventually(async () => {
    const live = await world.cluster.client.get(SERVERS, `${NAMESPACE}/fraud`);
    const { generation } = live.metadata;
    const status = { observedGeneration: generation, conditions: [{ type: 'Ready', status: ready, reason: 'Test' }] };
    await world.cluster.client.update(SERVERS, { ...live, status } as KubeObject, { subresource: 'status' });
  });
}

it('no status of a revision is ever Healthy by what was reported of the one before', async () => {
  const first = await world.push({ 'a/crd.yaml': DEFINITION, 'a/fraud.yaml': server('7') });
  await world.createApplication({ path: 'a', automated: {} });
  await world.until(isSyncedTo(first));
  await takeUp('True');
  await world.until((app) => isSyncedTo(first)(app) && app.status?.health?.status === 'Healthy');

  const seen: string[] = [];
  const { informer, release } = world.cluster.informers.acquire<Application>(APPLICATION_RESOURCE, {
    namespace: NAMESPACE,
  });
  await informer.waitForSync(new AbortController().signal);
  const remove = informer.onEvent(({ object }) => {
    if (keyOf(object) !== `${NAMESPACE}/app`) return;
    const { sync, health, operationState } = object.status ?? {};
    const at = (revision: string | undefined): string => (revision === first ? 'first' : 'second');
    seen.push(`${sync?.status} ${at(sync?.revision)}, done ${at(operationState?.revision)}: ${health?.status}`);
  });
  const second = await world.push({ 'a/fraud.yaml': server('8') });
  const waiting = await world.until((app) => isSyncedTo(second)(app) && app.status?.health?.status !== 'Healthy');
  expect(waiting.status?.health).toMatchObject({ status: 'Progressing' });
  expect(seen.filter((line) => line.startsWith('Synced second') && line.endsWith('Healthy'))).toEqual([]);

  await takeUp('False');
  await world.until((app) => isSyncedTo(second)(app) && app.status?.health?.message?.includes('Test') === true);
  expect(seen.filter((line) => line.startsWith('Synced second') && line.endsWith('Healthy'))).toEqual([]);
  await takeUp('True');
  await world.until((app) => isSyncedTo(second)(app) && app.status?.health?.status === 'Healthy');
  await eventually(() => expect(seen.at(-1)).toBe('Synced second, done second: Healthy'));
  remove();
  release();
});
