import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';

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

  await world.cluster.client.patch(CONFIG_MAPS, `${NAMESPACE}/settings`, 'application/merge-patch+json', {
    data: { v: 'by hand' },
  });
  const once = await world.until((app) => app.status?.selfHeal?.attempts === 1 && isSyncedTo(commit)(app), 'a');
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '1' } });
  // Healing repeats a revision: it is none to go back to.
  expect(once.status?.history?.map(({ revision }) => revision)).toEqual([commit]);

  const first = once.status?.operationState?.startedAt;
  await world.cluster.client.delete(CONFIG_MAPS, `${NAMESPACE}/settings`);
  await world.until((app) => app.status?.operationState?.startedAt !== first && isSyncedTo(commit)(app), 'a');
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '1' } });
});
