import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGMAPS, connect, FAST, recordingLogger, until } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import type { KubeObject } from './types.ts';
import { stuckWatches, unsyncedWatches } from './watch-health.ts';

let server: FakeApiServer;
let cluster: ReturnType<typeof connect>;
const lines: { level: string; message: string; fields: object }[] = [];

beforeEach(async () => {
  lines.length = 0;
  server = await FakeApiServer.start();
  server.state.put('configmaps', { namespace: 'a', name: 'one', labels: { app: 'x' }, data: { k: 'secret' } });
  cluster = connect(server.identity(), { times: FAST, logger: recordingLogger(lines) });
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});
const forever = new AbortController().signal;
const put = (name: string) => server.state.put('configmaps', { namespace: 'a', name });

describe('cached objects', () => {
  it('are frozen to the bottom, say what they are, and carry no managedFields', async () => {
    const { informer } = cluster.informers.acquire(CONFIGMAPS);
    await informer.waitForSync(forever);
    const object = informer.get('a/one');
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(object?.metadata).not.toHaveProperty('managedFields');
    expect(() => Object.assign((object as KubeObject)['data'] as object, { k: 'v' })).toThrow(TypeError);
  });

  it('can be reduced before they are kept', async () => {
    const transform = { name: 'no-data', apply: (object: KubeObject) => void delete object['data'] };
    const reduced = cluster.informers.acquire(CONFIGMAPS, { transform }).informer;
    const full = cluster.informers.acquire(CONFIGMAPS).informer;
    await Promise.all([reduced.waitForSync(forever), full.waitForSync(forever)]);
    expect(reduced.get('a/one')?.['data']).toBeUndefined();
    expect(full.get('a/one')?.['data']).toEqual({ k: 'secret' });
  });

  it('are found by index, also after they change', async () => {
    const byApp = (object: KubeObject) => Object.values(object.metadata.labels ?? {});
    const { informer } = cluster.informers.acquire(CONFIGMAPS, { indexers: { app: byApp } });
    await informer.waitForSync(forever);
    expect(informer.byIndex('app', 'x')).toHaveLength(1);
    server.state.put('configmaps', { namespace: 'a', name: 'one', labels: { app: 'y' } });
    await until(() => informer.byIndex('app', 'y').length === 1);
    expect(informer.byIndex('app', 'x')).toHaveLength(0);
    expect(() => informer.byIndex('typo', 'x')).toThrow('no index "typo"');
  });
});

describe('handlers', () => {
  it('hear of what is cached already, of changes with the state before, and nothing after they were removed', async () => {
    const { informer } = cluster.informers.acquire(CONFIGMAPS);
    await informer.waitForSync(forever);
    const heard: string[] = [];
    const remove = informer.onEvent((event) => {
      const before = event.type === 'updated' ? ` from ${event.old.metadata.resourceVersion}` : '';
      heard.push(`${event.type} ${event.object.metadata.name}${before}`);
    });
    const before = informer.get('a/one')?.metadata.resourceVersion;
    put('one');
    put('two');
    server.state.remove('configmaps', 'a', 'two');
    await until(() => heard.length === 4);
    expect(heard).toEqual(['added one', `updated one from ${before}`, 'added two', 'deleted two']);
    remove();
    put('three');
    await until(() => informer.get('a/three') !== undefined);
    expect(heard).toHaveLength(4);
  });

  it('that throw harm neither the cache nor each other', async () => {
    const { informer } = cluster.informers.acquire(CONFIGMAPS);
    const heard: string[] = [];
    informer.onEvent(() => {
      throw new Error('defect');
    });
    informer.onEvent((event) => heard.push(event.object.metadata.name));
    await informer.waitForSync(forever);
    put('two');
    await until(() => heard.length === 2);
    expect(informer.list()).toHaveLength(2);
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(2);
  });
});

describe('sharing', () => {
  it('uses one watch per kind and scope, until the last user is gone', async () => {
    const first = cluster.informers.acquire(CONFIGMAPS);
    const second = cluster.informers.acquire(CONFIGMAPS);
    const other = cluster.informers.acquire(CONFIGMAPS, { labelSelector: 'app=x' });
    expect(second.informer).toBe(first.informer);
    await Promise.all([first.informer.waitForSync(forever), other.informer.waitForSync(forever)]);
    expect(server.watches).toHaveLength(2);
    first.release();
    first.release();
    put('two');
    await until(() => second.informer.get('a/two') !== undefined);
    second.release();
    await until(() => server.watches.length === 1);
    expect(server.watches[0]?.query.get('labelSelector')).toBe('app=x');
    // And comes back when somebody needs it again.
    const again = cluster.informers.acquire(CONFIGMAPS).informer;
    await again.waitForSync(forever);
    expect(again.list()).toHaveLength(2);
  });
});

describe('waiting for the first list', () => {
  it('ends with the signal', async () => {
    server.inject({ times: 1_000_000 }, { kind: 'status', status: 403 });
    const controller = new AbortController();
    const waiting = cluster.informers.acquire(CONFIGMAPS).informer.waitForSync(controller.signal);
    controller.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
  });
});

describe('health', () => {
  it('says which watches do not work and why, and does not take a server that is down for a stuck process', async () => {
    server.inject({ times: 1_000_000 }, { kind: 'status', status: 403 });
    cluster.informers.acquire(CONFIGMAPS);
    await until(() => cluster.informers.health()[0]?.lastError !== undefined);
    const health = cluster.informers.health();
    expect(health[0]?.lastError).toContain('configmaps: injected 403');
    expect(unsyncedWatches(health)).toEqual(['configmaps']);
    const { lastActivity = 0 } = health[0] ?? {};
    expect(stuckWatches(health, lastActivity + 60_000)).toEqual([]);
    expect(stuckWatches(health, lastActivity + 301_000)).toEqual(['configmaps']);
  });
});
