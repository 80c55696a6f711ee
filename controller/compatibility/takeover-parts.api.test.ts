import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import {
  ARGO_ROLLOUT,
  ARGO_RUN,
  type ArgoRollout,
  argoRollout,
  installArgoRollouts,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { REPLICA_SET, routing, service, weightOf } from '../../test/rollouts/fixtures.ts';
import { openTakeoverWorld, type TakeoverWorld } from '../../test/rollouts/takeover-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';
import { STATE_CONDITION } from './rollout-status.ts';

const FRAUD = ARGO_ROLLOUT('fraud');
const STEPS = [{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];
const ERRORS = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors' },
  spec: {
    metrics: [
      {
        name: 'errors',
        initialDelay: '1h',
        provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } },
      },
    ],
  },
};

describe('routes, analyses, previews and metrics that Argo Rollouts has left', () => {
  let t: TakeoverWorld;

  beforeAll(async () => {
    await installGatewayApi(inject('kubeconfig'));
    await installArgoRollouts(inject('kubeconfig'));
  });
  beforeEach(async () => {
    t = await openTakeoverWorld();
  });
  afterEach(() => t.close());

  it('leaves a route with the weight that the Gateway API plugin has set, and goes on from there', async () => {
    await t.argo.stop();
    await t.world.startRouter();
    for (const object of routing()) await t.world.create(object);
    const before = await t.world.startController({ compatibility: {} });
    await t.world.create(argoRollout({ replicas: 4, steps: STEPS }));
    await t.healthy();
    await t.change('server:2');
    const left = await t.see(isArgoPausedAt(1), 'at its first pause');
    await before.stop();
    // What the plugin leaves is the same without what only we write.
    const conditions = left.status?.conditions?.filter(({ type }) => type !== STATE_CONDITION);
    await t.world.patch(FRAUD, { status: { conditions } }, 'status');
    for (const { metadata } of await t.world.list(REPLICA_SET(''))) {
      const annotations = { 'slipway.dev/template-digest': null };
      await t.world.patch(REPLICA_SET(metadata.name), { metadata: { annotations } });
    }
    const weights = new Set<number | undefined>();
    const routes = (await t.world.cluster.discovery.resourceFor(HTTP_ROUTE)) as ResourceInfo;
    t.world.informers.acquire<HttpRoute>(routes).informer.onEvent(({ object }) => weights.add(weightOf(object)));

    const { rollout } = await t.takeOver();
    expect(rollout.status).toMatchObject({
      currentStepIndex: 1,
      pauseConditions: left.status?.pauseConditions,
      canary: { weights: { canary: { weight: 25 }, stable: { weight: 75 } } },
    });
    expect([...weights]).toEqual([25]);
    await t.promote();
    await t.see(isArgoPausedAt(3), 'at its second pause');
    expect([...weights]).toEqual([25, 50]);
    await t.promote();
    await t.healthy();
    expect([...weights]).toEqual([25, 50, 100, 0]);
  });

  it('tells Prometheus of Rollouts and analysis what Argo Rollouts told', async () => {
    await t.world.create(ERRORS);
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }];
    await t.world.create(argoRollout({ routed: false, steps }));
    await t.healthy();
    await t.change('server:2');
    const running = await t.see((one) => currentRun(one)?.status === 'Running', 'at its analysis');
    const state = (text: string): string[] =>
      samples(text).filter(
        (line) => line.includes(t.world.namespace) && STATE.test(line) && !line.includes('controller'),
      );
    const told = await eventually(async () => {
      const lines = state(await t.argo.metrics());
      expect(lines).toContainEqual(expect.stringMatching(/^analysis_run_info\{.*phase="Running"/));
      return lines;
    });
    const { controller } = await t.takeOver();
    await eventually(async () => expect(state(await controller.metrics())).toEqual(told));
    expect(told.length).toBeGreaterThan(25);

    await t.world.patch(ARGO_RUN(currentRun(running)?.name ?? ''), { status: { phase: 'Successful' } });
    await t.healthy();
    const of = `name="fraud",namespace="${t.world.namespace}"`;
    await eventually(async () => {
      const lines = samples(await controller.metrics());
      expect(lines).toContainEqual(`rollout_info{${of},phase="Completed",strategy="canary",traffic_router=""} 1`);
      expect(lines).toContain(`rollout_events_total{${of},reason="RolloutCompleted",type="Normal"} 1`);
      expect(lines).toContainEqual(expect.stringMatching(`^rollout_reconcile_bucket{le="0.01",${of}} `));
    });
    await t.world.remove(FRAUD);
    await eventually(async () => expect(samples(await controller.metrics()).join()).not.toContain(of));
  });

  it('waits for the AnalysisRun that is under way, and asks for no other', async () => {
    await t.world.create(ERRORS);
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }, { pause: {} }];
    await t.world.create(argoRollout({ routed: false, steps }));
    await t.healthy();
    await t.change('server:2');
    const left = await t.see((one) => currentRun(one)?.status === 'Running', 'at its analysis');
    const { rollout } = await t.takeOver();
    expect(currentRun(rollout)).toMatchObject({ name: currentRun(left)?.name, status: 'Running' });
    expect((await t.world.list<KubeObject>(ARGO_RUN(''))).map(({ metadata }) => metadata.name)).toEqual([
      currentRun(left)?.name,
    ]);
    await t.world.patch(ARGO_RUN(currentRun(left)?.name ?? ''), { status: { phase: 'Successful' } });
    await t.see(isArgoPausedAt(2), 'past its analysis');
  });

  it('goes on with the Experiment that is under way, and with its pods', async () => {
    const templates = [
      { name: 'baseline', specRef: 'stable' as const, replicas: 1 },
      { name: 'tested', specRef: 'canary' as const, replicas: 1 },
    ];
    const steps = [{ setWeight: 50 }, { experiment: { duration: '1h', templates } }, { pause: {} }];
    await t.world.create(argoRollout({ routed: false, steps }));
    await t.healthy();
    await t.change('server:2');
    const experiment = { ...EXPERIMENT, name: '' };
    const left = await t.see((one) => {
      experiment.name = (one.status?.['canary'] as { currentExperiment?: string } | undefined)?.currentExperiment ?? '';
      return experiment.name !== '';
    }, 'at its experiment');
    await t.world.see<KubeObject>(experiment, (one) => phaseOf(one) === 'Running', 'Running');
    const { rollout } = await t.takeOver();
    expect(rollout.status).toMatchObject({ currentStepIndex: 1, canary: { currentExperiment: experiment.name } });
    const all = await t.world.list<KubeObject>(experiment);
    expect(all.map((one) => [one.metadata.name, phaseOf(one)])).toEqual([[experiment.name, 'Running']]);
    await t.promote();
    await t.see(isArgoPausedAt(2), 'past its experiment');
    await t.world.see<KubeObject>(experiment, (one) => phaseOf(one) !== 'Running', 'ended');
    expect(left.status?.stableRS).toBe(rollout.status?.stableRS);
  });

  it('keeps the preview of a blue-green release, and what serves', async () => {
    for (const name of ['active', 'preview']) await t.world.create(service(name, 'fraud'));
    const strategy = { blueGreen: { activeService: 'active', previewService: 'preview', autoPromotionEnabled: false } };
    await t.world.create(argoRollout({ routed: false, spec: { strategy } }));
    const first = await t.healthy();
    await t.change('server:2');
    const left = await t.see(
      (one) => one.status?.phase === 'Paused' && one.status.currentPodHash !== first.status?.currentPodHash,
      'waiting for its promotion',
    );
    const { rollout } = await t.takeOver();
    expect(rollout.status).toMatchObject({
      phase: 'Paused',
      pauseConditions: [{ reason: 'BlueGreenPause' }],
      blueGreen: { activeSelector: first.status?.stableRS, previewSelector: left.status?.currentPodHash },
    });
    await t.promote();
    const done = await t.healthy();
    expect(done.status).toMatchObject({ stableRS: left.status?.currentPodHash });
  });
});

const HTTP_ROUTE = { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute' };
const EXPERIMENT = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Experiment' };
const phaseOf = (one: KubeObject): unknown => (one['status'] as { phase?: string } | undefined)?.phase;
const STATE = /^(rollout_info|rollout_phase|analysis_run_(info|phase|metric)|analysis_template_)/;

function currentRun(one: ArgoRollout): { name?: string; status?: string } | undefined {
  const canary = one.status?.['canary'] as { currentStepAnalysisRunStatus?: object } | undefined;
  return canary?.currentStepAnalysisRunStatus;
}

/** The lines with values, in one order, each with its labels in one order. */
function samples(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines
    .map((line) =>
      line.replace(/\{(.*)\}/, (_, labels: string) => `{${(labels.match(/\w+="[^"]*"/g) ?? []).sort().join(',')}}`),
    )
    .sort();
}
