import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ensureAsset } from '../../e2e/cluster/assets.ts';
import { readManifests } from '../../e2e/cluster/custom-resources.ts';
import { folders } from '../../e2e/cluster/folders.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../../e2e/cluster/kube-api.ts';
import { ApplicationWorld, condition, isSynced, isSyncedTo, SERVICES } from '../../test/application-world.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import { ROLLOUT_RESOURCE } from '../api/generated/rollout.ts';
import { MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL, ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';

const NAMESPACE = 'app-rollout';
const ROUTES = { ...SERVICES, group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', plural: 'httproutes' };
let world: ApplicationWorld;
/** Runs before each apply of the controller, to take part in a race. */
let beforeApply: ((object: KubeObject) => Promise<void>) | undefined;

beforeAll(async () => {
  const gatewayApi = await ensureAsset('gateway-api', folders(), () => {});
  const definitions = readManifests(join(gatewayApi, 'config/crd/standard')).filter(
    ({ metadata }) => metadata.name === 'httproutes.gateway.networking.k8s.io',
  );
  await applyCustomResourceDefinitions(kubeApi(inject('kubeconfig')), definitions);
  world = await ApplicationWorld.open(NAMESPACE, { client: racing });
  await world.push({ 'r/rollout.yaml': ROLLOUT, 'r/services.yaml': services(80), 'r/route.yaml': route() });
  await world.start();
  await world.createApplication({ path: 'r', automated: { prune: true } });
  await world.until(isSynced);
  await startCanary();
});
afterAll(() => world.close());

const racing = (real: KubeClient): KubeClient => ({
  ...real,
  apply: async (resource, object, options) => {
    if (options.dryRun !== true) await beforeApply?.(object);
    return real.apply(resource, object, options);
  },
});

const ROLLOUT = `
apiVersion: slipway.dev/v1alpha1
kind: Rollout
metadata: {name: fraud}
spec:
  replicas: 2
  selector: {matchLabels: {app: fraud}}
  template:
    metadata: {labels: {app: fraud}}
    spec: {containers: [{name: server, image: example.test/server:1}]}
  strategy:
    canary:
      stableService: fraud
      canaryService: fraud-canary
      trafficRouting: {gatewayAPI: {httpRoutes: [{name: fraud}]}}
      steps: [{setWeight: 30}, {pause: {}}]
`;

function services(port: number): string {
  const one = (name: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: fraud}, ports: [{port: ${port}}]}\n`;
  return `${one('fraud')}---\n${one('fraud-canary')}`;
}

function route(timeout = '', port = 80): string {
  return `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: fraud}
spec:
  parentRefs: [{name: gateway}]
  rules:
    - ${timeout}
      backendRefs:
        - {name: fraud, port: ${port}, weight: 100}
        - {name: fraud-canary, port: ${port}, weight: 0}
`.replace('    - \n      backendRefs', '    - backendRefs');
}

/** What the rollout half does at the start of a canary: hashes into selectors, a share of the traffic to the canary. */
async function startCanary(): Promise<void> {
  for (const [name, hash] of [
    ['fraud', 'old'],
    ['fraud-canary', 'new'],
  ] as const) {
    const patch = {
      metadata: { annotations: { [MANAGED_BY_ANNOTATION]: 'fraud' } },
      spec: { selector: { [POD_TEMPLATE_HASH_LABEL]: hash } },
    };
    await world.cluster.client.patch(SERVICES, `${NAMESPACE}/${name}`, 'application/merge-patch+json', patch, {
      fieldManager: ROLLOUT_FIELD_MANAGER,
    });
  }
  await setWeights(70, 30);
  await acceptRoute();
}

/** What the gateway says of the route. */
async function acceptRoute(): Promise<void> {
  const now = new Date(0).toISOString();
  const conditions = ['Accepted', 'ResolvedRefs'].map((type) => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    lastTransitionTime: now,
  }));
  const parents = [{ parentRef: { name: 'gateway' }, controllerName: 'example.test/gateway', conditions }];
  const options = { subresource: 'status' };
  const patch = { status: { parents } };
  await world.cluster.client.patch(ROUTES, `${NAMESPACE}/fraud`, 'application/merge-patch+json', patch, options);
}

async function setWeights(stable: number, canary: number): Promise<void> {
  const weights = [stable, canary].map((value, i) => ({
    op: 'replace',
    path: `/spec/rules/0/backendRefs/${i}/weight`,
    value,
  }));
  await world.cluster.client.patch(ROUTES, `${NAMESPACE}/fraud`, 'application/json-patch+json', weights, {
    fieldManager: ROLLOUT_FIELD_MANAGER,
  });
}

async function weights(): Promise<unknown[]> {
  const found = (await world.read(ROUTES, 'fraud')) as unknown as {
    spec: { rules: { backendRefs: { weight: number }[] }[] };
  };
  return found.spec.rules[0]?.backendRefs.map(({ weight }) => weight) ?? [];
}

describe('a commit in the middle of a canary', () => {
  it('the fields that the Rollout writes are no drift', async () => {
    await world.stop();
    await world.start();
    const revision = await world.push({ 'r/unrelated.txt': 'x' });
    const application = await world.until((app) => app.status?.sync?.revision === revision);
    expect(application.status?.sync?.status).toBe('Synced');
    expect(await weights()).toEqual([70, 30]);
  });

  it('changes the rest of the route and of the Services, and moves neither weight nor selector', async () => {
    const commit = await world.push({
      'r/route.yaml': route('timeouts: {request: 5s}', 81),
      'r/services.yaml': services(81),
    });
    await world.until(isSyncedTo(commit));
    const changed = await world.read(ROUTES, 'fraud');
    expect(changed).toMatchObject({ spec: { rules: [{ timeouts: { request: '5s' } }] } });
    expect(await weights()).toEqual([70, 30]);
    for (const [name, hash] of [
      ['fraud', 'old'],
      ['fraud-canary', 'new'],
    ] as const) {
      const service = await world.read(SERVICES, name);
      expect(service).toMatchObject({
        metadata: { annotations: { [MANAGED_BY_ANNOTATION]: 'fraud' } },
        spec: { selector: { app: 'fraud', [POD_TEMPLATE_HASH_LABEL]: hash }, ports: [{ port: 81 }] },
      });
    }
  });

  it('a weight that moves between reading and writing is not moved back', async () => {
    let raced = false;
    beforeApply = async (object) => {
      if (object.kind !== 'HTTPRoute' || raced) return;
      raced = true;
      await setWeights(0, 100);
    };
    const commit = await world.push({ 'r/route.yaml': route('timeouts: {request: 7s}', 81) });
    const application = await world.until(isSyncedTo(commit));
    beforeApply = undefined;
    expect(raced).toBe(true);
    expect(await weights()).toEqual([0, 100]);
    expect(await world.read(ROUTES, 'fraud')).toMatchObject({ spec: { rules: [{ timeouts: { request: '7s' } }] } });
    expect(condition(application, 'Synced').message).toContain('in sync');
  });

  it('busy writes of the rollout half neither start a sync nor make the Application look out of sync', async () => {
    const before = await world.application();
    const seen = new Set<string>();
    const informer = world.cluster.informers.acquire<Application>(APPLICATION_RESOURCE, { namespace: NAMESPACE });
    informer.informer.onEvent(({ object }) =>
      seen.add(`${object.status?.sync?.status} ${object.status?.operationState?.startedAt}`),
    );
    for (let canary = 0; canary <= 20; canary++) await setWeights(100 - canary, canary);
    // The next commit is worked on after all of that.
    const commit = await world.push({ 'r/unrelated.txt': 'y' });
    await world.until(isSyncedTo(commit));
    informer.release();
    expect([...seen]).toEqual([`Synced ${before.status?.operationState?.startedAt}`]);
    expect(await weights()).toEqual([80, 20]);
  });

  it('keeps the backend that an Experiment of the Rollout has in the route, and follows Git in the rest', async () => {
    const { client } = world.cluster;
    const key = `${NAMESPACE}/fraud`;
    const share = {
      canary: { weight: 20 },
      stable: { weight: 70 },
      additional: [{ weight: 10, serviceName: 'tested' }],
    };
    const status = { status: { canary: { weights: share } } };
    await client.patch(ROLLOUT_RESOURCE, key, 'application/merge-patch+json', status, { subresource: 'status' });
    await setWeights(70, 20);
    const path = '/spec/rules/0/backendRefs/-';
    const patch = [{ op: 'add', path, value: { name: 'tested', port: 8080, weight: 10 } }];
    await client.patch(ROUTES, key, 'application/json-patch+json', patch, { fieldManager: ROLLOUT_FIELD_MANAGER });
    const commit = await world.push({ 'r/route.yaml': route('timeouts: {request: 9s}', 81) });
    const application = await world.until(isSyncedTo(commit));
    expect(application.status?.sync?.status).toBe('Synced');
    expect(await world.read(ROUTES, 'fraud')).toMatchObject({ spec: { rules: [{ timeouts: { request: '9s' } }] } });
    expect(await weights()).toEqual([70, 20, 10]);
  });

  it('a sync is done when the spec is accepted; the health follows the Rollout', async () => {
    const revision = await world.push({ 'r/rollout.yaml': ROLLOUT.replace('server:1', 'server:2') });
    const application = await world.until(isSyncedTo(revision));
    expect(application.status?.operationState?.phase).toBe('Succeeded');
    expect(application.status?.health).toMatchObject({ status: 'Progressing' });
    const { client } = world.cluster;
    const key = `${NAMESPACE}/fraud`;
    const { generation } = (await client.get(ROLLOUT_RESOURCE, key)).metadata;
    const patch = (status: object): Promise<unknown> =>
      client.patch(
        ROLLOUT_RESOURCE,
        key,
        'application/merge-patch+json',
        { status: { observedGeneration: generation, ...status } },
        { subresource: 'status' },
      );
    await patch({ phase: 'Paused', message: 'CanaryPauseStep' });
    await world.until((app) => app.status?.health?.message === `Rollout ${key}: CanaryPauseStep`);
    await patch({ phase: 'Degraded', message: 'aborted: error rate 0.31 is above 0.05' });
    const degraded = await world.until((app) => app.status?.health?.status === 'Degraded');
    expect(condition(degraded, 'Healthy')).toMatchObject({ status: 'False', reason: 'Degraded' });
    expect(degraded.status?.message).toContain('error rate 0.31');
    expect(degraded.status?.sync?.status).toBe('Synced');
  });
});
