import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSynced } from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';

const NAMESPACE = 'app-prune';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const automated = { prune: true };

describe('objects that are gone from Git', () => {
  it('are deleted, and leave the inventory when they are gone', async () => {
    await world.push({ 'p/a.yaml': configMap('p-a'), 'p/b.yaml': configMap('p-b') });
    await world.createApplication({ name: 'p', path: 'p', automated });
    await world.until(isSynced, 'p');
    await world.push({ 'p/b.yaml': null });
    const application = await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'p');
    expect(await world.read(CONFIG_MAPS, 'p-b')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'p-a')).toBeDefined();
    expect(application.status?.operationState?.message).toBe('1 object applied, 1 pruned');
    await world.untilEvent(`Normal Pruned: deleted, since gone from Git: ConfigMap ${NAMESPACE}/p-b`, 'p');
  });

  it('stay and are reported when pruning is off, and go when it is switched on', async () => {
    await world.push({ 'off/a.yaml': configMap('off-a'), 'off/b.yaml': configMap('off-b') });
    await world.createApplication({ name: 'off', path: 'off', automated: {} });
    await world.until(isSynced, 'off');
    await world.push({ 'off/b.yaml': null });
    const application = await world.until((app) => app.status?.sync?.status === 'OutOfSync', 'off');
    expect(application.status?.resources?.find(({ name }) => name === 'off-b')).toMatchObject({
      requiresPruning: true,
    });
    expect(condition(application, 'Synced').message).toContain(`ConfigMap ${NAMESPACE}/off-b: is gone from Git`);
    expect(application.status?.operationState?.phase).toBe('Succeeded');
    expect(await world.read(CONFIG_MAPS, 'off-b')).toBeDefined();
    await world.patchApplication({ spec: { syncPolicy: { automated } } }, 'off');
    await world.until(isSynced, 'off');
    expect(await world.read(CONFIG_MAPS, 'off-b')).toBeUndefined();
  });

  it('stay when Git has no object left, until allowEmpty says that it is meant so', async () => {
    await world.push({ 'empty/a.yaml': configMap('empty-a'), 'empty/README': 'keeps the folder' });
    await world.createApplication({ name: 'empty', path: 'empty', automated });
    await world.until(isSynced, 'empty');
    await world.push({ 'empty/a.yaml': null });
    const application = await world.until((app) => condition(app, 'Synced').reason === 'EmptyRefused', 'empty');
    expect(application.status?.operationState?.phase).toBe('Failed');
    expect(await world.read(CONFIG_MAPS, 'empty-a')).toBeDefined();
    await world.untilEvent(/^Warning OperationFailed: .*allowEmpty/, 'empty');
    await world.patchApplication({ spec: { syncPolicy: { automated: { prune: true, allowEmpty: true } } } }, 'empty');
    await world.until(isSynced, 'empty');
    expect(await world.read(CONFIG_MAPS, 'empty-a')).toBeUndefined();
  });

  it('stay when their file holds something that is no Kubernetes object, also after a restart, until that is gone', async () => {
    await world.push({ 'doubt/a.yaml': configMap('doubt-a'), 'doubt/b.yaml': configMap('doubt-b') });
    await world.createApplication({ name: 'doubt', path: 'doubt', automated });
    await world.until(isSynced, 'doubt');
    const doubted = (at: string) => (app: Application) =>
      app.status?.sync?.revision === at && condition(app, 'Synced').reason === 'PruneDoubtful';
    // Someone has commented out two lines too many.
    const noHead = await world.push({ 'doubt/b.yaml': '# apiVersion: v1\nmetadata: {name: doubt-b}\n' });
    const application = await world.until(doubted(noHead), 'doubt');
    const why = `ConfigMap ${NAMESPACE}/doubt-b may still be meant by doubt/b.yaml:2, which is no Kubernetes object`;
    expect(condition(application, 'Synced').message).toContain(`nothing is pruned: ${why}`);
    expect(application.status?.operationState?.phase).toBe('Failed');
    await world.untilEvent(/^Warning OperationFailed: .*nothing is pruned/, 'doubt');

    // And then something that has not even the name any more, while nobody is looking.
    await world.stop();
    const noName = await world.repository.commit({ 'doubt/b.yaml': 'todo: this\n' });
    await world.start();
    await world.until(doubted(noName), 'doubt');
    expect(await world.read(CONFIG_MAPS, 'doubt-b')).toBeDefined();

    await world.push({ 'doubt/b.yaml': null });
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'doubt');
    expect(await world.read(CONFIG_MAPS, 'doubt-b')).toBeUndefined();
  });

  it('stay when they are not tracked as ours any more', async () => {
    await world.push({
      'un/a.yaml': configMap('un-a'),
      'un/b.yaml': configMap('un-b'),
      'un/c.yaml': configMap('un-c'),
    });
    await world.createApplication({ name: 'un', path: 'un', automated });
    await world.until(isSynced, 'un');
    await world.stop();
    // One lost the annotation, the other carries one that was copied from another object.
    await world.patch(CONFIG_MAPS, 'un-b', { metadata: { annotations: { [TRACKING_ANNOTATION]: null } } });
    const copied = `${NAMESPACE}_un:/ConfigMap:${NAMESPACE}/un-a`;
    await world.patch(CONFIG_MAPS, 'un-c', { metadata: { annotations: { [TRACKING_ANNOTATION]: copied } } });
    await world.repository.commit({ 'un/b.yaml': null, 'un/c.yaml': null });
    await world.start();
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'un');
    expect(await world.read(CONFIG_MAPS, 'un-b')).toBeDefined();
    expect(await world.read(CONFIG_MAPS, 'un-c')).toBeDefined();
    expect(world.writes).not.toContain(`delete configmaps ${NAMESPACE}/un-b`);
  });

  it('a delete that hangs on a finalizer stays listed until the object is gone', async () => {
    await world.push({ 'fin/a.yaml': configMap('fin-a'), 'fin/b.yaml': configMap('fin-b') });
    await world.createApplication({ name: 'fin', path: 'fin', automated });
    await world.until(isSynced, 'fin');
    await world.patch(CONFIG_MAPS, 'fin-b', { metadata: { finalizers: ['example.test/hold'] } });
    await world.push({ 'fin/b.yaml': null });
    const application = await world.until(
      (app) => condition(app, 'Synced').message.includes('is being deleted'),
      'fin',
    );
    expect(application.status?.operationState?.phase).toBe('Succeeded');
    expect(application.status?.resources?.find(({ name }) => name === 'fin-b')?.health?.message).toContain(
      'example.test/hold',
    );
    await world.patch(CONFIG_MAPS, 'fin-b', { metadata: { finalizers: null } });
    await world.until(isSynced, 'fin');
  });
});

