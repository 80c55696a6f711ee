import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSynced } from '../../test/application-world.ts';
import { APPLICATION_RESOURCE } from '../api/generated/application.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';

const NAMESPACE = 'app-versions';
const GROUP = 'versions.test';
const DEFINITIONS: ResourceInfo = {
  ...CONFIG_MAPS,
  group: 'apiextensions.k8s.io',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const GADGETS: ResourceInfo = { ...CONFIG_MAPS, group: GROUP, version: 'v2', kind: 'Gadget', plural: 'gadgets' };
let world: ApplicationWorld;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.cluster.client.create(DEFINITIONS, definition());
  await world.start();
});
afterAll(() => world.close());

/** A CRD with v1, which is stored, and v2. */
function definition(): KubeObject {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
      versions: [
        { name: 'v1', served: true, storage: true, schema },
        { name: 'v2', served: true, storage: false, schema },
      ],
    },
  };
}

const gadget = (name: string, version = 'v1'): string =>
  JSON.stringify({ apiVersion: `${GROUP}/${version}`, kind: 'Gadget', metadata: { name }, spec: {} });

const serveV1 = (served: boolean): Promise<unknown> =>
  world.cluster.client.patch(DEFINITIONS, `gadgets.${GROUP}`, 'application/json-patch+json', [
    { op: 'replace', path: '/spec/versions/0/served', value: served },
  ]);

describe('objects of a version that is served no more', () => {
  it('are found under another when they are gone from Git, and when their Application is deleted', async () => {
    await world.push({ 'a/keep.yaml': configMap('keep'), 'a/1.json': gadget('one'), 'b/2.json': gadget('two') });
    // In the foreground it would wait for the garbage collector, which learns of new kinds every 30 s only.
    const syncPolicy = { syncOptions: ['PrunePropagationPolicy=background'] };
    await world.createApplication({ name: 'a', path: 'a', automated: { prune: true }, syncPolicy });
    await world.createApplication({ name: 'b', path: 'b', automated: {} });
    await world.until(isSynced, 'a');
    await world.until(isSynced, 'b');
    await world.patchApplication({ metadata: { finalizers: ['resources-finalizer.slipway.dev/background'] } }, 'b');
    await serveV1(false);

    // What Git still has in the old version is not applied any more, and the message knows the new one.
    const failed = await world.until((app) => condition(app, 'Synced').reason === 'KindUnknown', 'b');
    expect(condition(failed, 'Synced').message).toContain(`write apiVersion ${GROUP}/v2`);

    await world.push({ 'a/1.json': null });
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'a');
    expect(await world.read(GADGETS, 'one')).toBeUndefined();

    await world.deleteApplication('b');
    await world.untilObject(APPLICATION_RESOURCE, 'b', (object) => object === undefined);
    expect(await world.read(GADGETS, 'two')).toBeUndefined();
  }, 150_000);
});
