import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import {
  ARGO_ROLLOUT,
  ARGO_RUN,
  type ArgoRollout,
  argoRollout,
  installArgoRollouts,
  isArgoHealthy,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  REPLICA_SET,
  ROUTE,
  routing,
  SERVICE,
  selectedHash,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { lastWrites } from '../../test/rollouts/last-writes.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ARGO_ROLLOUT('fraud');
const STEPS = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];
const ERRORS = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors' },
  spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
};

describe('a Rollout of argoproj.io, in compatibility mode', () => {
  let world: World;

  beforeAll(async () => {
    await installGatewayApi(inject('kubeconfig'));
    await installArgoRollouts(inject('kubeconfig'));
  });
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startRouter();
  });
  afterEach(() => world.close());

  const healthy = (): Promise<ArgoRollout> => world.see<ArgoRollout>(FRAUD, isArgoHealthy, 'healthy');
  const pausedAt = (step: number): Promise<ArgoRollout> =>
    world.see<ArgoRollout>(FRAUD, isArgoPausedAt(step), `paused at ${step}`);
  const seeWeight = (weight: number): Promise<HttpRoute> =>
    world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === weight, `with weight ${weight}`);
  const change = (image: string): Promise<unknown> =>
    world.patch(FRAUD, { spec: { template: template('fraud', image) } });

  it('takes its steps, and bears the names that Argo Rollouts gives', async () => {
    await world.startController({ compatibility: {} });
    for (const object of routing()) await world.create(object);
    await world.create(argoRollout({ steps: STEPS, annotations: { team: 'risk' } }));
    const first = await healthy();
    expect(first.metadata.annotations).toMatchObject({ 'rollout.argoproj.io/revision': '1' });
    const stable = await world.see<Service>(
      SERVICE('fraud-stable'),
      (one) => selectedHash(one) === first.status?.stableRS,
      'on the first version',
    );
    expect(stable.metadata.annotations).toEqual({ 'argo-rollouts.argoproj.io/managed-by-rollouts': 'fraud' });

    await change('server:2');
    const paused = await pausedAt(1);
    await seeWeight(10);
    expect(paused.status).toMatchObject({
      controllerPause: true,
      pauseConditions: [{ reason: 'CanaryPauseStep' }],
      canary: { weights: { canary: { weight: 10 }, stable: { weight: 90 }, verified: true } },
    });
    const canary = await world.see<ReplicaSet>(
      REPLICA_SET(`fraud-${paused.status?.currentPodHash}`),
      (one) => one.spec.replicas === 1,
      'with one pod',
    );
    expect(canary.metadata).toMatchObject({
      labels: { 'rollouts-pod-template-hash': paused.status?.currentPodHash },
      annotations: { 'rollout.argoproj.io/revision': '2', 'rollout.argoproj.io/desired-replicas': '2' },
      ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'fraud', controller: true }],
    });

    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    await pausedAt(3);
    await seeWeight(50);
    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    expect((await healthy()).status).toMatchObject({ currentStepIndex: 4, stableRS: paused.status?.currentPodHash });
    const old = await world.see<ReplicaSet>(
      REPLICA_SET(`fraud-${first.status?.stableRS}`),
      (one) => one.spec.replicas === 0,
      'without pods',
    );
    expect(old.metadata.annotations).not.toHaveProperty('scale-down-deadline');
  });

  it('asks for an AnalysisRun as Argo Rollouts does, and goes back when it fails', async () => {
    await world.startController({ compatibility: { instanceId: 'blue' } });
    await world.create({ ...ERRORS, metadata: { name: 'errors', labels: labelled('blue') } });
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }];
    const mine = argoRollout({ routed: false, steps });
    await world.create({ ...mine, metadata: { ...mine.metadata, labels: labelled('blue') } });
    const first = await healthy();
    await change('server:2');
    const updating = await world.see<ArgoRollout>(
      FRAUD,
      (one) => one.status?.currentStepIndex === 1,
      'at its analysis',
    );
    const name = `fraud-${updating.status?.currentPodHash}-2-1`;
    const run = await world.see<KubeObject>(ARGO_RUN(name), () => true, 'made');
    expect(run.metadata).toMatchObject({
      labels: {
        app: 'fraud',
        'rollout-type': 'Step',
        'step-index': '1',
        'rollouts-pod-template-hash': updating.status?.currentPodHash,
        'argo-rollouts.argoproj.io/controller-instance-id': 'blue',
      },
      annotations: { 'rollout.argoproj.io/revision': '2' },
    });
    await world.patch(ARGO_RUN(name), { status: { phase: 'Failed', message: 'too many errors' } });
    const aborted = await world.see<ArgoRollout>(FRAUD, (one) => one.status?.abort === true, 'aborted');
    expect(aborted.status).toMatchObject({ phase: 'Degraded', stableRS: first.status?.stableRS });
    expect(aborted.status?.message).toMatch(/^RolloutAborted: .*too many errors/);
  });

  it('is left alone while nothing changes, also by a new process', async () => {
    const controller = await world.startController({ compatibility: {} });
    await world.create(argoRollout({ routed: false, steps: STEPS }));
    await healthy();
    await change('server:2');
    await pausedAt(1);
    await controller.stop();
    const writes: string[] = [];
    const { wrap } = lastWrites(Number.POSITIVE_INFINITY, (what) => writes.push(what));
    await world.startController({ compatibility: {}, wrap });
    // It looks at all Rollouts in the order in which they come.
    await world.create(argoRollout({ name: 'other', routed: false }));
    await world.see<ArgoRollout>(ARGO_ROLLOUT('other'), isArgoHealthy, 'healthy');
    expect(writes.filter((what) => what.includes('/fraud'))).toEqual([]);
    expect(writes.filter((what) => what.includes('/other')).length).toBeGreaterThan(0);
  });

  it('leaves the objects of other instances alone, and those without one', async () => {
    await world.startController({ compatibility: { instanceId: 'blue' } });
    const named = (name: string, labels: Record<string, string>): ArgoRollout => {
      const one = argoRollout({ name, routed: false });
      return { ...one, metadata: { ...one.metadata, labels } };
    };
    await world.create(named('green', labelled('green')));
    await world.create(named('nobody', {}));
    await world.create(named('blue', labelled('blue')));
    await world.see<ArgoRollout>(ARGO_ROLLOUT('blue'), isArgoHealthy, 'healthy');
    const all = await world.list<ArgoRollout>(FRAUD);
    expect(all.filter(({ status }) => status !== undefined).map(({ metadata }) => metadata.name)).toEqual(['blue']);
  });

  it('refuses what it does not serve, by name, and touches nothing', async () => {
    await world.startController({ compatibility: {} });
    const one = argoRollout({ routed: false });
    const strategy = { canary: { trafficRouting: { appMesh: {} } } };
    await world.create({ ...one, spec: { ...(one['spec'] as object), strategy } });
    const refused = await world.see<ArgoRollout>(FRAUD, (seen) => seen.status?.phase === 'Degraded', 'refused');
    expect(refused.status?.message).toBe(
      'InvalidSpec: spec.strategy.canary.trafficRouting.appMesh: is not served by this controller: remove it',
    );
    expect(await world.list(REPLICA_SET(''))).toEqual([]);
  });
});

function labelled(id: string): Record<string, string> {
  return { 'argo-rollouts.argoproj.io/controller-instance-id': id };
}