describe('one object in two Applications', () => {
  it('stays with the first, both say so, and goes over when the first lets it go', async () => {
    await world.push({
      'first/x.yaml': configMap('shared', { by: 'first' }),
      'first/own.yaml': configMap('first-own'),
    });
    await world.createApplication({ name: 'first', path: 'first', automated });
    await world.until(isSynced, 'first');
    await world.push({ 'second/x.yaml': configMap('shared', { by: 'second' }) });
    await world.createApplication({ name: 'second', path: 'second', automated });

    const second = await world.until((app) => condition(app, 'Synced').reason === 'OwnedByOther', 'second');
    expect(condition(second, 'Synced').message).toContain(`belongs to Application ${NAMESPACE}/first`);
    const first = await world.until(
      (app) => app.status?.resources?.some((r) => r.message !== undefined) === true,
      'first',
    );
    expect(first.status?.sync?.status).toBe('Synced');
    expect(first.status?.resources?.find(({ name }) => name === 'shared')?.message).toContain(`${NAMESPACE}/second`);
    expect((await world.read(CONFIG_MAPS, 'shared'))?.['data']).toEqual({ by: 'first' });
    const uid = (await world.read(CONFIG_MAPS, 'shared'))?.metadata.uid;

    await world.push({ 'first/x.yaml': null });
    await world.until(isSynced, 'second');
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'first');
    const shared = await world.read(CONFIG_MAPS, 'shared');
    expect(shared?.['data']).toEqual({ by: 'second' });
    expect(shared?.metadata.uid).toBe(uid);
    await world.untilEvent(/^Warning SharedObject: ConfigMap/, 'first');
  });

  it('goes over when the first Application is deleted', async () => {
    await world.push({
      'one/x.yaml': configMap('heir', { by: 'one' }),
      'two/x.yaml': configMap('heir', { by: 'two' }),
    });
    await world.createApplication({ name: 'one', path: 'one', automated });
    await world.until(isSynced, 'one');
    await world.createApplication({ name: 'two', path: 'two', automated });
    await world.until((app) => condition(app, 'Synced').reason === 'OwnedByOther', 'two');
    await world.deleteApplication('one');
    await world.until(isSynced, 'two');
    expect((await world.read(CONFIG_MAPS, 'heir'))?.['data']).toEqual({ by: 'two' });
  });
});
