import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, until } from '../../test/fake-apiserver/harness.ts';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { LeaderElection } from './leader-election.ts';
import type { KubeClient } from './types.ts';

let server: FakeApiServer;
/** Of the candidates; the requests run on the real one. */
let clock: ManualClock;
let cluster: ReturnType<typeof connect>;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ManualClock();
  cluster = connect(server.identity());
});
afterEach(async () => {
  await cluster.close();
  await server.close();
});

const candidate = (identity: string, client: KubeClient = cluster.client) => {
  const stop = new AbortController();
  const terms: AbortSignal[] = [];
  let release = (): void => {};
  const election = new LeaderElection({
    client,
    namespace: 'slipway',
    name: 'controller',
    identity,
    clock,
    random: () => 0.5,
    logger: silentLogger,
    signal: stop.signal,
    lead: (signal) => {
      terms.push(signal);
      return new Promise((resolve) => {
        release = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    },
  });
  const ended = election.run();
  return { election, stop, terms, ended, release: () => release() };
};
const holder = () =>
  (server.state.get('leases', 'slipway', 'controller')?.['spec'] as { holderIdentity?: string })?.holderIdentity;
/** The requests that the last step of time caused have been answered and the candidates wait again. */
const pause = async (ms: number, requests: number): Promise<void> => {
  const before = server.requests.length;
  clock.advance(ms);
  await until(() => server.requests.length >= before + requests);
  await until(() => (clock.nextTimerIn() ?? Number.POSITIVE_INFINITY) <= 2000);
};

describe('leader election', () => {
  it('gives the lease to one of two', async () => {
    const a = candidate('a');
    const b = candidate('b');
    await until(() => a.election.leading || b.election.leading);
    for (let i = 0; i < 10; i++) await pause(2000, 2);
    expect([a, b].filter((c) => c.election.leading)).toHaveLength(1);
    for (const c of [a, b]) c.stop.abort();
    await Promise.all([a.ended, b.ended]);
  });

  it('renews with one request in two seconds', async () => {
    const a = candidate('a');
    await until(() => a.election.leading);
    const before = server.requests.length;
    for (let i = 0; i < 5; i++) await pause(2000, 1);
    expect(server.requests.slice(before).map((r) => r.method)).toEqual(['PUT', 'PUT', 'PUT', 'PUT', 'PUT']);
    a.stop.abort();
    await a.ended;
  });

  it('hands over at once when the leader goes in order, and only after its work has ended', async () => {
    const a = candidate('a');
    await until(() => a.election.leading);
    const b = candidate('b');
    await until(() => server.requests.length >= 2);
    a.stop.abort();
    await a.ended;
    expect(holder()).toBe('');
    await until(() => {
      clock.advance(500);
      return b.election.leading;
    });
    expect(holder()).toBe('b');
    b.stop.abort();
    await b.ended;
  });

  it('takes over from a leader that died, but not before its lease ran out on our own clock', async () => {
    server.state.put('leases', {
      namespace: 'slipway',
      name: 'controller',
      // A holder whose clock is years off.
      spec: {
        holderIdentity: 'dead',
        leaseDurationSeconds: 15,
        renewTime: '2001-01-01T00:00:00.000000Z',
        leaseTransitions: 4,
      },
    });
    const a = candidate('a');
    for (let i = 0; i < 7; i++) await pause(2000, 1);
    expect(a.election.leading).toBe(false);
    await until(() => {
      clock.advance(500);
      return a.election.leading;
    });
    expect(server.state.get('leases', 'slipway', 'controller')?.['spec']).toMatchObject({ leaseTransitions: 5 });
    a.stop.abort();
    await a.ended;
  });

  it('ends its work when it cannot renew, before anybody else may begin', async () => {
    const a = candidate('a');
    await until(() => a.election.leading);
    const start = clock.monotonic();
    server.inject({ times: 1_000_000 }, { kind: 'status', status: 500 });
    await until(() => {
      clock.advance(100);
      return a.terms[0]?.aborted === true;
    });
    expect(clock.monotonic() - start).toBeLessThan(15_000);
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(10_000);
    server.heal();
    await until(() => {
      clock.advance(500);
      return a.terms.length === 2;
    });
    a.stop.abort();
    await a.ended;
  });

  it('counts from before the request that won the lease, however late its answer', async () => {
    const { client } = cluster;
    let answer = (): void => {};
    const slow = {
      get: (...args: Parameters<KubeClient['get']>) => client.get(...args),
      update: (...args: Parameters<KubeClient['update']>) => client.update(...args),
      create: async (...args: Parameters<KubeClient['create']>) => {
        const made = await client.create(...args);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return made;
      },
    } as unknown as KubeClient;
    const start = clock.monotonic();
    const a = candidate('a', slow);
    await until(() => holder() === 'a');
    server.inject({ times: 1_000_000 }, { kind: 'status', status: 500 });
    clock.advance(9000);
    await until(() => {
      answer();
      return a.terms.length === 1;
    });
    await until(() => {
      clock.advance(100);
      return a.terms[0]?.aborted === true;
    });
    // Others saw the lease at the start and take over 15 s later.
    expect(clock.monotonic() - start).toBeLessThan(15_000);
    server.heal();
    a.stop.abort();
    await a.ended;
  });

  it('ends its work when the server does not answer at all', async () => {
    const a = candidate('a');
    await until(() => a.election.leading);
    server.inject({ times: 1_000_000 }, { kind: 'hang' });
    await until(() => {
      clock.advance(100);
      return a.terms[0]?.aborted === true;
    });
    server.heal();
    a.stop.abort();
    await a.ended;
  });

  it('ends its work when somebody took the lease away', async () => {
    const a = candidate('a');
    await until(() => a.election.leading);
    server.state.put('leases', {
      namespace: 'slipway',
      name: 'controller',
      spec: { holderIdentity: 'thief', leaseDurationSeconds: 15, leaseTransitions: 1 },
    });
    clock.advance(2000);
    await until(() => a.terms[0]?.aborted === true);
    expect(a.election.leading).toBe(false);
    a.stop.abort();
    await a.ended;
    expect(holder()).toBe('thief');
  });
});
