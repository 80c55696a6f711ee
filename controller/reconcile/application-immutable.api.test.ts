import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Application } from '../../controller/api/generated/application.ts';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import { KubeError } from '../kube/errors.ts';
import type { KubeClient, KubeObject, ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-immutable';
const resource = (group: string, kind: string, plural: string): ResourceInfo => ({
  group,
  version: 'v1',
  kind,
  plural,
  namespaced: true,
  verbs: [],
  subresources: [],
});
const POLICIES = {
  ...resource('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
  namespaced: false,
};
const BINDINGS = { ...POLICIES, kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings' };
const JOBS = resource('batch', 'Job', 'jobs');

let world: ApplicationWorld;
/** Refuses the controller's writes of an object that is not there, as a broken webhook would. */
let refuseNew = false;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: unreliable });
  await world.start();
});
beforeEach(() => {
  refuseNew = false;
});
afterAll(async () => {
  for (const kind of [BINDINGS, POLICIES]) {
    await world.cluster.client.delete(kind, `${NAMESPACE}-refused`).catch(() => undefined);
  }
  await world.close();
});

function unreliable(real: KubeClient): KubeClient {
  return {
    ...real,
    apply: async (resource, object, options) => {
      if (refuseNew && (await world.read(resource, object.metadata.name)) === undefined) {
        throw new KubeError('KubeServerError', 'webhook is down', { status: 500, reason: 'x', retryable: true });
      }
      return await real.apply(resource, object, options);
    },
  };
}

const force = { annotations: { 'slipway.dev/sync-options': 'Force=true' } };

function immutable(name: string, value: string, metadata: object = {}): string {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    immutable: true,
    metadata: { name, ...metadata },
    data: { value },
  };
  return JSON.stringify(object);
}

function job(name: string, image: string, metadata: object = {}): string {
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image }] };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, ...metadata },
    spec: { suspend: true, template: { spec } },
  });
}

/** One object of every kind, with a field that cannot be changed. */
function kinds(one: string): string[] {
  const pod = { metadata: { labels: { app: one } }, spec: { containers: [{ name: 'main', image: 'i' }] } };
  const claim = (size: string): object => ({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: size } },
    storageClassName: one,
  });
  const selector = { matchLabels: { app: one } };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 0, selector, template: pod } },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      spec: {
        replicas: 0,
        serviceName: 'k',
        selector: { matchLabels: { app: 'k' } },
        template: { ...pod, metadata: { labels: { app: 'k', one } } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim(one === 'a' ? '1Gi' : '2Gi') }],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { ...(one === 'b' && { clusterIP: 'None' }), ports: [{ port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: claim('1Gi') },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: one },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: one === 'a' ? 'Opaque' : 'example.com/b',
      stringData: { v: `hunter-${one}` },
    },
  ].map((object) => JSON.stringify({ ...object, metadata: { name: 'kind' } }));
}

/** Has the API server itself refuse to make a ConfigMap of this name; resolves when it does. */
async function forbidCreation(name: string): Promise<void> {
  const { client } = world.cluster;
  const metadata = { name: `${NAMESPACE}-${name}` };
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
  const matchConditions = [{ name: 'it', expression: `object.metadata.name == '${name}'` }];
  const validations = [{ expression: 'false', message: 'none may be made' }];
  const spec = { matchConstraints: { resourceRules }, matchConditions, validations };
  await client.create(POLICIES, { apiVersion, kind: POLICIES.kind, metadata, spec });
  const binding = { policyName: metadata.name, validationActions: ['Deny'] };
  await client.create(BINDINGS, { apiVersion, kind: BINDINGS.kind, metadata, spec: binding });
  const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await eventually(() =>
    expect(client.create(CONFIG_MAPS, other, { dryRun: true })).rejects.toThrow('none may be made'),
  );
}

const message = (application: Application, kind: string): string =>
  application.status?.resources?.find((entry) => entry.kind === kind)?.message ?? '';

