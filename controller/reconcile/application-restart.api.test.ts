import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';
import { APPLICATION_RESOURCE } from '../api/generated/application.ts';
import type { KubeClient } from '../kube/types.ts';

const NAMESPACE = 'app-restart';
const SERVICE_ACCOUNTS = { ...CONFIG_MAPS, kind: 'ServiceAccount', plural: 'serviceaccounts' };
const SERVICE_ACCOUNT = '{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "kill-1"}}';
let world: ApplicationWorld;
/** Writes that still reach the API server; then it is as if the process were dead. */
let writesLeft = Number.POSITIVE_INFINITY;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { client: mortal, pollIntervalMs: 20_000 });
});
beforeEach(() => {
  writesLeft = Number.POSITIVE_INFINITY;
});
afterAll(() => world.close());

function mortal(real: KubeClient): KubeClient {
  const alive = <A extends unknown[], R>(call: (...args: A) => Promise<R>): ((...args: A) => Promise<R>) => {
    return async (...args) => {
      if (writesLeft <= 0) throw new Error('killed');
      writesLeft -= 1;
      return call(...args);
    };
  };
  return { ...real, apply: alive(real.apply), update: alive(real.update), delete: alive(real.delete) };
}

const automated = { prune: true };

describe('a controller that is killed and started again', () => {
  it('in the middle of a sync: leaves nothing behind that it does not know of', async () => {
    await world.repository.commit({ 'a/1.yaml': SERVICE_ACCOUNT, 'a/2.yaml': configMap('kill-2') });
    // The status that announces the sync, the first object (ServiceAccounts come before ConfigMaps), and no more.
    writesLeft = 2;
    await world.start();
    await world.createApplication({ name: 'kill', path: 'a', automated });
    await world.untilObject(SERVICE_ACCOUNTS, 'kill-1', (object) => object !== undefined);
    const killed = await world.until((app) => app.status?.operationState?.phase === 'Running', 'kill');
    expect(killed.status?.resources?.map(({ name }) => name)).toEqual(['kill-2', 'kill-1']);
    await world.stop();

    // Meanwhile Git moves on: the object that was written is not wanted any more.
    writesLeft = Number.POSITIVE_INFINITY;
    const commit = await world.repository.commit({ 'a/1.yaml': null });
    await world.start();
    const application = await world.until(isSyncedTo(commit), 'kill');
    expect(application.status?.resources?.map(({ name }) => name)).toEqual(['kill-2']);
    expect(await world.read(SERVICE_ACCOUNTS, 'kill-1')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'kill-2')).toBeDefined();
  });

  it('in peace: asks nothing about what has not changed, and changes nothing', async () => {
    const before = await world.application('kill');
    await world.stop();
    const sent = world.writes.length;
    await world.start();
    // The next Application is done after the first one.
    await world.push({ 'next/a.yaml': configMap('next') });
    await world.createApplication({ name: 'next', path: 'next', automated });
    await world.until(isSynced, 'next');
    const applied = world.writes.slice(sent).filter((write) => write.startsWith('apply') && write.includes('kill'));
    expect(applied).toEqual([]);
    const after = await world.application('kill');
    expect(after.status?.history).toEqual(before.status?.history);
    expect(after.status?.operationState).toEqual(before.status?.operationState);
  });

  it('after an edit that nobody saw: compares that object, and no other', async () => {
    await world.push({ 'two/a.yaml': configMap('two-a'), 'two/b.yaml': configMap('two-b') });
    await world.createApplication({ name: 'two', path: 'two', automated });
    await world.until(isSynced, 'two');
    await world.stop();
    const sent = world.writes.length;
    const patch = { data: { key: 'edited' } };
    await world.cluster.client.patch(CONFIG_MAPS, `${NAMESPACE}/two-b`, 'application/merge-patch+json', patch);
    await world.start();
    await world.until((app) => app.status?.sync?.status === 'OutOfSync', 'two');
    expect(world.writes.slice(sent).filter((write) => write.includes('/two-'))).toEqual([
      `apply configmaps ${NAMESPACE}/two-b (dry run)`,
    ]);
  });
});

