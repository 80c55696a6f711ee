import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSynced } from '../../test/application-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-health-rules';
const GROUP = 'health-rules.example.com';
const DATABASES: ResourceInfo = {
  group: GROUP,
  version: 'v1',
  kind: 'Database',
  plural: 'databases',
  namespaced: true,
  verbs: ['get', 'list', 'watch', 'patch', 'update', 'delete'],
  subresources: ['status'],
};
const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: databases.${GROUP}}
spec:
  group: ${GROUP}
  scope: Namespaced
  names: {kind: Database, plural: databases, singular: database, listKind: DatabaseList}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const DATABASE = `
apiVersion: ${GROUP}/v1
kind: Database
metadata: {name: orders}
spec: {members: 3}
`;
const RULE = {
  group: GROUP,
  kind: 'Database',
  current: "status.phase == 'Ready' && status.members >= spec.members",
  failed: "status.phase == 'Broken'",
  message: "status.phase + ', ' + string(status.members) + ' members'",
};

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.cluster.client.delete(DEFINITIONS, `databases.${GROUP}`).catch(() => undefined);
  await world.close();
});

const DEFINITIONS: ResourceInfo = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  verbs: ['delete'],
  subresources: [],
};

async function report(status: object): Promise<void> {
  await eventually(async () => {
    const live = await world.cluster.client.get(DATABASES, `${NAMESPACE}/orders`);
    await world.cluster.client.update(DATABASES, { ...live, status } as KubeObject, { subresource: 'status' });
  });
}

it('judges a custom kind by CEL, follows its status, and names a rule that is wrong', async () => {
  await world.push({ 'db/crd.yaml': DEFINITION, 'db/orders.yaml': DATABASE });
  await world.createApplication({ path: 'db' });
  await world.patchApplication({ spec: { healthChecks: [RULE], syncPolicy: { automated: {} } } });
  await world.until(isSynced);
  const health = (wanted: string) => world.until((app) => isSynced(app) && app.status?.health?.status === wanted);

  // Nothing is reported yet, and without the rule nothing would ever be.
  expect((await health('Progressing')).status?.health?.message).toContain('none of failed, current is true yet');
  await report({ phase: 'Ready', members: 3 });
  expect((await health('Healthy')).status?.health).toEqual({ status: 'Healthy' });
  // The spec has changed and its controller has not seen that yet: the old word does not count.
  await report({ phase: 'Ready', members: 3, observedGeneration: 1 });
  await world.push({ 'db/orders.yaml': DATABASE.replace('members: 3', 'members: 2') });
  expect((await health('Progressing')).status?.health?.message).toContain('has not seen generation 2 yet');
  await report({ phase: 'Ready', members: 3, observedGeneration: 2 });
  await health('Healthy');
  await report({ phase: 'Broken', members: 1 });
  expect((await health('Degraded')).status?.health?.message).toBe(`Database ${NAMESPACE}/orders: Broken, 1 members`);
  await report({ phase: 'Ready', members: 'three' });
  expect((await health('Unknown')).status?.health?.message).toContain(
    'spec.healthChecks[0].current failed: no such overload',
  );

  // Other rules count at once, although neither Git nor the object has changed.
  const operations = (await world.application()).status?.operationState?.startedAt;
  await world.patchApplication({ spec: { healthChecks: [{ ...RULE, current: "status.phase == 'Ready'" }] } });
  const relaxed = await health('Healthy');
  expect(relaxed.status?.operationState?.startedAt).toBe(operations);

  // A rule that is no CEL: said with its field; nothing of Git is applied, and no other health is taken for the truth.
  await world.patchApplication({ spec: { healthChecks: [{ ...RULE, current: "status.phase = 'Ready'" }] } });
  const wrong = await world.until((app) => condition(app, 'SourceReady').reason === 'InvalidSpec');
  expect(condition(wrong, 'SourceReady').message).toMatch(
    /^spec\.healthChecks\[0\]\.current is no CEL: .*character 14/,
  );
  expect(wrong.status?.health?.status).toBe('Unknown');
  await world.push({ 'db/more.yaml': configMap('more') });
  await world.patchApplication({ spec: { healthChecks: [RULE, { kind: 'ConfigMap', current: 'true' }] } });
  const refused = await world.until((app) => condition(app, 'SourceReady').message.includes('ConfigMap'));
  expect(condition(refused, 'SourceReady').message).toContain('spec.healthChecks[1].kind ConfigMap cannot have a rule');
  expect(await world.read(CONFIG_MAPS, 'more')).toBeUndefined();

  await world.patchApplication({ spec: { healthChecks: [RULE] } });
  await world.untilObject(CONFIG_MAPS, 'more', (object) => object !== undefined);
});