async function follow(name: string, manifest: string): Promise<void> {
  const commit = await world.push({ [`${name}/x.yaml`]: manifest });
  await world.createApplication({ name, path: name, automated: {} });
  await world.until(isSyncedTo(commit), name);
}

const push = async (name: string, manifest: string): Promise<void> => {
  await world.until(isSyncedTo(await world.push({ [`${name}/x.yaml`]: manifest })), name);
};

const uidOf = async (resource: ResourceInfo, name: string): Promise<string | undefined> =>
  (await world.read(resource, name))?.metadata.uid;

describe('a field that cannot be changed', () => {
  it('is named with its object and the remedy, for each kind, and no Secret is shown', async () => {
    const files = (one: string): Record<string, string> =>
      Object.fromEntries(kinds(one).map((text, i) => [`kinds/${i}.json`, text]));
    const first = await world.push(files('a'));
    await world.createApplication({ name: 'kinds', path: 'kinds', automated: {} });
    await world.until(isSyncedTo(first), 'kinds');
    const commit = await world.push(files('b'));
    const application = await world.until(
      (app) => app.status?.operationState?.revision === commit && app.status.operationState.phase === 'Failed',
      'kinds',
    );
    expect(condition(application, 'Synced').reason).toBe('FieldImmutable');
    const remedy =
      'change it back, rename the object, or have it deleted and made anew by its annotation slipway.dev/sync-options: Force=true';
    for (const [kind, field] of [
      ['Deployment', 'spec.selector'],
      ['StatefulSet', 'spec.volumeClaimTemplates'],
      ['Service', 'spec.clusterIPs[0]'],
      ['PersistentVolumeClaim', 'spec.storageClassName'],
      ['RoleBinding', 'roleRef'],
      ['Secret', 'type'],
    ] as const) {
      expect(message(application, kind)).toMatch(new RegExp(`^${field.replace(/[.[\]]/g, '\\$&')} cannot be changed`));
      expect(message(application, kind)).toContain(`${remedy} (kinds/`);
    }
    expect(JSON.stringify([application.status, await world.events('kinds')])).not.toContain('hunter');
  });

  it('makes an object with Force=true anew, once, and says so', async () => {
    await follow('job', job('job', 'registry.example.com/a:1'));
    const before = await uidOf(JOBS, 'job');
    await push('job', job('job', 'registry.example.com/a:2', force));
    const live = await world.read(JOBS, 'job');
    expect(live?.metadata.uid).not.toBe(before);
    expect(JSON.stringify(live?.['spec'])).toContain('registry.example.com/a:2');
    await world.untilEvent(
      /^Warning ObjectRecreated: Job app-immutable\/job is deleted .*: spec\.template\.spec cannot/,
      'job',
    );
    // Without such a change the option does nothing.
    const after = live?.metadata.uid;
    await push('job', job('job', 'registry.example.com/a:2', { ...force, labels: { x: 'y' } }));
    expect(await uidOf(JOBS, 'job')).toBe(after);
  });

  it('waits for a finalizer without holding up anybody, and makes the object anew when it is gone', async () => {
    await follow('held', immutable('held', '1', force));
    const finalizers = ['example.com/hold'];
    const key = `${NAMESPACE}/held`;
    const { client } = world.cluster;
    await client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { metadata: { finalizers } });
    await world.push({ 'held/x.yaml': immutable('held', '2', force) });
    const waiting = await world.until(
      (app) => app.status?.operationState?.message?.includes('is being deleted') === true,
      'held',
    );
    expect(waiting.status?.operationState?.phase).toBe('Running');
    for (const name of ['other-1', 'other-2', 'other-3']) await follow(name, configMap(name));
    await client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { metadata: { finalizers: null } });
    await world.until((app) => app.status?.operationState?.phase === 'Succeeded' && isSynced(app), 'held');
    expect((await world.read(CONFIG_MAPS, 'held'))?.['data']).toEqual({ value: '2' });
  });

  it('does not lose the object when it cannot be made anew at once, not even by a restart in between', async () => {
    await follow('lost', immutable('lost', '1', force));
    refuseNew = true;
    const commit = await world.push({ 'lost/x.yaml': immutable('lost', '2', force) });
    await world.until((app) => condition(app, 'Synced').message.includes('webhook is down'), 'lost');
    expect(await world.read(CONFIG_MAPS, 'lost')).toBeUndefined();
    await world.stop();
    refuseNew = false;
    await world.start();
    await world.until(isSyncedTo(commit), 'lost');
    expect((await world.read(CONFIG_MAPS, 'lost'))?.['data']).toEqual({ value: '2' });
  });

  it('deletes nothing when the new object would be refused', async () => {
    await follow('refused', immutable('refused', '1', force));
    const before = await uidOf(CONFIG_MAPS, 'refused');
    await forbidCreation('refused');
    await world.push({ 'refused/x.yaml': immutable('refused', '2', force) });
    const application = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', 'refused');
    expect(condition(application, 'Synced').message).toContain('none may be made');
    expect(await uidOf(CONFIG_MAPS, 'refused')).toBe(before);
  });

  it('without syncing by itself, shows as a difference that a sync puts right', async () => {
    await follow('manual', immutable('manual', '1', force));
    await world.patchApplication({ spec: { syncPolicy: null } }, 'manual');
    await world.push({ 'manual/x.yaml': immutable('manual', '2', force) });
    const application = await world.until((app) => condition(app, 'Synced').reason === 'OutOfSync', 'manual');
    expect(condition(application, 'Synced').message).toContain('data cannot be changed');
  });
});

