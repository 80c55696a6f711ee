import { describe, expect, it } from 'vitest';
import type { Route } from '../../test/simulate/model-cluster.ts';
import { ROUTED, rolloutSpec, Stage } from '../../test/simulate/stage.ts';
import { decideRollout } from './decide.ts';

const BETA = { setHeaderRoute: { name: 'beta', match: [{ headerName: 'x-beta', headerValue: { exact: 'yes' } }] } };
const COPY = { setMirrorRoute: { name: 'copy', match: [{ path: { prefix: '/v1' } }], percentage: 20 } };
const ROUTES = { ...ROUTED.trafficRouting, managedRoutes: [{ name: 'copy' }, { name: 'beta' }] };
const STEPS = [BETA, COPY, { pause: {} }, { setMirrorRoute: { name: 'copy' } }, { setWeight: 20 }, { pause: {} }];

/** A rollout of v2, at the first pause. */
function testing(steps: object[] = STEPS, replicas = 4): Stage {
  const stage = new Stage(rolloutSpec('v1', replicas, { ...ROUTED, trafficRouting: ROUTES, steps }), decideRollout);
  stage.run();
  stage.setImage('v2');
  stage.run();
  return stage;
}

const route = (stage: Stage): Route => stage.cluster.get<Route>('route', 'route') as Route;
const shown = (stage: Stage): string[] => (route(stage).managed ?? []).map(({ name }) => name);

describe('managed routes', () => {
  it('are set in the order of managedRoutes, with a pod behind them at weight 0, and removed by a step without match', () => {
    const stage = testing();
    expect([shown(stage), stage.weight, stage.pods]).toEqual([['copy', 'beta'], 0, { v1: 4, v2: 1 }]);
    expect([stage.behind('canary'), stage.status.step]).toEqual(['v2', '2/6']);
    expect(stage.takeReasons()).toContain('TrafficRoutesUpdated');
    stage.promote();
    stage.run();
    expect([shown(stage), stage.weight, stage.status.step]).toEqual([['beta'], 20, '5/6']);
  });

  it('go at the end of the release', () => {
    const stage = testing();
    stage.promote();
    stage.run();
    stage.promote();
    stage.run();
    expect([stage.status.phase, shown(stage), stage.weight]).toEqual(['Healthy', [], 0]);
  });

  it('go with an abort, before any pod', () => {
    const stage = testing();
    stage.cluster.patchStatus({ abort: true });
    stage.reconciler.deliverAll();
    const [first] = stage.reconciler.reconcile()?.commands ?? [];
    expect(first).toEqual({ type: 'setWeights', route: 'route', canaryWeight: 0, managed: [] });
    stage.decide();
    expect([shown(stage), stage.pods]).toEqual([[], { v1: 4, v2: 1 }]);
    stage.run();
    expect([stage.status.phase, shown(stage)]).toEqual(['Degraded', []]);
  });

  it('go when another version starts, and come back for that when its pods are there', () => {
    const stage = testing();
    const hash = stage.status.currentPodHash ?? '';
    stage.setImage('v3');
    stage.decide();
    expect([shown(stage), stage.behind('canary')]).toEqual([[], 'v1']);
    stage.run();
    expect(stage.status.currentPodHash).not.toBe(hash);
    expect([shown(stage), stage.behind('canary')]).toEqual([['copy', 'beta'], 'v3']);
  });

  it('wait until the pods of the step serve, and go when none does', () => {
    const stage = new Stage(rolloutSpec('v1', 4, { ...ROUTED, trafficRouting: ROUTES, steps: STEPS }), decideRollout);
    stage.run();
    stage.setImage('v2');
    stage.decide();
    const hash = stage.status.currentPodHash ?? '';
    stage.world.broken.add(hash);
    stage.run();
    expect([shown(stage), stage.status.step]).toEqual([[], '0/6']);
    stage.world.broken.delete(hash);
    stage.run();
    expect([shown(stage), stage.status.step]).toEqual([['copy', 'beta'], '2/6']);
  });

  it('are not added before all pods of the step serve, and stay while some do', () => {
    const steps = [{ setCanaryScale: { replicas: 2 } }, { pause: {} }, BETA, { pause: {} }];
    const stage = testing(steps);
    const hash = stage.status.currentPodHash ?? '';
    const name = `fraud-${hash}`;
    const failOne = (): void => {
      stage.world.broken.add(hash);
      expect(stage.world.fail(name)).toBe(true);
      stage.world.syncReplicaSet(name);
      stage.run();
    };
    failOne();
    stage.promote();
    expect([shown(stage), stage.status.step]).toEqual([[], '2/4']);
    stage.world.broken.delete(hash);
    stage.run();
    expect([shown(stage), stage.status.step]).toEqual([['beta'], '3/4']);
    failOne();
    expect(shown(stage)).toEqual(['beta']);
    failOne();
    expect(shown(stage)).toEqual([]);
  });

  it('hold a step until the router has accepted them', () => {
    const stage = testing([{ setWeight: 50 }, { pause: {} }, BETA, { pause: {} }]);
    stage.cluster.patchStatus({ pauseConditions: null });
    stage.decide();
    expect([shown(stage), route(stage).accepted, stage.status.step]).toEqual([['beta'], 'pending', '2/4']);
    stage.run();
    expect([shown(stage), stage.status.step]).toEqual([['beta'], '3/4']);
  });

  it('are put back when somebody removes them from the route', () => {
    const stage = testing();
    stage.cluster.put('route', { ...route(stage), managed: [] });
    stage.run();
    expect(shown(stage)).toEqual(['copy', 'beta']);
  });

  it.each<[string, object, string]>([
    [
      'a name that is not in managedRoutes',
      { trafficRouting: { ...ROUTED.trafficRouting, managedRoutes: [{ name: 'copy' }] } },
      'spec.strategy.canary.steps[0].setHeaderRoute.name: "beta" is not in spec.strategy.canary.trafficRouting.managedRoutes: add it there',
    ],
    [
      'no router',
      { trafficRouting: undefined },
      'spec.strategy.canary.steps[0].setHeaderRoute: needs trafficRouting (and 2 more)',
    ],
  ])('%s is refused', (_, change, message) => {
    const stage = testing([{ pause: {} }]);
    stage.setCanary({ steps: STEPS, ...change });
    stage.decide();
    expect(stage.condition('InvalidSpec')?.message).toBe(message);
  });
});
