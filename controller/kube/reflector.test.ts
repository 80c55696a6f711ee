import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGMAPS, connect, FAST, until } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import type { Informer } from './types.ts';

let server: FakeApiServer;
let cluster: ReturnType<typeof connect>;
let informer: Informer;

beforeEach(async () => {
  server = await FakeApiServer.start();
  server.state.put('configmaps', { namespace: 'a', name: 'one' });
  server.state.put('configmaps', { namespace: 'a', name: 'two' });
  cluster = connect(server.identity(), { times: FAST });
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

const start = async (c = cluster): Promise<void> => {
  informer = c.informers.acquire(CONFIGMAPS).informer;
  await informer.waitForSync(new AbortController().signal);
};
const names = () => informer.list().map((object) => object.metadata.name);
const put = (name: string, fields: object = {}) => server.state.put('configmaps', { namespace: 'a', name, ...fields });
/** The cache follows the server again: what is created now arrives. */
const follows = async (): Promise<void> => {
  const name = `probe-${server.state.version}`;
  put(name);
  await until(() => names().includes(name));
};
const lists = () => server.requests.filter((r) => r.query.has('sendInitialEvents') || r.query.has('limit')).length;
const watchVersions = () =>
  server.requests.filter((r) => r.query.has('watch')).map((r) => r.query.get('resourceVersion'));

describe('the first list', () => {
  it('comes as a stream, on the connection of the watch', async () => {
    await start();
    await follows();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.query.get('allowWatchBookmarks')).toBe('true');
    const timeout = Number(server.requests[0]?.query.get('timeoutSeconds'));
    expect(timeout).toBeGreaterThanOrEqual(300);
    expect(timeout).toBeLessThanOrEqual(600);
  });

  it.each(['status', 'event'] as const)('comes in pages where the server refuses a stream by %s', async (refusal) => {
    server.streamedLists = refusal;
    await start();
    expect(names().sort()).toEqual(['one', 'two']);
    await follows();
  });

  it('comes in pages when the stream ends before it is complete', async () => {
    server.inject({ watch: true }, { kind: 'text', text: '' });
    await start();
    expect(server.requests.map((r) => r.query.has('limit'))).toEqual([false, true]);
    await follows();
  });

  it.each([
    ['stream', 'yes', 'PartialObjectMetadata'],
    ['pages', 'status', 'PartialObjectMetadataList'],
  ] as const)('asks for nothing but metadata, as %s', async (_how, streamed, form) => {
    server.streamedLists = streamed;
    const { informer: slim } = cluster.informers.acquire(CONFIGMAPS, { metadataOnly: true });
    await slim.waitForSync(new AbortController().signal);
    const list = server.requests.find((r) => r.query.has(streamed === 'yes' ? 'sendInitialEvents' : 'limit'));
    expect(list?.headers.accept).toBe(`application/json;as=${form};g=meta.k8s.io;v=v1`);
    await until(() => server.requests.at(-1)?.query.has('watch') === true);
    expect(server.requests.at(-1)?.headers.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  it('comes as a stream when pages fail', async () => {
    server.inject({ watch: true }, { kind: 'status', status: 500 });
    server.inject({ watch: false, times: 1_000_000 }, { kind: 'status', status: 500 });
    await start();
    await follows();
  });

  it('comes in pages when the stream never says that it is complete', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock, times: FAST });
    server.inject({ watch: true }, { kind: 'hang' });
    const { informer: slow } = patient.informers.acquire(CONFIGMAPS);
    await until(() => server.requests.length === 1);
    clock.advance(30_000);
    await until(() => {
      clock.advance(10);
      return slow.synced;
    });
    expect(slow.list()).toHaveLength(2);
    await patient.close();
  });

  it('is tried for as long as the kind is not there yet', async () => {
    server.inject({ times: 20 }, { kind: 'status', status: 404 });
    await start();
    expect(server.requests.length).toBeGreaterThan(20);
    await follows();
  });

  it('is tried for as long as the server has other troubles', async () => {
    server.inject({ times: 10 }, { kind: 'status', status: 500 });
    server.inject({ times: 5 }, { kind: 'reset' });
    server.inject({ times: 5 }, { kind: 'status', status: 429, headers: { 'retry-after': '0' } });
    server.inject({ times: 5 }, { kind: 'text', text: 'rubbish\n' });
    server.inject({ times: 5 }, { kind: 'text', text: '{"type":"ADD' });
    await start();
    expect(names().sort()).toEqual(['one', 'two']);
    await follows();
  });
});

describe('a watch goes on where it was', () => {
  it('after a reset in the middle of a line', async () => {
    await start();
    const version = server.state.version;
    server.watches[0]?.resetMidLine({ metadata: { name: 'half' } });
    await until(() => server.watches.length === 1 && watchVersions().length === 2);
    expect(watchVersions()[1]).toBe(String(version));
    await follows();
    expect(names()).not.toContain('half');
    expect(lists()).toBe(1);
  });

  it('after the server ended it as agreed', async () => {
    await start();
    put('three');
    await until(() => names().length === 3);
    const version = server.state.version;
    server.watches[0]?.end();
    await follows();
    expect(watchVersions()[1]).toBe(String(version));
  });

  it('from the last bookmark, so that a quiet kind does not fall behind', async () => {
    await start();
    server.watches[0]?.bookmark(4711);
    server.watches[0]?.end();
    await until(() => watchVersions().length === 2);
    expect(watchVersions()[1]).toBe('4711');
  });

  it('after a line that is no JSON', async () => {
    await start();
    server.watches[0]?.raw('{"type":"ADDED","object":{{{\n');
    await follows();
    expect(lists()).toBe(1);
  });

  it.each([500, 503, 429])('after a storm of %i', async (status) => {
    await start();
    server.inject({ times: 30 }, { kind: 'status', status, headers: { 'retry-after': '0' } });
    server.watches[0]?.reset();
    put('three');
    await until(() => names().includes('three'));
    expect(lists()).toBe(1);
  });

  it('after the server was away', async () => {
    await start();
    const { port } = server;
    await server.close();
    put('three');
    await server.listen(port);
    await until(() => names().includes('three'));
    expect(lists()).toBe(1);
  });

  it('with new credentials after the old ones ran out', async () => {
    let token = 'old';
    server.token = 'old';
    const renewing = connect(
      server.identity(() => token),
      { times: FAST },
    );
    await start(renewing);
    token = 'new';
    server.token = 'new';
    server.watches[0]?.end();
    await follows();
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer new');
    await renewing.close();
  });
});

describe('a watch that hangs', () => {
  it('is replaced when no byte came for too long', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock, times: FAST });
    await start(patient);
    server.watches[0]?.mute();
    put('three');
    clock.advance(59_999);
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    await until(() => names().includes('three'));
    expect(patient.informers.health()[0]?.lastError).toBeUndefined();
    await patient.close();
  });

  it('is not replaced while bookmarks arrive', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock, times: FAST });
    await start(patient);
    for (let i = 1; i <= 5; i++) {
      const before = patient.informers.health()[0]?.lastActivity ?? 0;
      clock.advance(50_000);
      server.watches[0]?.bookmark(server.state.version);
      await until(() => (patient.informers.health()[0]?.lastActivity ?? 0) > before);
    }
    expect(server.requests).toHaveLength(1);
    await patient.close();
  });
});

