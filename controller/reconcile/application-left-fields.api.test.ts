import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  condition,
  DEPLOYMENTS,
  isSynced,
  isSyncedTo,
  SERVICES,
} from '../../test/application-world.ts';
import type { KubeClient, KubeObject, ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-left-fields';
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
/** What the controller has applied since the last commit, without dry runs. */
let bodies: KubeObject[] = [];

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: noting });
  await world.start();
});
beforeEach(() => {
  bodies = [];
});
afterAll(async () => {
  await world.cluster.client.delete(WEBHOOKS, NAMESPACE).catch(() => undefined);
  await world.close();
});

function noting(real: KubeClient): KubeClient {
  return {
    ...real,
    apply: (resource, object, options) => {
      if (options.dryRun !== true) bodies.push(object);
      return real.apply(resource, object, options);
    },
  };
}

const deployment = (name: string, image: string, replicas?: number): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  ${replicas === undefined ? '' : `replicas: ${replicas}`}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "registry.example.com/${image}"}]}
`;
const webhook = (path: string): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: ${NAMESPACE}}
webhooks:
  - name: a.left.example.com
    admissionReviewVersions: [v1]
    sideEffects: None
    failurePolicy: Ignore
    clientConfig: {caBundle: Cg==, service: {name: hook, namespace: ${NAMESPACE}, path: ${path}}}
    rules: [{apiGroups: [left.example.com], apiVersions: [v1], operations: [CREATE], resources: [nothings]}]
`;
const service = (port: number): string => `
apiVersion: v1
kind: Service
metadata: {name: whole}
spec: {selector: {app: whole}, ports: [{port: ${port}}]}
`;

/** Creates an Application that heals itself, so that every difference that it sees would show as an attempt. */
async function follow(name: string, manifest: string, ignoreDifferences: object[]): Promise<void> {
  const commit = await world.push({ [`${name}/x.yaml`]: manifest });
  await world.createApplication({ name, path: name });
  const syncPolicy = { automated: { selfHeal: true } };
  await world.patchApplication({ spec: { ignoreDifferences, syncPolicy } }, name);
  await world.until(isSyncedTo(commit), name);
}

async function push(name: string, manifest: string): Promise<void> {
  bodies = [];
  const commit = await world.push({ [`${name}/x.yaml`]: manifest });
  await world.until(isSyncedTo(commit), name);
}

/** Applies by another manager without force: a conflict with us throws. */
const applyAs = (fieldManager: string, resource: ResourceInfo, object: KubeObject): Promise<KubeObject> =>
  world.cluster.client.apply(resource, object, { fieldManager });

const scaled = (name: string, replicas: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: NAMESPACE },
  spec: { replicas },
});

