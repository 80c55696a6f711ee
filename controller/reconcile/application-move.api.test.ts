import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, DEPLOYMENTS, isSyncedTo } from '../../test/application-world.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';

const NAMESPACE = 'app-move';
const automated = { prune: true };
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

function deployment(name: string): string {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.test/none:1' }] } };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec });
}

const uids = async (): Promise<(string | undefined)[]> => [
  (await world.read(CONFIG_MAPS, 'mover'))?.metadata.uid,
  (await world.read(DEPLOYMENTS, 'mover'))?.metadata.uid,
];
const names = (app: Application): string[] => (app.status?.resources ?? []).map(({ name }) => name);
/** Moves both objects from one folder to the other, in one commit. */
const moved = (from: string, to: string): Record<string, string | null> => ({
  [`${from}/map.yaml`]: null,
  [`${from}/web.json`]: null,
  [`${to}/map.yaml`]: configMap('mover', { by: to }),
  [`${to}/web.json`]: deployment('mover'),
});
const settled = async (commit: string, from: string, to: string): Promise<void> => {
  await world.until((app) => isSyncedTo(commit)(app) && names(app).length === 3, to);
  await world.until((app) => isSyncedTo(commit)(app) && names(app).length === 1, from);
};

describe('objects that move between two Applications in one commit', () => {
  it('change hands without being deleted, in either direction, however often', async () => {
    await world.push({
      'left/keep.yaml': configMap('left-keep'),
      'right/keep.yaml': configMap('right-keep'),
      'left/map.yaml': configMap('mover', { by: 'left' }),
      'left/web.json': deployment('mover'),
    });
    await world.createApplication({ name: 'left', path: 'left', automated });
    await world.createApplication({ name: 'right', path: 'right', automated });
    await world.until((app) => names(app).length === 3, 'left');
    await world.until((app) => names(app).length === 1, 'right');
    await world.untilObject(CONFIG_MAPS, 'mover', (object) => object !== undefined);
    await world.untilObject(DEPLOYMENTS, 'mover', (object) => object !== undefined);
    const before = await uids();
    for (const [from, to] of [
      ['left', 'right'],
      ['right', 'left'],
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      const commit = await world.push(moved(from, to));
      await settled(commit, from, to);
      expect(await uids()).toEqual(before);
      expect((await world.read(CONFIG_MAPS, 'mover'))?.['data']).toEqual({ by: to });
    }
    expect(world.writes.filter((write) => write.startsWith('delete'))).toEqual([]);
    await world.untilEvent(
      /^Normal Released: left to the Application named: ConfigMap .*\/mover \(.*\/right\)/,
      'left',
    );
  });

  it('also while the controller was down', async () => {
    const before = await uids();
    await world.stop();
    const commit = await world.repository.commit(moved('left', 'right'));
    await world.start();
    await settled(commit, 'left', 'right');
    expect(await uids()).toEqual(before);
  });

  it('also into an Application that is suspended, and then nobody deletes them', async () => {
    const before = await uids();
    await world.patchApplication({ spec: { suspend: true } }, 'left');
    await world.until((app) => app.status?.automation?.state === 'Suspended', 'left');
    const commit = await world.push(moved('right', 'left'));
    await world.until((app) => isSyncedTo(commit)(app) && names(app).length === 1, 'right');
    expect(await uids()).toEqual(before);
    await world.patchApplication({ spec: { suspend: null } }, 'left');
    await world.until((app) => isSyncedTo(commit)(app) && names(app).length === 3, 'left');
    expect(await uids()).toEqual(before);
  });

  it('also when the same commit removes the first Application from an Application of Applications', async () => {
    const child = (name: string): string =>
      JSON.stringify({
        apiVersion: 'slipway.dev/v1alpha1',
        kind: 'Application',
        metadata: {
          name,
          finalizers: ['resources-finalizer.slipway.dev/background'],
          annotations: { 'slipway.dev/sync-options': 'PrunePropagationPolicy=background' },
        },
        spec: { source: { repoURL: world.url, path: name, targetRevision: 'main' }, syncPolicy: { automated } },
      });
    await world.push({
      'root/old.json': child('old'),
      'root/new.json': child('new'),
      'old/map.yaml': configMap('heirloom', { by: 'old' }),
      'new/keep.yaml': configMap('new-keep'),
    });
    await world.createApplication({ name: 'root', path: 'root', automated });
    const before = await world.untilObject(CONFIG_MAPS, 'heirloom', (object) => object !== undefined);
    await world.until((app) => names(app).length === 1, 'new');
    await world.until((app) => app.status?.operationState?.phase === 'Succeeded', 'old');
    await world.push({
      'root/old.json': null,
      'old/map.yaml': null,
      'new/map.yaml': configMap('heirloom', { by: 'new' }),
    });
    await world.untilObject(APPLICATION_RESOURCE, 'old', (object) => object === undefined);
    await world.until((app) => names(app).length === 2 && app.status?.sync?.status === 'Synced', 'new');
    const after = await world.read(CONFIG_MAPS, 'heirloom');
    expect(after?.['data']).toEqual({ by: 'new' });
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
  });
});
