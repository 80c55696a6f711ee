import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSyncedTo } from '../../test/application-world.ts';

const NAMESPACE = 'app-self-heal';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.close();
});

it('puts a hand edit and a delete by hand right, and counts its attempts', async () => {
  const commit = await world.push({ 'a/c.yaml': configMap('settings', { v: '1' }) });
  await world.createApplication({ name: 'a', path: 'a', automated: { selfHeal: true } });
  await world.until(isSyncedTo(commit), 'a');

  await world.patch(CONFIG_MAPS, 'settings', { data: { v: 'by hand' } });
  const once = await world.until((app) => app.status?.selfHeal?.attempts === 1 && isSyncedTo(commit)(app), 'a');
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '1' } });
  // Healing repeats a revision: it is none to go back to.
  expect(once.status?.history?.map(({ revision }) => revision)).toEqual([commit]);

  const first = once.status?.operationState?.startedAt;
  await world.cluster.client.delete(CONFIG_MAPS, `${NAMESPACE}/settings`);
  await world.until((app) => app.status?.operationState?.startedAt !== first && isSyncedTo(commit)(app), 'a');
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '1' } });
});

it('answers who writes again and again more and more slowly, says when, and starts anew with a commit', async () => {
  const name = 'storm';
  const commit = await world.push({ 'storm/c.yaml': configMap('storm', { v: '1' }) });
  await world.createApplication({ name, path: 'storm', automated: { selfHeal: true } });
  await world.until(isSyncedTo(commit), name);
  const fight = async (): Promise<void> => {
    await world.patch(CONFIG_MAPS, 'storm', { data: { v: 'theirs' } });
  };
  const { informer, release } = world.cluster.informers.acquire(CONFIG_MAPS, { namespace: NAMESPACE });
  // A second writer that never gives up: each time Git's value is back, it takes it away.
  const remove = informer.onEvent(({ object }) => {
    const { v } = (object['data'] ?? {}) as { v?: string };
    if (object.metadata.name === 'storm' && v === '1') fight().catch(() => undefined);
  });
  world.writes.length = 0;
  const waiting = await world.until((app) => condition(app, 'Synced').message.includes('(attempt 5 in a row)'), name);
  expect(condition(waiting, 'Synced')).toMatchObject({ status: 'False', reason: 'OutOfSync' });
  expect(waiting.status?.selfHeal?.attempts).toBe(4);
  const writes = world.writes.filter((write) => write === `apply configmaps ${NAMESPACE}/storm`);
  expect(writes.length).toBeLessThanOrEqual(5);
  remove();
  release();

  const next = await world.push({ 'storm/c.yaml': configMap('storm', { v: '2' }) });
  const calm = await world.until(isSyncedTo(next), name);
  expect(calm.status?.selfHeal).toBeUndefined();
  expect(await world.read(CONFIG_MAPS, 'storm')).toMatchObject({ data: { v: '2' } });
});
