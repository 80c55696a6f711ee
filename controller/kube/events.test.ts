import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { ApiEventRecorder } from './events.ts';
import type { KubeObject } from './types.ts';

let server: FakeApiServer;
let cluster: ReturnType<typeof connect>;
let clock: ManualClock;
let recorder: ApiEventRecorder;
let stop: AbortController;

beforeEach(async () => {
  server = await FakeApiServer.start();
  cluster = connect(server.identity());
  clock = new ManualClock();
  stop = new AbortController();
  const { client, metrics } = cluster;
  recorder = new ApiEventRecorder({ client, clock, logger: silentLogger, metrics, signal: stop.signal });
});
afterEach(async () => {
  stop.abort();
  await cluster.close();
  await server.close();
});

const rollout = (name = 'fraud'): KubeObject => ({
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { namespace: 'prod', name, uid: `uid-${name}`, resourceVersion: '5' },
});
const written = (namespace = 'prod') => server.state.list('events', namespace);
const dropped = () => cluster.registry.getSingleMetricAsString('slipway_events_dropped_total');

describe('events', () => {
  it('say who did what to which object', async () => {
    recorder.event(rollout(), 'Warning', 'RolloutAborted', 'error rate 7 % is above 2 %');
    await recorder.flush();
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatchObject({
      type: 'Warning',
      reason: 'RolloutAborted',
      message: 'error rate 7 % is above 2 %',
      count: 1,
      source: { component: 'slipway' },
      involvedObject: { kind: 'Rollout', namespace: 'prod', name: 'fraud', uid: 'uid-fraud' },
      firstTimestamp: '2026-01-01T00:00:00Z',
    });
  });

  it('that repeat are counted on the one that is there', async () => {
    for (let i = 0; i < 3; i++) {
      recorder.event(rollout(), 'Normal', 'Paused', 'waiting');
      await recorder.flush();
      clock.advance(60_000);
    }
    expect(written()).toHaveLength(1);
    expect(written()[0]).toMatchObject({
      count: 3,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:02:00Z',
    });
    recorder.event(rollout(), 'Normal', 'Paused', 'waiting for something else');
    await recorder.flush();
    expect(written()).toHaveLength(2);
  });

  it('that come faster than they can be written cost one request', async () => {
    for (let i = 0; i < 10; i++) recorder.event(rollout(), 'Normal', 'Paused', 'waiting');
    await recorder.flush();
    expect(server.requests.length).toBeLessThanOrEqual(2);
    expect(written()[0]).toMatchObject({ count: 10 });
  });

  it('of one object are written in order while those of others are held up', async () => {
    server.inject({ method: 'POST', times: 1 }, { kind: 'hang' });
    recorder.event(rollout(), 'Normal', 'First', 'hangs');
    recorder.event(rollout(), 'Normal', 'Second', 'waits');
    for (const name of ['a', 'b', 'c', 'd']) recorder.event(rollout(name), 'Normal', 'Paused', 'waiting');
    await expect
      .poll(() => written().some(({ involvedObject }) => (involvedObject as { name: string }).name !== 'fraud'))
      .toBe(true);
    expect(written().filter(({ reason }) => reason === 'Second')).toEqual([]);
  });

  it('begin anew when the server has forgotten the old one', async () => {
    recorder.event(rollout(), 'Normal', 'Paused', 'waiting');
    await recorder.flush();
    server.state.remove('events', 'prod', written()[0]?.metadata.name ?? '');
    recorder.event(rollout(), 'Normal', 'Paused', 'waiting');
    await recorder.flush();
    expect(written()[0]).toMatchObject({ count: 1 });
  });

  it('of an object that makes too many are dropped, those of others are not', async () => {
    for (let i = 0; i < 215; i++) recorder.event(rollout(), 'Normal', 'Flapping', `number ${i}`);
    recorder.event(rollout('quiet'), 'Normal', 'Paused', 'waiting');
    await recorder.flush();
    expect(written()).toHaveLength(201);
    expect(await dropped()).toContain('cause="rate"} 15');
    clock.advance(2000);
    recorder.event(rollout(), 'Normal', 'Flapping', 'again');
    await recorder.flush();
    expect(written()).toHaveLength(202);
  });

  it('are bounded while the server is away', async () => {
    server.inject({ times: 1_000_000 }, { kind: 'hang' });
    for (let i = 0; i < 10_100; i++) recorder.event(rollout(`r${i}`), 'Normal', 'Paused', 'waiting');
    // Four are being written.
    expect(await dropped()).toContain('cause="overflow"} 96');
  });

  it('are tried again after a passing failure and given up after a lasting one, without an exception', async () => {
    server.inject({ method: 'POST' }, { kind: 'status', status: 503 });
    recorder.event(rollout(), 'Normal', 'Paused', 'waiting');
    const flushed = recorder.flush();
    const ticking = setInterval(() => clock.advance(500), 1);
    await flushed;
    clearInterval(ticking);
    expect(written()).toHaveLength(1);
    server.inject({ method: 'POST' }, { kind: 'status', status: 403 });
    recorder.event(rollout(), 'Normal', 'Other', 'x');
    await recorder.flush();
    expect(await dropped()).toContain('cause="error"} 1');
  });

  it('are cut to what the API accepts', async () => {
    recorder.event(rollout('n'.repeat(253)), 'Normal', 'Long', 'x'.repeat(5000));
    await recorder.flush();
    expect(String(written()[0]?.['message'])).toHaveLength(1024);
    expect(written()[0]?.metadata.name.length).toBeLessThanOrEqual(253);
  });

  it('of cluster-scoped objects live in the default namespace', async () => {
    const { namespace: _, ...metadata } = rollout().metadata;
    recorder.event({ ...rollout(), kind: 'ClusterModelRegistry', metadata }, 'Normal', 'Reachable', 'ok');
    await recorder.flush();
    expect(written('default')).toHaveLength(1);
  });
});
