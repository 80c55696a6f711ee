import { afterEach, expect, it } from 'vitest';
import { ApplicationWorld, isSyncedTo, SERVICES } from '../../test/application-world.ts';
import { fastClock } from '../../test/fast-clock.ts';
import type { KubeObject } from '../kube/types.ts';

/** A sync is told when its objects are healthy, if that is soon: a status and an Event less for each small change. */
let world: ApplicationWorld;
afterEach(() => world.close());

/** Progressing until somebody gives it an address. */
const service = (port: number): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'server' },
    spec: { type: 'LoadBalancer', selector: { app: 'server' }, ports: [{ port }] },
  });
const giveAddress = async (): Promise<void> => {
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  const key = `${world.namespace}/server`;
  await world.cluster.client.patch(
    SERVICES,
    key,
    'application/merge-patch+json',
    { status },
    { subresource: 'status' },
  );
};
const statuses = (): number => world.writes.filter((write) => write.includes('applications')).length;
const portOf = (object: KubeObject | undefined): unknown =>
  (object?.['spec'] as { ports?: { port?: number }[] } | undefined)?.ports?.[0]?.port;

it('an object that becomes healthy in a moment is told as such, in the status that tells of the sync', async () => {
  // Half a second is five here, so that the address comes within it.
  world = await ApplicationWorld.open('app-settling-soon', { clock: fastClock(0.1) });
  await world.start();
  await world.push({ 'service.yaml': service(80) });
  await world.createApplication({ automated: {} });
  await world.untilObject(SERVICES, 'server', (object) => object !== undefined);
  await giveAddress();
  const first = await world.until(({ status }) => status?.sync?.status === 'Synced');
  expect(first.status?.health?.status).toBe('Healthy');
  expect(first.status?.operationState?.phase).toBe('Succeeded');
  // The first one lists what will be applied.
  expect(statuses()).toBe(2);
  expect(first.status?.history).toHaveLength(1);
  await world.untilEvent(/OperationSucceeded: synced to/);
  expect((await world.events()).filter((event) => event.includes('Healthy'))).toEqual([]);

  // What was healthy stays so: the sync is told at once, by one status.
  const commit = await world.push({ 'service.yaml': service(81) });
  const second = await world.until(isSyncedTo(commit));
  expect(second.status?.history).toHaveLength(2);
  expect(statuses()).toBe(3);
});

it('an object that takes longer is told as progressing', async () => {
  world = await ApplicationWorld.open('app-settling-late');
  await world.start();
  const commit = await world.push({ 'service.yaml': service(80) });
  await world.createApplication({ automated: {} });
  const synced = await world.until(isSyncedTo(commit));
  expect(synced.status?.health?.status).toBe('Progressing');
  await giveAddress();
  await world.until(({ status }) => status?.health?.status === 'Healthy');
});

it('a commit that comes meanwhile is synced, and both are told', async () => {
  world = await ApplicationWorld.open('app-settling-commit', { clock: fastClock(0.1) });
  await world.start();
  await world.push({ 'service.yaml': service(80) });
  await world.createApplication({ automated: {} });
  await world.untilObject(SERVICES, 'server', (object) => object !== undefined);
  const commit = await world.push({ 'service.yaml': service(81) });
  await world.untilObject(SERVICES, 'server', (object) => portOf(object) === 81);
  await giveAddress();
  const synced = await world.until(isSyncedTo(commit));
  expect(synced.status?.operationState).toMatchObject({ phase: 'Succeeded', revision: commit });
  expect(synced.status?.health?.status).toBe('Healthy');
});

it('a spec that changes meanwhile is synced anew', async () => {
  world = await ApplicationWorld.open('app-settling-spec', { clock: fastClock(0.1) });
  await world.start();
  await world.push({ 'one/service.yaml': service(80), 'two/service.yaml': service(82) });
  await world.createApplication({ path: 'one', automated: {} });
  await world.untilObject(SERVICES, 'server', (object) => object !== undefined);
  await world.patchApplication({ spec: { source: { path: 'two' } } });
  await world.untilObject(SERVICES, 'server', (object) => portOf(object) === 82);
  await giveAddress();
  const synced = await world.until(
    ({ metadata, status }) => status?.sync?.status === 'Synced' && status.observedGeneration === metadata.generation,
  );
  expect(synced.status?.health?.status).toBe('Healthy');
});
