import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  isHealthy,
  isPausedAt,
  ROLLOUT,
  ROUTE,
  rollout,
  routing,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout, RolloutSpecStrategyCanary } from '../api/generated/rollout.ts';
import type { KubeObject } from '../kube/types.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');
const POD = { apiVersion: 'v1', kind: 'Pod' };
const CANARY: RolloutSpecStrategyCanary = {
  canaryService: 'fraud-canary',
  stableService: 'fraud-stable',
  trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'fraud' }] } },
  dynamicStableScale: true,
  maxSurge: 1,
  maxUnavailable: 1,
  steps: [{ setWeight: 50 }, { pause: {} }],
};

describe('dynamicStableScale on a real API server, under a quota', () => {
  let world: World;
  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startRouter();
    await world.startController();
    for (const object of routing()) await world.create(object);
    const metadata = { name: 'gpus' };
    await world.create<KubeObject>({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata,
      spec: { hard: { pods: '5' } },
    });
  });
  afterEach(() => world.close());

  const pods = async (): Promise<number> => (await world.list(POD)).length;

  it('goes there, back and to the end with no more pods than there is room for', async () => {
    await world.create(rollout({ replicas: 4, spec: { strategy: { canary: CANARY } } }));
    const first = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    const half = (r: Rollout): boolean =>
      isPausedAt(1)(r) && r.status?.replicas === 4 && r.status.updatedReplicas === 2;
    await world.see<Rollout>(FRAUD, half, 'at 50 %');
    expect(await pods()).toBe(4);

    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    const back = await world.see<Rollout>(
      FRAUD,
      (r) => r.status?.phase === 'Degraded' && r.status.replicas === 4 && r.status.updatedReplicas === 0,
      'back with the first version',
    );
    expect(back.status?.stableRS).toBe(first.status?.stableRS);
    await world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === 0, 'with weight 0');

    await world.patch(FRAUD, { status: { abort: false } }, 'status');
    await world.see<Rollout>(FRAUD, half, 'at 50 % again');
    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    const done = await world.see<Rollout>(FRAUD, (r) => r.status?.stableRS === r.status?.currentPodHash, 'promoted');
    expect(done.status?.availableReplicas).toBeGreaterThanOrEqual(4);
  });

  it('is refused together with scaleDownDelaySeconds, or without trafficRouting', async () => {
    const { trafficRouting: _, ...bare } = CANARY;
    for (const canary of [{ ...CANARY, scaleDownDelaySeconds: 5 }, bare]) {
      await expect(world.create(rollout({ spec: { strategy: { canary } } }))).rejects.toThrow(
        /dynamicStableScale needs/,
      );
    }
  });
});
