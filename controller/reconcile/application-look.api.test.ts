import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';

const NAMESPACE = 'app-look';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const ask = (word: string): Promise<void> =>
  world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': word } } });

it('slipway.dev/reconcile makes the controller look at Git and at every object now, once for each value', async () => {
  const first = await world.push({ 'a/c.yaml': configMap('one', { v: '1' }), 'a/d.yaml': configMap('two') });
  await world.createApplication({ path: 'a', automated: {} });
  await world.until(isSyncedTo(first));

  // Nobody tells of this commit, and polling is an hour away.
  const second = await world.repository.commit({ 'a/c.yaml': configMap('one', { v: '2' }) });
  await ask('a');
  await world.until((app) => isSyncedTo(second)(app) && app.status?.lastHandledReconcileAt === 'a');
  expect(await world.read(CONFIG_MAPS, 'one')).toMatchObject({ data: { v: '2' } });

  world.writes.length = 0;
  await ask('b');
  const after = await world.until(({ status }) => status?.lastHandledReconcileAt === 'b');
  // Objects of one kind are asked about side by side.
  expect(world.writes.filter((write) => write.startsWith('apply')).sort()).toEqual([
    `apply configmaps ${NAMESPACE}/one (dry run)`,
    `apply configmaps ${NAMESPACE}/two (dry run)`,
  ]);
  expect(after.status?.history?.map(({ id, revision }) => [id, revision])).toEqual([
    [0, first],
    [1, second],
  ]);

  // A value that was acted on is no news for a process that remembers nothing.
  await world.stop();
  world.writes.length = 0;
  await world.start();
  const third = await world.push({ 'a/c.yaml': configMap('one', { v: '3' }) });
  await world.until(isSyncedTo(third));
  await ask('c');
  await world.until(({ status }) => status?.lastHandledReconcileAt === 'c');
});

it('says that a look was made also when it failed', async () => {
  await world.createApplication({ name: 'lost', targetRevision: 'nowhere' });
  await world.until((app) => app.status?.conditions?.[0]?.reason === 'GitRevisionNotFound', 'lost');
  await world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': 'x' } } }, 'lost');
  await world.until(({ status }) => status?.lastHandledReconcileAt === 'x', 'lost');
});
