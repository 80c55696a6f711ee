import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIGMAPS, connect, recordingLogger, until } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import type { Cluster } from './cluster.ts';
import type { KubeError } from './errors.ts';

let server: FakeApiServer;
let cluster: ReturnType<typeof connect>;

beforeEach(async () => {
  server = await FakeApiServer.start();
  server.state.put('configmaps', { namespace: 'a', name: 'x' });
  cluster = connect(server.identity());
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'a', name: 'new' } };
const get = (c: Cluster = cluster, signal?: AbortSignal) =>
  c.client.get(CONFIGMAPS, 'a/x', signal === undefined ? {} : { signal });
const failure = (promise: Promise<unknown>): Promise<KubeError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: KubeError) => error,
  );
const storm = (status: number, times: number, retryAfter?: string) =>
  server.inject(
    { times },
    { kind: 'status', status, ...(retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } }) },
  );

describe('when the API server is overloaded', () => {
  it('sits out a storm of 429, also for writes, and no longer than asked', async () => {
    storm(429, 3, '0');
    await cluster.client.create(CONFIGMAPS, object);
    expect(server.requests).toHaveLength(4);
  });

  it('waits the Retry-After before asking again', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock });
    storm(429, 1, '2');
    const answer = get(patient);
    await until(() => server.requests.length === 1 && (clock.nextTimerIn() ?? Number.POSITIVE_INFINITY) < 3000);
    clock.advance(1999);
    expect(server.requests).toHaveLength(1);
    clock.advance(1000);
    expect((await answer).metadata.name).toBe('x');
    await patient.close();
  });

  it('leaves a long wait to the caller', async () => {
    storm(429, 1, '60');
    expect(await failure(get())).toMatchObject({ status: 429, retryable: true, retryAfterMs: 60_000 });
    expect(server.requests).toHaveLength(1);
  });

  it('gives up after some tries', async () => {
    storm(429, 100, '0');
    expect((await failure(get())).status).toBe(429);
    expect(server.requests.length).toBeLessThan(10);
  });

  it('repeats reads on 503 with Retry-After, but never a create, which may have happened', async () => {
    storm(503, 2, '0');
    await get();
    expect(server.requests).toHaveLength(3);
    storm(503, 1, '0');
    expect((await failure(cluster.client.create(CONFIGMAPS, object))).status).toBe(503);
    expect(server.requests).toHaveLength(4);
  });

  it('hands a storm of 500 to the caller at once: backing off is the work of the queue', async () => {
    storm(500, 5);
    expect(await failure(get())).toMatchObject({ status: 500, retryable: true });
    expect(server.requests).toHaveLength(1);
  });
});

describe('when the connection fails', () => {
  it('repeats a read after a reset, not a create', async () => {
    server.inject({}, { kind: 'reset' });
    await get();
    server.inject({}, { kind: 'reset' });
    expect(await failure(cluster.client.create(CONFIGMAPS, object))).toMatchObject({
      reason: 'ConnectionReset',
      retryable: true,
    });
    expect(server.requests).toHaveLength(3);
  });

  it('ends a request that hangs at its deadline', async () => {
    const clock = new ManualClock();
    const patient = connect(server.identity(), { clock });
    server.inject({}, { kind: 'hang' });
    const failed = failure(get(patient));
    await until(() => server.requests.length === 1);
    clock.advance(30_000);
    expect(await failed).toMatchObject({ code: 'KubeTimeout', retryable: true, status: 0 });
    await patient.close();
  });

  it('says that nobody listens', async () => {
    await server.close();
    expect(await failure(get())).toMatchObject({
      reason: 'ConnectionRefused',
      code: 'KubeUnreachable',
      retryable: true,
    });
    await server.listen(0);
  });

  it('takes rubbish with status 200 for a failure', async () => {
    server.inject({}, { kind: 'text', text: '<html>' });
    expect((await failure(get())).message).toContain('not JSON');
  });

  it('ends with the reason of the caller when the caller aborts', async () => {
    const controller = new AbortController();
    server.inject({}, { kind: 'hang' });
    const failed = failure(get(cluster, controller.signal));
    await until(() => server.requests.length === 1);
    controller.abort(new Error('no longer wanted'));
    expect((await failed).message).toBe('no longer wanted');
  });
});

describe('credentials', () => {
  it('are read again, once, when the server refuses them', async () => {
    let token = 'old';
    let reads = 0;
    const renewing = connect(
      server.identity(() => {
        reads += 1;
        return token;
      }),
    );
    server.token = 'old';
    await get(renewing);
    server.token = 'new';
    token = 'new';
    const answers = await Promise.all(Array.from({ length: 5 }, () => get(renewing)));
    expect(answers).toHaveLength(5);
    expect(reads).toBe(2);
    await renewing.close();
  });

  it('that stay refused end in an error that names the cause', async () => {
    server.token = 'other';
    expect(await failure(get())).toMatchObject({ status: 401, code: 'KubeUnauthorized' });
    expect(server.requests).toHaveLength(2);
  });

  it('can be those of somebody else, with several groups', async () => {
    await cluster.clientAs({ user: 'system:serviceaccount:a:deployer', groups: ['g1', 'g2'] }).get(CONFIGMAPS, 'a/x');
    expect(server.requests[0]?.headers).toMatchObject({
      'impersonate-user': 'system:serviceaccount:a:deployer',
      'impersonate-group': 'g1, g2',
    });
  });
});

describe('on the wire', () => {
  it('uses few connections for many requests', async () => {
    for (let i = 0; i < 100; i++) await get();
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  it('names itself and counts what it asks', async () => {
    storm(429, 1, '0');
    await get();
    expect(server.requests[0]?.headers['user-agent']).toBe('slipway/test');
    const counted = await cluster.registry.getSingleMetricAsString('slipway_kube_requests_total');
    expect(counted).toContain('{verb="get",resource="configmaps",code="429"} 1');
    expect(counted).toContain('{verb="get",resource="configmaps",code="200"} 1');
  });

  it('passes on the warnings of the server', async () => {
    const lines: { level: string; message: string; fields: object }[] = [];
    const warned = connect(server.identity(), { logger: recordingLogger(lines) });
    const warning = '299 - "v1beta1 is \\"old\\"", 299 - "unknown field \\"spec.x\\""';
    server.inject({}, { kind: 'status', status: 200, headers: { warning }, body: object });
    await get(warned);
    expect(lines.map((line) => (line.fields as { warning: string }).warning)).toEqual([
      'v1beta1 is "old"',
      'unknown field "spec.x"',
    ]);
    await warned.close();
  });

  it('keeps its rate', async () => {
    const clock = new ManualClock();
    const slow = connect(server.identity(), { clock });
    const calls = Array.from({ length: 101 }, () => get(slow));
    await Promise.all(calls.slice(0, 100));
    // 50 per second after a burst of 100: the last one waits for its turn.
    expect(clock.nextTimerIn()).toBe(20);
    expect(server.requests).toHaveLength(100);
    clock.advance(20);
    await calls[100];
    await slow.close();
  });
});
