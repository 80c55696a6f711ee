import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectReal, createNamespace, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { systemRandom } from '../platform/random.ts';
import { DEFAULT_LEASE_TIMES, LeaderElection } from './leader-election.ts';
import { LEASES, leaseSpecOf } from './lease.ts';

const NAMESPACE = 'kube-lease';
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

it('two replicas never lead at the same time, and the second takes over when the first ends', async () => {
  let leading = 0;
  let most = 0;
  const candidate = (identity: string) => {
    const stop = new AbortController();
    const election = new LeaderElection({
      client: cluster.separateClient(),
      namespace: NAMESPACE,
      name: 'controller',
      identity,
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
      times: { ...DEFAULT_LEASE_TIMES, retryMs: 100 },
      signal: stop.signal,
      lead: async (signal) => {
        leading += 1;
        most = Math.max(most, leading);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        leading -= 1;
      },
    });
    return { election, stop, ended: election.run() };
  };
  const spec = async () => leaseSpecOf(await cluster.client.get(LEASES, `${NAMESPACE}/controller`));
  const both = [candidate('a'), candidate('b')];
  await eventually(() => expect(leading).toBe(1));
  const first = both.find((c) => c.election.leading);
  const second = both.find((c) => !c.election.leading);
  const { renewTime } = await spec();
  await eventually(async () => expect((await spec()).renewTime).not.toBe(renewTime));
  first?.stop.abort();
  await first?.ended;
  await eventually(() => expect(second?.election.leading).toBe(true));
  expect((await spec()).leaseTransitions).toBeGreaterThanOrEqual(1);
  second?.stop.abort();
  await second?.ended;
  expect([(await spec()).holderIdentity, most, leading]).toEqual(['', 1, 0]);
});
