import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';
import { createNamespace } from '../../test/setup/real-cluster.ts';

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open('app-retry');
  await world.start();
});
afterAll(() => world.close());

it('tries again, ever later and for ever, until what was missing is there', async () => {
  const commit = await world.push({ 'a/c.yaml': configMap('settings') });
  await world.createApplication({ path: 'a', automated: {}, spec: { destination: { namespace: 'app-retry-late' } } });
  const failed = await world.until((app) => (app.status?.operationState?.retryCount ?? 0) >= 2);
  const { startedAt, nextRetryAt, finishedAt, message } = failed.status?.operationState ?? {};
  expect(message).toMatch(/namespaces "app-retry-late" not found/);
  // The third try comes 20 s after the second has failed, with less than a second of rounding.
  const wait = Date.parse(nextRetryAt ?? '') - Date.parse(finishedAt ?? '');
  expect(wait).toBeGreaterThanOrEqual(20_000);
  expect(wait).toBeLessThanOrEqual(21_000);

  await createNamespace(world.cluster, 'app-retry-late');
  const synced = await world.until(isSyncedTo(commit));
  expect(synced.status?.operationState).toMatchObject({ phase: 'Succeeded', startedAt });
  expect(synced.status?.operationState?.nextRetryAt).toBeUndefined();
});

it('gives up at the limit, and a newer commit is tried at once', async () => {
  await world.push({ 'b/c.yaml': configMap('b', { v: '1' }), 'b/d.yaml': configMap('Not-A-Name') });
  const retry = { limit: 1, backoff: { duration: '1s', maxDuration: '1s' } };
  await world.createApplication({ name: 'b', path: 'b', automated: {}, syncPolicy: { retry } });
  const given = await world.until(({ status }) => status?.operationState?.message?.includes('given up') === true, 'b');
  expect(given.status?.operationState).toMatchObject({ phase: 'Failed', retryCount: 1 });
  expect(given.status?.operationState?.message).toMatch(/; given up after 1 retry$/);
  expect(given.status?.operationState?.nextRetryAt).toBeUndefined();

  const still = await world.push({ 'b/c.yaml': configMap('b', { v: '2' }) });
  await world.until(
    ({ status }) => status?.operationState?.revision === still && status.operationState.phase === 'Failed',
    'b',
  );
  expect(await world.read(CONFIG_MAPS, 'b')).toMatchObject({ data: { v: '2' } });

  // A wait of an hour is none for the commit that puts it right.
  const hour = { limit: -1, backoff: { duration: '1h', maxDuration: '1h' } };
  await world.patchApplication({ spec: { syncPolicy: { retry: hour } } }, 'b');
  const broken = await world.push({ 'b/c.yaml': configMap('b', { v: '3' }) });
  await world.until(
    ({ status }) => status?.operationState?.revision === broken && status.operationState.nextRetryAt !== undefined,
    'b',
  );
  const fixed = await world.push({ 'b/d.yaml': configMap('a-name') });
  await world.until(isSyncedTo(fixed), 'b');
});