describe('when the resource version has expired', () => {
  it.each(['status', 'event'] as const)(
    '(told by %s) it lists again and reports what vanished meanwhile',
    async (form) => {
      server.goneAs = form;
      await start();
      const deleted: string[] = [];
      const others: string[] = [];
      informer.onEvent((event) => {
        (event.type === 'deleted' ? deleted : others).push(`${event.type} ${event.object.metadata.name}`);
      });
      others.length = 0;
      server.inject({ watch: true }, { kind: 'reset' });
      server.watches[0]?.reset();
      await until(() => server.watches.length === 0);
      server.state.remove('configmaps', 'a', 'one');
      put('three');
      server.state.compact();
      await until(() => names().includes('three'));
      expect(deleted).toEqual(['deleted one']);
      expect(others).toEqual(['added three']);
      expect(lists()).toBe(2);
      await follows();
    },
  );

  it('does not list in a loop when every version has expired', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock, times: { ...FAST, backoffBaseMs: 1000, backoffMaxMs: 1000 } });
    await start(patient);
    server.inject({ watch: true, times: 1000 }, { kind: 'status', status: 410 });
    server.watches[0]?.end();
    await until(() => (clock.nextTimerIn() ?? Number.POSITIVE_INFINITY) <= 1000);
    expect(server.requests.length).toBeLessThan(6);
    await patient.close();
  });
});

describe('events', () => {
  it('that repeat or come out of order change nothing', async () => {
    await start();
    const old = put('one', { data: { n: '1' } });
    const fresh = put('one', { data: { n: '2' } });
    await until(() => informer.get('a/one')?.metadata.resourceVersion === fresh.metadata.resourceVersion);
    const seen: string[] = [];
    informer.onEvent((event) => seen.push(event.type));
    seen.length = 0;
    server.watches[0]?.send('MODIFIED', old);
    server.watches[0]?.send('MODIFIED', fresh);
    server.watches[0]?.send('DELETED', old);
    await follows();
    expect(informer.get('a/one')?.['data']).toEqual({ n: '2' });
    expect(seen).toEqual(['added']);
  });

  it('do not bring back what was deleted', async () => {
    await start();
    const last = put('one', { data: { n: '2' } });
    server.state.remove('configmaps', 'a', 'one');
    server.watches[0]?.send('MODIFIED', last);
    await follows();
    expect(informer.get('a/one')).toBeUndefined();
  });

  it('of an unknown type or without an object harm nobody', async () => {
    await start();
    server.watches[0]?.raw('{"type":"ADDED","object":null}\n{"type":"ADDED"}\n\n');
    server.watches[0]?.raw('{"type":"SURPRISE","object":{}}\n');
    await follows();
  });
});

it('a stopped informer leaves no connection and asks nothing any more', async () => {
  await start();
  informer.stop();
  await until(() => server.watches.length === 0);
  expect(informer.list()).toEqual([]);
});
