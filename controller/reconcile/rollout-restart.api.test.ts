import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  isHealthy,
  isPausedAt,
  REPLICA_SET,
  ROLLOUT,
  ROUTE,
  rollout,
  routing,
  SERVICE,
  selectedHash,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { lastWrites } from '../../test/rollouts/last-writes.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { KubeClient } from '../kube/types.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');
const STEPS = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }];

describe('a controller that dies, or is not alone', () => {
  let world: World;

  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startRouter();
    for (const object of routing()) await world.create(object);
  });
  afterEach(() => world.close());

  it('comes to the same end when it dies after every single write', async () => {
    let lives = 0;
    let over = false;
    let end = (): void => {};
    const ending = new Promise<void>((resolve) => {
      end = resolve;
    });
    const living = (async () => {
      while (!over) {
        const limit = lastWrites(1);
        const controller = await world.startController({ wrap: limit.wrap });
        lives += 1;
        await Promise.race([limit.reached, ending]);
        await controller.stop();
      }
    })();
    try {
      await world.create(rollout({ steps: STEPS }));
      const first = (await world.see<Rollout>(FRAUD, isHealthy, 'healthy')).status?.stableRS;
      await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
      const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
      expect(paused.status?.stableRS).toBe(first);
      await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
      const done = await world.see<Rollout>(FRAUD, isHealthy, 'healthy again');
      expect(done.status?.stableRS).toBe(paused.status?.currentPodHash);
      await world.see<ReplicaSet>(REPLICA_SET(`fraud-${first}`), (rs) => rs.spec.replicas === 0, 'scaled down');
      await world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === 0, 'with weight 0');
      expect(await world.list(REPLICA_SET(''))).toHaveLength(2);
      expect(lives).toBeGreaterThan(10);
    } finally {
      over = true;
      end();
      await living;
    }
  });

  it('never overwrites what a person writes into the status at the same moment', async () => {
    let races = 0;
    // Just before the controller writes a status in which the canary runs, a person aborts.
    const wrap = (client: KubeClient): KubeClient => ({
      ...client,
      async update(resource, object, options) {
        const { status } = object as Rollout;
        if (options?.subresource === 'status' && races === 0 && status?.canary?.weights?.canary.weight === 10) {
          races += 1;
          await world.patch(FRAUD, { status: { abort: true } }, 'status');
        }
        return client.update(resource, object, options);
      },
    });
    await world.startController({ wrap });
    await world.create(rollout({ steps: STEPS }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(
      FRAUD,
      (r) => r.status?.phase === 'Degraded' && r.status.abort === true,
      'aborted by the person',
    );
    await world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === 0, 'with weight 0');
    expect(races).toBe(1);
  });

  it('does not undo a change that somebody makes to a Service at the same moment', async () => {
    let races = 0;
    const wrap = (client: KubeClient): KubeClient => ({
      ...client,
      async patch(resource, key, type, body, options) {
        if (resource.kind === 'Service' && races === 0) {
          races += 1;
          await world.patch(SERVICE('fraud-stable'), { metadata: { labels: { team: 'risk' } } });
          await world.patch(SERVICE('fraud-canary'), { metadata: { labels: { team: 'risk' } } });
        }
        return client.patch(resource, key, type, body, options);
      },
    });
    await world.startController({ wrap });
    await world.create(rollout({ steps: STEPS }));
    const { status } = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    for (const name of ['fraud-stable', 'fraud-canary']) {
      const service = await world.see<Service>(
        SERVICE(name),
        (one) => selectedHash(one) === status?.stableRS,
        'on the stable version',
      );
      expect(service.metadata.labels).toEqual({ team: 'risk' });
    }
    expect(races).toBe(1);
  });

  it('gives Services back when the Rollout is deleted, also while no controller runs', async () => {
    const controller = await world.startController();
    await world.create(rollout({ steps: STEPS }));
    await world.see<Service>(SERVICE('fraud-stable'), (one) => selectedHash(one) !== undefined, 'taken');
    await controller.stop();
    await world.remove(FRAUD);
    await world.startController();
    for (const name of ['fraud-stable', 'fraud-canary']) {
      const service = await world.see<Service>(SERVICE(name), (one) => selectedHash(one) === undefined, 'given back');
      expect(service.spec.selector).toEqual({ app: 'fraud' });
      expect(service.metadata.annotations ?? {}).toEqual({});
    }
  });

  it('writes nothing when a new process finds nothing to do', async () => {
    const first = await world.startController();
    await world.create(rollout({ steps: STEPS }));
    const settled = (r: Rollout): boolean => condition(r, 'Healthy')?.status === 'True';
    const recorded = (r: Rollout): boolean =>
      settled(r) && r.status?.canary?.weights?.stable.podTemplateHash === r.status?.stableRS;
    await world.see<Rollout>(FRAUD, recorded, 'settled, with the split recorded');
    await first.stop();
    const written: string[] = [];
    const { wrap } = lastWrites(Number.POSITIVE_INFINITY, (what) => written.push(what));
    await world.startController({ wrap });
    // By the time it has brought up a later Rollout it has looked at the earlier one.
    await world.create(rollout({ name: 'later', routed: false }));
    await world.see<Rollout>(ROLLOUT('later'), settled, 'settled');
    expect(written.filter((what) => what.includes('/fraud'))).toEqual([]);
    expect(written.filter((what) => what.includes('/later'))).not.toEqual([]);
  });
});
