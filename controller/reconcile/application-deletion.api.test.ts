import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  DEPLOYMENTS,
  isSynced,
} from '../../test/application-world.ts';
import { APPLICATION_RESOURCE } from '../api/generated/application.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';
import type { KubeClient } from '../kube/types.ts';

const NAMESPACE = 'app-deletion';
const FINALIZER = 'resources-finalizer.slipway.dev';
let world: ApplicationWorld;
/** DELETEs that still reach the API server; then it is as if the process were dead. */
let deletesLeft = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: mortal });
  await world.start();
});
beforeEach(() => {
  deletesLeft = Number.POSITIVE_INFINITY;
});
afterAll(() => world.close());

function mortal(real: KubeClient): KubeClient {
  return {
    ...real,
    delete: async (...args) => {
      if (deletesLeft <= 0) throw new Error('killed');
      deletesLeft -= 1;
      return await real.delete(...args);
    },
  };
}

/** An Application with its objects in the cluster, and then a finalizer. */
async function applied(name: string, files: Record<string, string>, suffix = ''): Promise<void> {
  await world.push(Object.fromEntries(Object.entries(files).map(([file, text]) => [`${name}/${file}`, text])));
  await world.createApplication({ name, path: name, automated: {} });
  await world.until(isSynced, name);
  await world.patchApplication({ metadata: { finalizers: [`${FINALIZER}${suffix}`] } }, name);
}

function deployment(name: string): string {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'example.test/none:1' }] } };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  });
}

