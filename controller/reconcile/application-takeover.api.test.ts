import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  DEPLOYMENTS,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';
import { kubectl } from '../../test/setup/kubectl.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';

const NAMESPACE = 'app-takeover';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
let world: ApplicationWorld;
/** From then on it is as if the process had died before it could apply anything. */
let dead = false;
/** Happens right before the controller's next patch. */
let beforePatch: (() => Promise<unknown>) | undefined;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: mortal });
});
beforeEach(async () => {
  dead = false;
  await world.start();
});
afterEach(() => world.stop());
afterAll(() => world.close());

function mortal(real: KubeClient): KubeClient {
  return {
    ...real,
    apply: (...args) => (dead ? Promise.reject(new Error('killed')) : real.apply(...args)),
    patch: async (...args) => {
      const meanwhile = beforePatch;
      beforePatch = undefined;
      await meanwhile?.();
      return await real.patch(...args);
    },
  };
}

function deployment(name: string, { more = false, replicas = 0, image = 'i:1' } = {}): KubeObject {
  const main = {
    name: 'main',
    image: `registry.example.com/${image}`,
    env: [{ name: 'A', value: '1' }, ...(more ? [{ name: 'OLD', value: '1' }] : [])],
    ports: [{ containerPort: 80 }, ...(more ? [{ containerPort: 81 }] : [])],
  };
  const metadata = { name, namespace: NAMESPACE, labels: { app: name, ...(more && { old: 'yes' }) } };
  const template = { metadata: { labels: { app: name } }, spec: { containers: [main] } };
  const spec = { ...(replicas > 0 && { replicas }), selector: { matchLabels: { app: name } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
}

function container(object: KubeObject | undefined): { env: { name: string }[]; ports: { containerPort: number }[] } {
  const { spec } = object as unknown as { spec: { template: { spec: { containers: [never] } } } };
  return spec.template.spec.containers[0];
}

function template(object: KubeObject): unknown {
  return (object['spec'] as { template: unknown }).template;
}

function managers(object: KubeObject): string[] {
  const { managedFields } = object.metadata as unknown as { managedFields: { manager: string; operation: string }[] };
  return managedFields.map(({ manager, operation }) => `${manager} ${operation}`).sort();
}

/** Has an Application apply one manifest, and resolves when that is done. */
async function follow(name: string, manifest: KubeObject | string, automated: object = {}): Promise<KubeObject> {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  const commit = await world.push({ [`${name}/x.yaml`]: text });
  await world.createApplication({ name, path: name, automated });
  await world.until(isSyncedTo(commit), name);
  return (await world.read(text.includes('"Deployment"') ? DEPLOYMENTS : CONFIG_MAPS, name)) as KubeObject;
}

async function commit(name: string, manifest: KubeObject | string): Promise<void> {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  await world.until(isSyncedTo(await world.push({ [`${name}/x.yaml`]: text })), name);
}

const merge = (name: string, patch: object, options: object = {}): Promise<KubeObject> =>
  world.cluster.client.patch(DEPLOYMENTS, `${NAMESPACE}/${name}`, 'application/merge-patch+json', patch, options);

describe('an object that something else has applied before', () => {
  it('loses what only kubectl apply knew, and keeps what an autoscaler and other controllers wrote', async () => {
    const { client } = world.cluster;
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('web', { more: true, replicas: 1 })));
    const options = { subresource: 'scale', fieldManager: 'kube-controller-manager' };
    await merge('web', { spec: { replicas: 3 } }, options);
    const theirs = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: NAMESPACE } };
    const injected = { ...theirs, metadata: { ...theirs.metadata, annotations: { 'example.com/injected': 'yes' } } };
    await client.apply(DEPLOYMENTS, injected, { fieldManager: 'injector' });

    const live = await follow('web', deployment('web'));
    expect(live.metadata.labels).toEqual({ app: 'web' });
    expect(container(live).env.map(({ name }) => name)).toEqual(['A']);
    expect(container(live).ports.map(({ containerPort }) => containerPort)).toEqual([80]);
    expect(live).toMatchObject({ spec: { replicas: 3 } });
    expect(live.metadata.annotations).toMatchObject({ 'example.com/injected': 'yes' });
    expect(live.metadata.annotations).not.toHaveProperty([LAST_APPLIED]);
    expect(managers(live)).toEqual(expect.arrayContaining(['injector Apply', 'slipway Apply']));
    expect(managers(live).join()).not.toContain('kubectl');
  });

  it.each(['argocd-controller', 'kustomize-controller', 'helm-controller'])('by %s', async (fieldManager) => {
    const old = JSON.parse(configMap(fieldManager, { key: 'value', old: 'yes' })) as KubeObject;
    old.metadata = { ...old.metadata, namespace: NAMESPACE, labels: { 'example.com/owner': fieldManager } };
    await world.cluster.client.apply(CONFIG_MAPS, old, { fieldManager });
    const live = await follow(fieldManager, configMap(fieldManager));
    expect(live['data']).toEqual({ key: 'value' });
    expect(live.metadata.labels).toBeUndefined();
    expect(managers(live)).toEqual(['slipway Apply']);
  });

  it.each([
    [['apply', '--server-side'], 'server-side'],
    [['create'], 'created'],
  ])('by kubectl %j', async (verb, name) => {
    await kubectl([...verb, '-n', NAMESPACE, '-f', '-'], configMap(name, { key: 'value', old: 'yes' }));
    expect((await follow(name, configMap(name)))['data']).toEqual({ key: 'value' });
  });

  it('when the process dies after the fields became ours, the next one goes on', async () => {
    await kubectl(['apply', '-n', NAMESPACE, '-f', '-'], configMap('died', { key: 'value', old: 'yes' }));
    dead = true;
    await world.push({ 'died/x.yaml': configMap('died') });
    await world.createApplication({ name: 'died', path: 'died', automated: {} });
    await world.untilObject(CONFIG_MAPS, 'died', (live) => live?.metadata.annotations?.[LAST_APPLIED] === undefined);
    expect((await world.read(CONFIG_MAPS, 'died'))?.['data']).toHaveProperty('old');
    await world.stop();
    dead = false;
    await world.start();
    await world.until(isSynced, 'died');
    expect((await world.read(CONFIG_MAPS, 'died'))?.['data']).toEqual({ key: 'value' });
  });

  it('leaves to another what it has just written, between our read and our write', async () => {
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('raced')));
    const annotations = { 'example.com/late': 'yes' };
    beforePatch = () => merge('raced', { metadata: { annotations } }, { fieldManager: 'late' });
    const live = await follow('raced', deployment('raced'));
    expect(live.metadata.annotations).toMatchObject(annotations);
    expect(managers(live)).toEqual(expect.arrayContaining(['late Update', 'slipway Apply']));
    expect(managers(live).join()).not.toContain('kubectl');
  });

  it('starts no pod anew for a restart that somebody asked for once', async () => {
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('restarted')));
    await kubectl(['rollout', 'restart', 'deployment/restarted', '-n', NAMESPACE]);
    const before = await world.read(DEPLOYMENTS, 'restarted');
    const after = await follow('restarted', deployment('restarted'));
    expect(template(after)).toEqual(template(before as KubeObject));
    expect(JSON.stringify(template(after))).toContain('kubectl.kubernetes.io/restartedAt');
  });

  it('loses, with Git, what a patch has set to the same value', async () => {
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('patched')));
    const env = {
      spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'OLD', value: '1' }] }] } } },
    };
    await kubectl(['patch', 'deployment/patched', '-n', NAMESPACE, '-p', JSON.stringify(env)]);
    const wanted = deployment('patched', { more: true });
    expect(container(await follow('patched', wanted)).env).toHaveLength(2);
    await commit('patched', deployment('patched'));
    expect(container(await world.read(DEPLOYMENTS, 'patched')).env.map(({ name }) => name)).toEqual(['A']);
  });

  it('and whose manifest in Git is an export that has the annotation of kubectl apply', async () => {
    await kubectl(['apply', '-n', NAMESPACE, '-f', '-'], configMap('exported'));
    const exported = await kubectl(['get', 'configmap/exported', '-n', NAMESPACE, '-o', 'json']);
    expect(exported).toContain(LAST_APPLIED);
    const live = await follow('exported', exported);
    expect(live.metadata.annotations).not.toHaveProperty([LAST_APPLIED]);
  });
});

