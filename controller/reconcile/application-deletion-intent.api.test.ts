import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSynced } from '../../test/application-world.ts';
import { createNamespace, eventually, NAMESPACES } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE } from '../api/generated/application.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';
import { isNotFound } from '../kube/errors.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';

const HOME = 'app-intent';
const ELSEWHERE = 'app-intent-elsewhere';
const FINALIZER = 'resources-finalizer.slipway.dev';
let world: ApplicationWorld;
/** What the API server says of the definition of Application; all tests share the real one. */
let definition: KubeObject | undefined;
beforeAll(async () => {
  const client = (real: KubeClient): KubeClient => ({
    ...real,
    get: async (resource, key, options) =>
      definition !== undefined && key === definition.metadata.name ? definition : real.get(resource, key, options),
  });
  world = await ApplicationWorld.open(HOME, { client });
  await createNamespace(world.cluster, ELSEWHERE);
  await world.start();
});
afterAll(() => world.close());

const create = (name: string): Promise<void> =>
  world.createApplication({ name, path: name, automated: {}, destination: { namespace: ELSEWHERE } });
/** An Application with a finalizer, whose objects are in another namespace. */
async function applied(name: string, finalizer = FINALIZER): Promise<void> {
  await world.push({ [`${name}/a.yaml`]: configMap(`${name}-a`), [`${name}/b.yaml`]: configMap(`${name}-b`) });
  await create(name);
  await world.until(isSynced, name);
  await world.patchApplication({ metadata: { finalizers: [finalizer] } }, name);
}
const elsewhere = async (name: string): Promise<KubeObject | undefined> => {
  try {
    return await world.cluster.client.get(CONFIG_MAPS, `${ELSEWHERE}/${name}`);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

describe('objects in other namespaces', () => {
  it('stay when only the definitions are removed, and the Application lets go of all of them', async () => {
    await applied('uninstalled');
    definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'applications.slipway.dev', deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
    await world.deleteApplication('uninstalled');
    await world.untilGone('uninstalled');
    definition = undefined;
    expect((await elsewhere('uninstalled-a'))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await elsewhere('uninstalled-b')).toBeDefined();
    await world.untilEvent(
      'Warning Released: left in place: all objects, since CustomResourceDefinition applications.slipway.dev is deleted and not the Application itself',
      'uninstalled',
    );
  });

  it('go with the Application when somebody deletes that, and its namespace later', async () => {
    await applied('meant');
    await world.cluster.client.patch(CONFIG_MAPS, `${ELSEWHERE}/meant-a`, 'application/merge-patch+json', {
      metadata: { finalizers: ['example.test/hold'] },
    });
    await world.deleteApplication('meant');
    await eventually(async () => expect((await elsewhere('meant-a'))?.metadata.deletionTimestamp).toBeDefined());
    await world.cluster.client.patch(CONFIG_MAPS, `${ELSEWHERE}/meant-a`, 'application/merge-patch+json', {
      metadata: { finalizers: null },
    });
    await world.untilGone('meant');
    expect([await elsewhere('meant-a'), await elsewhere('meant-b')]).toEqual([undefined, undefined]);
  });

  it('stay when the namespace of the Application is deleted, and a new Application takes them up again', async () => {
    await applied('wiped');
    await applied('wiped-later', `${FINALIZER}/background`);
    const before = await elsewhere('wiped-a');
    // The namespace goes while no controller runs, as when both are in it, and a new one is installed.
    await world.stop();
    await world.cluster.client.delete(NAMESPACES, HOME, {});
    const key = `${HOME}/wiped`;
    await eventually(async () => {
      const { metadata } = await world.cluster.client.get(APPLICATION_RESOURCE, key);
      expect(metadata.deletionTimestamp).toBeDefined();
    });
    const sent = world.writes.length;
    await world.start();
    await world.untilGone('wiped');
    await world.untilGone('wiped-later');
    await eventually(async () => expect(await world.read(NAMESPACES, HOME)).toBeUndefined());
    expect(world.writes.slice(sent).filter((write) => write.includes('configmaps'))).toEqual([]);
    expect(await elsewhere('wiped-a')).toEqual(before);
    expect(before?.metadata.annotations?.[TRACKING_ANNOTATION]).toContain(`${HOME}_wiped:`);
    expect(await elsewhere('wiped-later-b')).toBeDefined();

    await createNamespace(world.cluster, HOME);
    await create('wiped');
    const again = await world.until(isSynced, 'wiped');
    expect(again.status?.resources?.map(({ name }) => name)).toEqual(['wiped-a', 'wiped-b']);
    expect((await elsewhere('wiped-a'))?.metadata.uid).toBe(before?.metadata.uid);
  });
});
