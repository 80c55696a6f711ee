import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, condition, DEPLOYMENTS, isSynced, isSyncedTo } from '../../test/application-world.ts';
import type { ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-ignore';
const WEBHOOKS: ResourceInfo = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
  verbs: ['get', 'patch', 'delete'],
  subresources: [],
};
const CA = Buffer.from('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n').toString('base64');

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.cluster.client.delete(WEBHOOKS, 'app-ignore').catch(() => undefined);
  await world.close();
});

const deployment = (image: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: main, image: "${image}"}]}
`;
const webhook = (path: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: app-ignore}
webhooks:
  - name: a.ignore.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {caBundle: Cg==, service: {name: hook, namespace: ${NAMESPACE}, path: ${path}}}
    rules: [{apiGroups: [ignore.example.com], apiVersions: [v1], operations: [CREATE], resources: [nothings]}]
`;
const merge = (resource: ResourceInfo, key: string, patch: object): Promise<unknown> =>
  world.cluster.client.patch(resource, key, 'application/merge-patch+json', patch);

describe('spec.ignoreDifferences', () => {
  it('leaves replicas to who scales, while the image follows Git', async () => {
    const ignoreDifferences = [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }];
    await world.push({ 'hpa/d.yaml': deployment('registry.example.com/api:1') });
    await world.createApplication({ name: 'hpa', path: 'hpa' });
    await world.patchApplication({ spec: { ignoreDifferences, syncPolicy: { automated: {} } } }, 'hpa');
    await world.until(isSynced, 'hpa');
    // On creation there is nobody else's value yet.
    expect(await world.read(DEPLOYMENTS, 'api')).toMatchObject({ spec: { replicas: 2 } });
    await merge(DEPLOYMENTS, `${NAMESPACE}/api`, { spec: { replicas: 7 } });
    const commit = await world.push({ 'hpa/d.yaml': deployment('registry.example.com/api:2') });
    await world.until(isSyncedTo(commit), 'hpa');
    expect(await world.read(DEPLOYMENTS, 'api')).toMatchObject({
      spec: { replicas: 7, template: { spec: { containers: [{ image: 'registry.example.com/api:2' }] } } },
    });
    // A process that remembers nothing compares anew, and finds no difference either.
    await world.stop();
    await merge(DEPLOYMENTS, `${NAMESPACE}/api`, { spec: { replicas: 5 } });
    await world.start();
    const next = await world.push({ 'hpa/README': 'moves the revision' });
    const application = await world.until(isSyncedTo(next), 'hpa');
    expect(condition(application, 'Synced').status).toBe('True');
    expect(await world.read(DEPLOYMENTS, 'api')).toMatchObject({ spec: { replicas: 5 } });
  });

  it('keeps the CA bundle that replaced the placeholder of Git', async () => {
    const ignoreDifferences = [
      {
        group: WEBHOOKS.group,
        kind: WEBHOOKS.kind,
        jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'],
      },
    ];
    await world.push({ 'ca/w.yaml': webhook('/one') });
    await world.createApplication({ name: 'ca', path: 'ca' });
    await world.patchApplication({ spec: { ignoreDifferences, syncPolicy: { automated: {} } } }, 'ca');
    await world.until(isSynced, 'ca');
    await world.cluster.client.patch(WEBHOOKS, 'app-ignore', 'application/json-patch+json', [
      { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: CA },
    ]);
    const commit = await world.push({ 'ca/w.yaml': webhook('/two') });
    await world.until(isSyncedTo(commit), 'ca');
    const live = await world.cluster.client.get(WEBHOOKS, 'app-ignore');
    expect(live).toMatchObject({ webhooks: [{ clientConfig: { caBundle: CA, service: { path: '/two' } } }] });
  });

  it('applies nothing when an expression is not understood', async () => {
    const ignoreDifferences = [{ kind: 'Service', jqPathExpressions: ['.spec.ports', '.spec | keys'] }];
    await world.push({ 'bad/d.yaml': deployment('registry.example.com/bad:1').replace('name: api', 'name: bad') });
    await world.createApplication({ name: 'bad', path: 'bad' });
    await world.patchApplication({ spec: { ignoreDifferences, syncPolicy: { automated: {} } } }, 'bad');
    const application = await world.until((app) => condition(app, 'SourceReady').reason === 'InvalidSpec', 'bad');
    expect(condition(application, 'SourceReady').message).toContain(
      'spec.ignoreDifferences[0].jqPathExpressions[1] is not understood from character',
    );
    expect(await world.read(DEPLOYMENTS, 'bad')).toBeUndefined();
  });
});