describe('an Application that is deleted with a finalizer', () => {
  it.each(['', '/foreground', '/background'])('%s: its objects go first, last things first', async (suffix) => {
    const name = `gone${suffix.replace('/', '-')}`;
    await applied(name, { 'a.yaml': configMap(`${name}-a`), 'web.json': deployment(name) }, suffix);
    const sent = world.writes.length;
    await world.deleteApplication(name);
    await world.untilGone(name);
    expect(world.writes.slice(sent).filter((write) => write.startsWith('delete'))).toEqual([
      `delete deployments ${NAMESPACE}/${name}`,
      `delete configmaps ${NAMESPACE}/${name}-a`,
    ]);
    expect(await world.read(DEPLOYMENTS, name)).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, `${name}-a`)).toBeUndefined();
    const policy = suffix === '' ? 'foreground' : suffix.slice(1);
    await world.untilEvent(`Normal Deleting: deleting 2 objects (${policy})`, name);
    await world.untilEvent(`Normal Deleted: its objects are gone (${policy})`, name);
  });

  it('/orphan: its objects stay, and are nobody’s', async () => {
    await applied('orphan', { 'a.yaml': configMap('orphan-a'), 'web.json': deployment('orphan') }, '/orphan');
    const before = await world.read(CONFIG_MAPS, 'orphan-a');
    const sent = world.writes.length;
    await world.deleteApplication('orphan');
    await world.untilGone('orphan');
    const after = await world.read(CONFIG_MAPS, 'orphan-a');
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(after?.metadata.annotations?.[TRACKING_ANNOTATION]).toBeUndefined();
    const web = await world.read(DEPLOYMENTS, 'orphan');
    expect(web?.metadata.deletionTimestamp).toBeUndefined();
    expect(web?.metadata.annotations?.[TRACKING_ANNOTATION]).toBeUndefined();
    expect(world.writes.slice(sent).filter((write) => write.startsWith('delete'))).toEqual([]);
    await world.untilEvent(
      `Normal Released: left in place: ConfigMap ${NAMESPACE}/orphan-a, Deployment ${NAMESPACE}/orphan`,
      'orphan',
    );
  });

  it('names the finalizer that blocks it, and goes when that is off', async () => {
    await applied('held', { 'a.yaml': configMap('held-a') });
    await world.patch(CONFIG_MAPS, 'held-a', { metadata: { finalizers: ['example.test/hold'] } });
    await world.deleteApplication('held');
    const held = await world.until((app) => condition(app, 'Deleting').reason === 'DeletionBlocked', 'held');
    const since = (await world.read(CONFIG_MAPS, 'held-a'))?.metadata.deletionTimestamp;
    const hold = `ConfigMap ${NAMESPACE}/held-a: being deleted since ${since}, waits for finalizer example.test/hold`;
    // Whether the garbage collector has looked already is its own affair.
    expect(held.status?.message).toContain(`1 object left (foreground); waiting for ${hold}`);
    expect(held.status?.resources).toMatchObject([{ name: 'held-a', health: { status: 'Progressing' } }]);
    await world.untilEvent(`Warning DeletionBlocked: ${held.status?.message}`, 'held');
    await world.patch(CONFIG_MAPS, 'held-a', { metadata: { finalizers: null } });
    await world.untilGone('held');
  });

  it('lets go at once, and keeps what is left, when somebody takes its finalizer off', async () => {
    await applied('escape', { 'a.yaml': configMap('escape-a'), 'web.json': deployment('escape') });
    const hold = { metadata: { finalizers: ['example.test/hold'] } };
    const key = `${NAMESPACE}/escape`;
    await world.patch(DEPLOYMENTS, 'escape', hold);
    await world.deleteApplication('escape');
    const waits = `waiting for Deployment ${key}: being deleted since`;
    await world.until((app) => condition(app, 'Deleting').message.includes(waits), 'escape');
    await world.patchApplication({ metadata: { finalizers: null } }, 'escape');
    await world.untilGone('escape');
    expect((await world.read(CONFIG_MAPS, 'escape-a'))?.metadata.deletionTimestamp).toBeUndefined();
    await world.patch(DEPLOYMENTS, 'escape', { metadata: { finalizers: null } });
  });

  it('leaves what is not its own, or what another Application has in Git, to its owner', async () => {
    await applied('mine', {
      'a.yaml': configMap('mine-a'),
      'b.yaml': configMap('mine-b'),
      'c.yaml': configMap('mine-c', { by: 'mine' }),
    });
    await world.push({ 'heir/c.yaml': configMap('mine-c', { by: 'heir' }) });
    await world.createApplication({ name: 'heir', path: 'heir', automated: {} });
    await world.until((app) => condition(app, 'Synced').reason === 'OwnedByOther', 'heir');
    const uid = (await world.read(CONFIG_MAPS, 'mine-c'))?.metadata.uid;
    await world.patch(CONFIG_MAPS, 'mine-a', { metadata: { annotations: { [TRACKING_ANNOTATION]: null } } });
    await world.deleteApplication('mine');
    await world.untilGone('mine');
    await world.until(isSynced, 'heir');
    expect(await world.read(CONFIG_MAPS, 'mine-a')).toBeDefined();
    expect(await world.read(CONFIG_MAPS, 'mine-b')).toBeUndefined();
    const heir = await world.read(CONFIG_MAPS, 'mine-c');
    expect(heir?.metadata.uid).toBe(uid);
    expect(heir?.['data']).toEqual({ by: 'heir' });
  });

  it('keeps what says Delete=false, and asks before it deletes what says Delete=confirm', async () => {
    const options = (name: string, value: string): string => {
      const map = JSON.parse(configMap(name));
      map.metadata.annotations = { 'argocd.argoproj.io/sync-options': value };
      return JSON.stringify(map);
    };
    await applied('ask', {
      'a.json': options('ask-keep', 'Delete=false'),
      'b.json': options('ask-confirm', 'Delete=confirm'),
      'web.json': deployment('ask'),
    });
    await world.deleteApplication('ask');
    const question = `ConfigMap ${NAMESPACE}/ask-confirm: waits for a confirmation`;
    const asking = await world.until((app) => condition(app, 'Deleting').message.includes(question), 'ask');
    expect(condition(asking, 'Deleting').reason).toBe('DeletionBlocked');
    expect(asking.status?.resources).toMatchObject([{ name: 'ask-confirm', requiresDeletionConfirmation: true }]);
    expect(await world.read(DEPLOYMENTS, 'ask')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'ask-confirm')).toBeDefined();
    const approved = { 'slipway.dev/deletion-approved': asking.metadata.deletionTimestamp };
    await world.patchApplication({ metadata: { annotations: approved } }, 'ask');
    await world.untilGone('ask');
    expect(await world.read(CONFIG_MAPS, 'ask-confirm')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'ask-keep')).toBeDefined();
    await world.untilEvent(
      `Normal Released: left in place: ConfigMap ${NAMESPACE}/ask-keep (its sync option is Delete=false)`,
      'ask',
    );
  });

  it('goes though its spec is bad', async () => {
    await applied('bad', { 'a.yaml': configMap('bad-a') });
    const ignoreDifferences = [{ group: '', kind: 'ConfigMap', jqPathExpressions: ['.data | keys'] }];
    await world.patchApplication({ spec: { ignoreDifferences } }, 'bad');
    await world.until((app) => condition(app, 'SourceReady').reason === 'InvalidSpec', 'bad');
    await world.deleteApplication('bad');
    await world.untilGone('bad');
    expect(await world.read(CONFIG_MAPS, 'bad-a')).toBeUndefined();
  });

  it('goes though its repository does not answer', async () => {
    await applied('lost', { 'a.yaml': configMap('lost-a') });
    await world.patchApplication({ spec: { source: { repoURL: 'http://127.0.0.1:9/none.git' } } }, 'lost');
    await world.until((app) => condition(app, 'SourceReady').status === 'False', 'lost');
    await world.deleteApplication('lost');
    await world.untilGone('lost');
    expect(await world.read(CONFIG_MAPS, 'lost-a')).toBeUndefined();
  });

  it('stays, with all its objects, when its finalizer is unknown', async () => {
    await applied('typo', { 'a.yaml': configMap('typo-a') }, '/backgruond');
    await world.deleteApplication('typo');
    const typo = await world.until((app) => condition(app, 'Deleting').reason === 'DeletionUnknown', 'typo');
    expect(typo.status?.message).toContain(`metadata.finalizers has ${FINALIZER}/backgruond`);
    expect(await world.read(CONFIG_MAPS, 'typo-a')).toBeDefined();
    await world.patchApplication({ metadata: { finalizers: null } }, 'typo');
    await world.untilGone('typo');
    expect(await world.read(CONFIG_MAPS, 'typo-a')).toBeDefined();
  });

  it('is not synced any more', async () => {
    await applied('still', { 'a.yaml': configMap('still-a'), 'b.yaml': configMap('still-b') });
    await world.patch(CONFIG_MAPS, 'still-a', { metadata: { finalizers: ['example.test/hold'] } });
    await world.deleteApplication('still');
    await world.until((app) => app.status?.resources?.length === 1, 'still');
    const sent = world.writes.length;
    await world.push({ 'still/b.yaml': configMap('still-b', { key: 'new' }) });
    await world.patch(CONFIG_MAPS, 'still-a', { data: { key: 'by hand' } });
    await world.until((app) => condition(app, 'Deleting').reason === 'DeletionBlocked', 'still');
    expect(world.writes.slice(sent).filter((write) => write.startsWith('apply'))).toEqual([]);
    expect(await world.read(CONFIG_MAPS, 'still-b')).toBeUndefined();
    await world.patch(CONFIG_MAPS, 'still-a', { metadata: { finalizers: null } });
    await world.untilGone('still');
  });

  it('takes an Application of Applications down from the leaves', async () => {
    const child = {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'leaf', finalizers: [FINALIZER] },
      spec: { source: { repoURL: world.url, path: 'leaf', targetRevision: 'main' }, syncPolicy: { automated: {} } },
    };
    await world.push({ 'leaf/a.yaml': configMap('leaf-a') });
    // Not in the foreground: the garbage collector of a cluster this young knows no custom resources yet.
    await applied('root', { 'child.json': JSON.stringify(child) }, '/background');
    await world.until(isSynced, 'leaf');
    await world.deleteApplication('root');
    await world.untilGone('root');
    expect(await world.read(APPLICATION_RESOURCE, 'leaf')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'leaf-a')).toBeUndefined();
  });
});

describe('a deletion in which the controller is killed', () => {
  it('goes on where it was', async () => {
    await applied('kill', { 'a.yaml': configMap('kill-a'), 'web.json': deployment('kill') });
    deletesLeft = 1;
    await world.deleteApplication('kill');
    const killed = await world.until((app) => condition(app, 'Deleting').message.includes('killed'), 'kill');
    expect(killed.status?.message).toBe(
      `1 object left (foreground); waiting for ConfigMap ${NAMESPACE}/kill-a: killed`,
    );
    await world.stop();
    expect(await world.read(CONFIG_MAPS, 'kill-a')).toBeDefined();
    deletesLeft = Number.POSITIVE_INFINITY;
    const sent = world.writes.length;
    await world.start();
    await world.untilGone('kill');
    expect(world.writes.slice(sent).filter((write) => write.startsWith('delete'))).toEqual([
      `delete configmaps ${NAMESPACE}/kill-a`,
    ]);
    expect(await world.read(CONFIG_MAPS, 'kill-a')).toBeUndefined();
  });
});