describe('an object of an Application that somebody applies by hand', () => {
  it('is out of sync by the first field that Git lacks, until the next sync removes it', async () => {
    await follow('hand', deployment('hand'));
    await kubectl(['apply', '-f', '-'], JSON.stringify(deployment('hand', { more: true })));
    const drifted = await world.until((app) => condition(app, 'Synced').reason === 'OutOfSync', 'hand');
    expect(condition(drifted, 'Synced').message).toContain(
      'differs at metadata.labels.old, which kubectl-client-side-apply added',
    );
    await commit('hand', deployment('hand', { image: 'i:2' }));
    const live = await world.read(DEPLOYMENTS, 'hand');
    expect(live?.metadata.labels).toEqual({ app: 'hand' });
    expect(container(live).env.map(({ name }) => name)).toEqual(['A']);
  });

  it('is healed with selfHeal', async () => {
    await follow('healed', configMap('healed'), { selfHeal: true });
    await kubectl(
      ['apply', '--server-side', '--force-conflicts', '-n', NAMESPACE, '-f', '-'],
      configMap('healed', { key: 'value', hand: 'yes' }),
    );
    await world.until((app) => app.status?.selfHeal?.attempts === 1 && isSynced(app), 'healed');
    expect((await world.read(CONFIG_MAPS, 'healed'))?.['data']).toEqual({ key: 'value' });
  });
});
