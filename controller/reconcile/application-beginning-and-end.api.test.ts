import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  configMap,
  DEPLOYMENTS,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import type { ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-begin-end';
const GROUP = 'end.example.com';
const cluster = (group: string, version: string, kind: string, plural: string): ResourceInfo => ({
  group,
  version,
  kind,
  plural,
  namespaced: false,
  verbs: ['get', 'delete'],
  subresources: [],
});
const DEFINITIONS = cluster('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition', 'customresourcedefinitions');
const NAMESPACES = cluster('', 'v1', 'Namespace', 'namespaces');

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.cluster.client.delete(DEFINITIONS, `gadgets.${GROUP}`).catch(() => undefined);
  await world.close();
});

const automated = { prune: true };
const deployment = (name: string): string =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'example.com/x:1' }] },
      },
    },
  });

describe('a new Application', () => {
  /** Every status that anybody could see, as `sync/health`. */
  async function statesUntil(
    name: string,
    automated: object | undefined,
    wanted: (app: Application) => boolean,
  ): Promise<string[]> {
    const { informer, release } = world.cluster.informers.acquire<Application>(APPLICATION_RESOURCE, {
      namespace: NAMESPACE,
    });
    const seen: string[] = [];
    const remove = informer.onEvent(({ object }) => {
      if (object.metadata.name !== name || object.status === undefined) return;
      const state = `${object.status.sync?.status}/${object.status.health?.status}`;
      if (state !== seen.at(-1)) seen.push(state);
    });
    await world.createApplication({ name, path: name, ...(automated && { automated }) });
    await world.until(wanted, name);
    remove();
    release();
    return seen;
  }

  it('is Missing, never Healthy, while its objects are not in the cluster', async () => {
    await world.push({ 'manual/d.json': deployment('manual') });
    const seen = await statesUntil('manual', undefined, (app) => app.status?.sync?.status === 'OutOfSync');
    expect(seen.at(-1)).toBe('OutOfSync/Missing');
    expect(seen.filter((state) => /Synced\/|Healthy/.test(state) && !state.startsWith('OutOfSync'))).toEqual([]);
  });

  it('is Healthy no earlier than its Deployment', async () => {
    await world.push({ 'auto/d.json': deployment('auto') });
    const seen = await statesUntil('auto', automated, isSynced);
    expect(seen.at(-1)).toBe('Synced/Progressing');
    expect(seen.filter((state) => state.endsWith('Healthy'))).toEqual([]);
    expect(await world.read(DEPLOYMENTS, 'auto')).toBeDefined();
  });
});

describe('what is removed from Git in one commit', () => {
  it('a custom resource and its definition: both go, nothing stays behind, and the sync ends', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `gadgets.${GROUP}` },
      spec: {
        group: GROUP,
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    };
    await world.push({
      'both/a.yaml': configMap('both'),
      'both/crd.json': JSON.stringify(definition),
      'both/one.yaml': `apiVersion: ${GROUP}/v1\nkind: Gadget\nmetadata: {name: one}\n`,
      'both/two.yaml': `apiVersion: ${GROUP}/v1\nkind: Gadget\nmetadata: {name: two}\n`,
    });
    await world.createApplication({ name: 'both', path: 'both', automated });
    await world.until(isSynced, 'both');
    const commit = await world.push({ 'both/crd.json': null, 'both/one.yaml': null, 'both/two.yaml': null });
    const application = await world.until(
      (app) => isSyncedTo(commit)(app) && app.status?.resources?.length === 1,
      'both',
    );
    expect(application.status?.operationState).toMatchObject({ phase: 'Succeeded' });
    expect(await world.read(DEFINITIONS, `gadgets.${GROUP}`)).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'both')).toBeDefined();
    // The garbage collector learns of new kinds every 30 s, and only then releases their objects.
  }, 120_000);

  it('a namespace and what is in it', async () => {
    const inside = configMap('inside').replace('"name":"inside"', `"name":"inside","namespace":"${NAMESPACE}-inner"`);
    await world.push({
      'space/a.yaml': configMap('space'),
      'space/n.yaml': `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${NAMESPACE}-inner}\n`,
      'space/i.yaml': inside,
    });
    await world.createApplication({ name: 'space', path: 'space', automated });
    await world.until(isSynced, 'space');
    const commit = await world.push({ 'space/n.yaml': null, 'space/i.yaml': null });
    const application = await world.until(
      (app) => isSyncedTo(commit)(app) && app.status?.resources?.length === 1,
      'space',
    );
    expect(application.status?.operationState).toMatchObject({ phase: 'Succeeded' });
    expect(await world.read(NAMESPACES, `${NAMESPACE}-inner`)).toBeUndefined();
  });
});
