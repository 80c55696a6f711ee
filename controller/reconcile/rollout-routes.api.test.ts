import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  isHealthy,
  isPausedAt,
  ROLLOUT,
  ROUTE,
  rollout,
  routing,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout, RolloutSpecStrategyCanaryStep } from '../api/generated/rollout.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');
const STEPS: RolloutSpecStrategyCanaryStep[] = [
  { setHeaderRoute: { name: 'beta', match: [{ headerName: 'agent', headerValue: { prefix: 'beta' } }] } },
  { setMirrorRoute: { name: 'copy', match: [{ method: { exact: 'POST' } }], percentage: 25 } },
  { pause: {} },
  { setMirrorRoute: { name: 'copy' } },
  { setWeight: 50 },
  { pause: {} },
];
const NAMES = { beta: 'slipway.fraud.beta.0', copy: 'slipway.fraud.copy.0' };

describe('managed routes on a real API server', () => {
  let world: World;

  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startRouter();
    await world.startController();
    for (const object of routing()) await world.create(object);
  });
  afterEach(() => world.close());

  const start = async (managedRoutes: { name: string }[]): Promise<void> => {
    const wanted = rollout({ steps: STEPS });
    Object.assign(wanted.spec.strategy.canary?.trafficRouting ?? {}, { managedRoutes });
    await world.create(wanted);
  };
  const rulesOf = (route: HttpRoute) => route.spec?.rules ?? [];
  const seeRules = async (...names: (string | undefined)[]): Promise<HttpRoute> => {
    const isSo = (route: HttpRoute): boolean =>
      JSON.stringify(rulesOf(route).map((rule) => rule['name'] ?? null)) ===
      JSON.stringify(names.map((name) => name ?? null));
    return world.see<HttpRoute>(ROUTE('fraud'), isSo, `with rules ${names}`);
  };

  it('come with their steps, and go with an abort; the rule of the user stays', async () => {
    await start([{ name: 'beta' }, { name: 'copy' }]);
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    const before = await seeRules(undefined);
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(FRAUD, isPausedAt(2), 'paused with both routes');
    const [beta, copy, own] = rulesOf(await seeRules(NAMES.beta, NAMES.copy, undefined));
    expect(beta).toMatchObject({
      matches: [{ headers: [{ name: 'agent', type: 'RegularExpression', value: '^beta.*' }] }],
      backendRefs: [{ name: 'fraud-canary', weight: 1 }],
    });
    expect(beta?.backendRefs).toHaveLength(1);
    expect(copy).toMatchObject({
      matches: [{ method: 'POST' }],
      filters: [
        { type: 'RequestMirror', requestMirror: { backendRef: { name: 'fraud-canary', port: 80 }, percent: 25 } },
      ],
      backendRefs: own?.backendRefs,
    });
    expect(own).toEqual(rulesOf(before)[0]);

    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    await world.see<Rollout>(FRAUD, isPausedAt(5), 'paused at 50 %');
    await seeRules(NAMES.beta, undefined);
    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    expect(rulesOf(await seeRules(undefined))).toEqual(rulesOf(before));
  });

  it('go at the end, and a name that is not in managedRoutes is refused', async () => {
    await start([{ name: 'beta' }]);
    const invalid = await world.see<Rollout>(FRAUD, (r) => condition(r, 'InvalidSpec') !== undefined, 'refused');
    expect(condition(invalid, 'InvalidSpec')?.message).toContain('steps[1].setMirrorRoute.name: "copy" is not in');
    const routes = { managedRoutes: [{ name: 'copy' }, { name: 'beta' }] };
    await world.patch(FRAUD, { spec: { strategy: { canary: { trafficRouting: routes } } } });
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    await world.see<Rollout>(FRAUD, isPausedAt(2), 'paused with both routes');
    await seeRules(NAMES.copy, NAMES.beta, undefined);
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy again');
    await seeRules(undefined);
  });
});
