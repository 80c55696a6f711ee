import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open('app-suspend');
  await world.start();
});
afterAll(async () => {
  await world.close();
});

it('a suspended Application leaves the cluster alone, says why and since when, and is brought up to date when resumed', async () => {
  const first = await world.push({ 'a/c.yaml': configMap('settings', { v: '1' }) });
  await world.createApplication({ name: 'a', path: 'a', automated: { prune: true } });
  await world.until(isSyncedTo(first), 'a');
  const active = await world.until((app) => app.status?.automation?.state === 'Active', 'a');

  await world.patchApplication({ spec: { suspend: true, suspendReason: 'INC-42' } }, 'a');
  const suspended = await world.until((app) => app.status?.automation?.state === 'Suspended', 'a');
  expect(suspended.status?.automation?.message).toBe('INC-42');
  expect(suspended.status?.message).toMatch(/^suspended \(INC-42\); 1 object in sync with /);
  expect(suspended.status?.operationState).toEqual(active.status?.operationState);

  const second = await world.push({ 'a/c.yaml': configMap('settings', { v: '2' }) });
  const behind = await world.until(
    ({ status }) => status?.sync?.revision === second && status.sync.status === 'OutOfSync',
    'a',
  );
  expect(behind.status?.message).toMatch(/^suspended \(INC-42\); differs from .*data\.v$/);
  expect(behind.status?.automation).toEqual(suspended.status?.automation);
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '1' } });

  // The wish is in the spec: a process that remembers nothing keeps to it, whatever happens in Git and in the cluster.
  await world.stop();
  await world.patch(CONFIG_MAPS, 'settings', { data: { v: 'by hand' } });
  await world.start();
  const third = await world.push({ 'a/d.yaml': configMap('more') });
  const later = await world.until(
    ({ status }) => status?.sync?.revision === third && status.sync.status === 'OutOfSync',
    'a',
  );
  expect(later.status?.automation).toEqual(suspended.status?.automation);
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: 'by hand' } });
  expect(await world.read(CONFIG_MAPS, 'more')).toBeUndefined();

  await world.patchApplication({ spec: { suspend: false } }, 'a');
  await world.until(isSyncedTo(third), 'a');
  expect(await world.read(CONFIG_MAPS, 'settings')).toMatchObject({ data: { v: '2' } });
  expect(await world.read(CONFIG_MAPS, 'more')).toBeDefined();
  await world.untilEvent('Normal AutomationChanged: automation is Active, was Suspended', 'a');
});
