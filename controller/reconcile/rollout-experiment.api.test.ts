import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  EXPERIMENT,
  imageOf,
  isHealthy,
  REPLICA_SET,
  ROLLOUT,
  ROUTE,
  RUN,
  rollout,
  routing,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type RunningController, type World } from '../../test/rollouts/world.ts';
import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');
const STEPS = [
  {
    experiment: {
      templates: [
        { name: 'baseline', specRef: 'stable' as const, metadata: { labels: { role: 'baseline' } } },
        {
          name: 'candidate',
          specRef: 'canary' as const,
          service: { name: 'candidate' },
          metadata: { labels: { role: 'candidate' } },
        },
      ],
      analyses: [{ name: 'errors', templateName: 'errors', requiredForCompletion: true }],
      scaleDownDelaySeconds: 0,
      analysisRunMetadata: { labels: { team: 'risk' } },
    },
  },
  { setWeight: 50 },
  { pause: {} },
];

function withPort(image: string): Record<string, unknown> {
  const { metadata } = template('fraud', image);
  return { metadata, spec: { containers: [{ name: 'server', image, ports: [{ containerPort: 80 }] }] } };
}

describe('an experiment step on a real API server', () => {
  let world: World;
  let controller: RunningController;

  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    controller = await world.startController();
    await world.create({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: 'errors' },
      spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
    });
    await world.create(rollout({ steps: STEPS, routed: false, spec: { template: withPort('server:1') } }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(FRAUD, { spec: { template: withPort('server:2') } });
  });
  afterEach(() => world.close());

  /** The Experiment of the step, with its analysis under way. */
  async function measuring(): Promise<{ name: string; run: string }> {
    const at = await world.see<Rollout>(
      FRAUD,
      ({ status }) => status?.canary?.currentExperiment !== undefined,
      'testing',
    );
    const name = at.status?.canary?.currentExperiment ?? '';
    await world.see<AnalysisRun>(RUN(`${name}-errors`), () => true, 'made');
    return { name, run: `${name}-errors` };
  }
  const verdict = (run: string, phase: string): Promise<unknown> =>
    world.patch(RUN(run), { status: { phase, message: 'error-rate 0.08' } }, 'status');

  it('runs pods of both versions beside those that serve, and goes on when they are good', async () => {
    const { name, run } = await measuring();
    for (const [part, image] of [
      ['baseline', 'server:1'],
      ['candidate', 'server:2'],
    ] as const) {
      const set = await world.see<ReplicaSet>(
        REPLICA_SET(`${name}-${part}`),
        (rs) => rs.status?.availableReplicas === 1,
        'serving',
      );
      expect(imageOf(set)).toBe(image);
      expect(set.spec.selector).toMatchObject({ matchLabels: { app: 'fraud', role: part } });
    }
    const made = await world.see<AnalysisRun>(RUN(run), () => true, 'made');
    expect(made.metadata.labels).toEqual({ team: 'risk' });
    await world.seeEvent('Normal', 'ExperimentCreated', name);
    // A controller that is replaced now goes on with the same Experiment.
    await controller.stop();
    await world.startController();
    await verdict(run, 'Successful');
    const { status } = await world.see<Rollout>(FRAUD, (one) => one.status?.phase === 'Paused', 'paused');
    expect(status).toMatchObject({ step: '2/3' });
    expect(status?.canary?.currentExperiment).toBeUndefined();
    expect((await world.list<Experiment>(EXPERIMENT(''))).map(({ metadata }) => metadata.name)).toEqual([name]);
  });

  it('gives its pods a share of the requests, and takes it back before they go', async () => {
    await world.startRouter();
    for (const object of routing('shop')) await world.create(object);
    const experiment = {
      templates: [{ name: 'candidate', specRef: 'canary' as const, weight: 10, service: { name: 'tested' } }],
      analyses: [{ name: 'errors', templateName: 'errors', requiredForCompletion: true }],
      scaleDownDelaySeconds: 0,
    };
    const steps = [{ experiment }, { pause: {} }];
    const pods = (image: string) => ({ ...withPort(image), metadata: { labels: { app: 'shop' } } });
    await world.create(rollout({ name: 'shop', steps, spec: { template: pods('server:1') } }));
    const shop = ROLLOUT('shop');
    await world.see<Rollout>(shop, isHealthy, 'healthy');
    await world.patch(shop, { spec: { template: pods('server:2') } });
    const parts = (route: HttpRoute) =>
      Object.fromEntries((route.spec?.rules?.[0]?.backendRefs ?? []).map(({ name, weight }) => [name, weight]));
    const during = { 'shop-stable': 90, 'shop-canary': 0, tested: 10 };
    await world.see<HttpRoute>(
      ROUTE('shop'),
      (route) => isDeepStrictEqual(parts(route), during),
      'with the experiment',
    );
    const at = await world.see<Rollout>(
      shop,
      ({ status }) => status?.canary?.weights?.additional !== undefined && status.canary.weights.verified === true,
      'verified',
    );
    await verdict(`${at.status?.canary?.currentExperiment}-errors`, 'Successful');
    const set = REPLICA_SET(`${at.status?.canary?.currentExperiment}-candidate`);
    const seen: string[] = [];
    const gone = world.see<ReplicaSet>(set, ({ spec }) => spec.replicas === 0, 'empty').then(() => seen.push('pods'));
    const after = { 'shop-stable': 100, 'shop-canary': 0 };
    await world.see<HttpRoute>(ROUTE('shop'), (route) => isDeepStrictEqual(parts(route), after), 'as before');
    seen.push('requests');
    await gone;
    expect(seen).toEqual(['requests', 'pods']);
  });

  it('aborts the update when the verdict is bad, and ends with an abort', async () => {
    const { name, run } = await measuring();
    await verdict(run, 'Failed');
    const { status } = await world.see<Rollout>(FRAUD, (one) => one.status?.phase === 'Degraded', 'degraded');
    expect(status?.message).toBe(
      `RolloutAborted: Rollout aborted in step 1/3: Experiment ${name} Failed: error-rate 0.08`,
    );
    await world.patch(FRAUD, { status: { abort: false } }, 'status');
    // It gets the Service with the name that the one before still has, when that is gone.
    const again = await world.see<Experiment>(
      EXPERIMENT(`${name}-1`),
      (one) => one.status?.phase === 'Running',
      'again',
    );
    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    await world.see<Experiment>(EXPERIMENT(again.metadata.name), ({ spec }) => spec.terminate === true, 'terminated');
    for (const part of ['baseline', 'candidate']) {
      await world.see<ReplicaSet>(REPLICA_SET(`${name}-1-${part}`), ({ spec }) => spec.replicas === 0, 'empty');
    }
  });
});