describe('a controller that runs', () => {
  it('finds a commit by polling alone', async () => {
    const commit = await world.repository.commit({ 'a/2.yaml': configMap('kill-2', { polled: 'yes' }) });
    await world.until(isSyncedTo(commit), 'kill');
    expect((await world.read(CONFIG_MAPS, 'kill-2'))?.['data']).toEqual({ polled: 'yes' });
  });

  it('applies a ConfigMap of 900 KB, and sees a change in its data', async () => {
    const big = configMap('big', { blob: 'x'.repeat(900_000) });
    await world.push({ 'big/big.yaml': big });
    await world.createApplication({ name: 'big', path: 'big', automated });
    await world.until(isSynced, 'big');
    const key = `${NAMESPACE}/big`;
    await world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { data: { blob: 'small' } });
    const application = await world.until((app) => app.status?.sync?.status === 'OutOfSync', 'big');
    expect(condition(application, 'Synced').message).toContain('data.blob');
  });

  it('without syncPolicy.automated: only compares, and lists what differs', async () => {
    await world.push({
      'manual/a.yaml': configMap('manual-a'),
      'manual/bad.yaml': configMap('manual-bad').replace('"data"', '"dada"'),
    });
    await world.createApplication({ name: 'manual', path: 'manual' });
    const application = await world.until((app) => app.status?.sync?.status === 'OutOfSync', 'manual');
    expect(application.status?.operationState).toBeUndefined();
    expect(application.status?.health?.status).toBe('Missing');
    expect(condition(application, 'Synced').message).toContain('.dada');
    expect(await world.read(CONFIG_MAPS, 'manual-a')).toBeUndefined();
    await world.push({ 'manual/bad.yaml': null });
    await world.patchApplication({ spec: { syncPolicy: { automated } } }, 'manual');
    await world.until(isSynced, 'manual');
    expect(await world.read(CONFIG_MAPS, 'manual-a')).toBeDefined();
  });

  it('an Application of Applications: the child is applied, works, and counts for the health', async () => {
    const child = {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Application',
      metadata: { name: 'child' },
      spec: { source: { repoURL: world.url, path: 'child', targetRevision: 'main' }, syncPolicy: { automated } },
    };
    const claim = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'lb' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    };
    await world.push({ 'parent/child.json': JSON.stringify(child), 'child/lb.json': JSON.stringify(claim) });
    await world.createApplication({ name: 'parent', path: 'parent', automated });
    const parent = await world.until(
      (app) => isSynced(app) && app.status?.health?.message?.includes('load balancer') === true,
      'parent',
    );
    expect(parent.status?.health).toMatchObject({ status: 'Progressing' });
    expect(isSynced(await world.application('child'))).toBe(true);
  });

  it('a hundred objects: one commit sends a hundred applies, the next sends one', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`many/${i}.yaml`, configMap(`many-${i}`)] as const),
    );
    await world.push(files);
    await world.createApplication({ name: 'many', path: 'many', automated });
    await world.until(isSynced, 'many');
    const sent = world.writes.length;
    const commit = await world.push({ 'many/7.yaml': configMap('many-7', { key: 'new' }) });
    await world.until(isSyncedTo(commit), 'many');
    expect(world.writes.slice(sent).filter((write) => write.startsWith('apply'))).toEqual([
      `apply configmaps ${NAMESPACE}/many-7`,
    ]);
  });

  it('says nothing while nothing happens', async () => {
    // The last commit reaches those whose path it left alone a moment later.
    const newest = (await world.application('many')).status?.sync?.revision;
    for (const { metadata } of await world.cluster.client.list(APPLICATION_RESOURCE, { namespace: NAMESPACE })) {
      await world.until(({ status }) => status?.sync?.revision === newest, metadata.name);
    }
    const versions = await world.cluster.client.list(APPLICATION_RESOURCE, { namespace: NAMESPACE });
    const sent = world.writes.length;
    // Three rounds of polling, seen by the Git server.
    const seen = world.git.requests.length;
    await world.cluster.client.list(APPLICATION_RESOURCE, { namespace: NAMESPACE });
    await expect.poll(() => world.git.requests.length - seen, { timeout: 30_000 }).toBeGreaterThan(2);
    expect(world.writes.slice(sent)).toEqual([]);
    const after = await world.cluster.client.list(APPLICATION_RESOURCE, { namespace: NAMESPACE });
    expect(after.map(({ metadata }) => metadata.resourceVersion)).toEqual(
      versions.map(({ metadata }) => metadata.resourceVersion),
    );
  });
});