describe('fields that are left to somebody else', () => {
  it('replicas are sent once, then are nobody else’s conflict, do not flap, and survive a restart', async () => {
    const rule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] };
    await follow('hpa', deployment('hpa', 'i:1', 2), [rule]);
    expect(await world.read(DEPLOYMENTS, 'hpa')).toMatchObject({ spec: { replicas: 2 } });
    await applyAs('scaler', DEPLOYMENTS, scaled('hpa', 5));

    await push('hpa', deployment('hpa', 'i:2', 2));
    expect(await world.read(DEPLOYMENTS, 'hpa')).toMatchObject({
      spec: { replicas: 5, template: { spec: { containers: [{ image: 'registry.example.com/i:2' }] } } },
    });
    await world.stop();
    await applyAs('scaler', DEPLOYMENTS, scaled('hpa', 6));
    await world.start();
    await push('hpa', deployment('hpa', 'i:3', 2));
    expect(await world.read(DEPLOYMENTS, 'hpa')).toMatchObject({ spec: { replicas: 6 } });
    expect(bodies.map(({ spec }) => Object.keys(spec as object))).toEqual([['selector', 'template']]);
    expect((await world.application('hpa')).status?.selfHeal).toBeUndefined();
  });

  it('an injected CA bundle is not sent, and stays the injector’s', async () => {
    const { group, kind } = WEBHOOKS;
    await follow('ca', webhook('/one'), [{ group, kind, jqPathExpressions: ['.webhooks[]?.clientConfig.caBundle'] }]);
    const metadata = { name: NAMESPACE };
    const webhooks = [{ name: 'a.left.example.com', clientConfig: { caBundle: CA } }];
    const injected = { apiVersion: `${group}/v1`, kind, metadata, webhooks };
    await applyAs('injector', WEBHOOKS, injected);
    await push('ca', webhook('/two'));
    expect(await world.cluster.client.get(WEBHOOKS, NAMESPACE)).toMatchObject({
      webhooks: [{ clientConfig: { caBundle: CA, service: { path: '/two' } } }],
    });
    expect(JSON.stringify(bodies)).not.toContain('caBundle');
    await applyAs('injector', WEBHOOKS, injected);
    expect((await world.application('ca')).status?.selfHeal).toBeUndefined();
  });

  it('by their manager', async () => {
    const managedFieldsManagers = ['kube-controller-manager'];
    await follow('manager', deployment('manager', 'i:1', 2), [{ group: '*', kind: '*', managedFieldsManagers }]);
    const key = `${NAMESPACE}/manager`;
    const options = { subresource: 'scale', fieldManager: 'kube-controller-manager' };
    const seven = { spec: { replicas: 7 } };
    await world.cluster.client.patch(DEPLOYMENTS, key, 'application/merge-patch+json', seven, options);
    await push('manager', deployment('manager', 'i:2', 2));
    expect(await world.read(DEPLOYMENTS, 'manager')).toMatchObject(seven);
    expect(JSON.stringify(bodies)).not.toContain('replicas');
    // What others write counts as before.
    const five = { spec: { replicas: 5 } };
    await world.cluster.client.patch(DEPLOYMENTS, key, 'application/merge-patch+json', five, { fieldManager: 'hand' });
    await world.until((app) => app.status?.selfHeal?.attempts === 1 && isSynced(app), 'manager');
    expect(await world.read(DEPLOYMENTS, 'manager')).toMatchObject({ spec: { replicas: 2 } });
  });

  it('stay when Git stops to name them in the moment they are left', async () => {
    const commit = await world.push({ 'leaves/x.yaml': deployment('leaves', 'i:1', 3) });
    await world.createApplication({ name: 'leaves', path: 'leaves', automated: {} });
    await world.until(isSyncedTo(commit), 'leaves');
    const ignoreDifferences = [{ group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }];
    await world.repository.commit({ 'leaves/x.yaml': deployment('leaves', 'i:1') });
    await world.patchApplication({ spec: { ignoreDifferences } }, 'leaves');
    await push('leaves', deployment('leaves', 'i:2'));
    expect(await world.read(DEPLOYMENTS, 'leaves')).toMatchObject({ spec: { replicas: 3 } });
  });

  it('keep their live value within a map that has one owner as a whole', async () => {
    await follow('whole', service(80), [{ kind: 'Service', jsonPointers: ['/spec/selector/color'] }]);
    const patch = { spec: { selector: { color: 'blue' } } };
    const key = `${NAMESPACE}/whole`;
    await world.cluster.client.patch(SERVICES, key, 'application/merge-patch+json', patch, { fieldManager: 'painter' });
    await push('whole', service(81));
    expect(await world.read(SERVICES, 'whole')).toMatchObject({
      spec: { selector: { app: 'whole', color: 'blue' }, ports: [{ port: 81 }] },
    });
    const application = await world.application('whole');
    expect(condition(application, 'Synced').status).toBe('True');
  });

  it('cannot be the tracking annotation', async () => {
    const rule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/metadata/annotations'] };
    await follow('marked', deployment('marked', 'i:1'), [rule]);
    await push('marked', deployment('marked', 'i:2'));
    const { annotations } = (await world.read(DEPLOYMENTS, 'marked'))?.metadata ?? {};
    expect(annotations).toHaveProperty(['slipway.dev/tracking-id']);
    expect(annotations).toHaveProperty(['deployment.kubernetes.io/revision']);
  });
});