describe('Replace=true', () => {
  const replace = { annotations: { 'argocd.argoproj.io/sync-options': 'Replace=true' } };
  const written = (name: string, data: object, metadata: object = replace): string =>
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data });

  it('makes an object, and then puts it as a whole: what others wrote goes, but for finalizers', async () => {
    await follow('whole', written('whole', { a: '1' }));
    const uid = await uidOf(CONFIG_MAPS, 'whole');
    const theirs = { metadata: { finalizers: ['example.com/hold'], labels: { by: 'hand' } }, data: { b: '1' } };
    const { client } = world.cluster;
    const key = `${NAMESPACE}/whole`;
    await client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', theirs);
    await push('whole', written('whole', { a: '2' }));
    const live = (await world.read(CONFIG_MAPS, 'whole')) as KubeObject;
    expect(live['data']).toEqual({ a: '2' });
    expect(live.metadata).toMatchObject({ uid, finalizers: ['example.com/hold'] });
    expect(live.metadata.labels).toBeUndefined();
    await client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { metadata: { finalizers: null } });
  });

  it('keeps what is ignored', async () => {
    await follow('kept', written('kept', { a: '1', n: '1' }));
    const ignoreDifferences = [{ kind: 'ConfigMap', jsonPointers: ['/data/n'] }];
    await world.patchApplication({ spec: { ignoreDifferences } }, 'kept');
    const key = `${NAMESPACE}/kept`;
    await world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { data: { n: '7' } });
    await push('kept', written('kept', { a: '2', n: '1' }));
    expect((await world.read(CONFIG_MAPS, 'kept'))?.['data']).toEqual({ a: '2', n: '7' });
  });

  it('with Force=true makes anew what cannot be put', async () => {
    const both = { annotations: { 'slipway.dev/sync-options': 'Force=true,Replace=true' } };
    await follow('both', immutable('both', '1', both));
    const before = await uidOf(CONFIG_MAPS, 'both');
    await push('both', immutable('both', '2', both));
    expect((await world.read(CONFIG_MAPS, 'both'))?.['data']).toEqual({ value: '2' });
    expect(await uidOf(CONFIG_MAPS, 'both')).not.toBe(before);
  });
});
