import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import {
  ARGO_ROLLOUT,
  ARGO_RUN,
  type ArgoRollout,
  argoPlugin,
  argoRollout,
  installArgoRollouts,
  isArgoHealthy,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { type ArgoController, startArgoController } from '../../test/rollouts/argo-controller.ts';
import { BROKEN_ANNOTATION, fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  REPLICA_SET,
  routing,
  SERVICE,
  selectedHash,
  service,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type RunningController, type World } from '../../test/rollouts/world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import { REPLICA_SET_RESOURCE } from '../rollout/resources.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';
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

describe('a cluster where Argo Rollouts has run', () => {
  let world: World;
  let argo: ArgoController;

  beforeAll(async () => {
    await installGatewayApi(inject('kubeconfig'));
    await installArgoRollouts(inject('kubeconfig'));
  });
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    argo = await startArgo();
  });
  afterEach(async () => {
    await argo.stop();
    await world.close();
  });

  const startArgo = (): Promise<ArgoController> =>
    startArgoController({ kubeconfigPath: inject('kubeconfig'), namespace: world.namespace });
  const see = (wanted: (one: ArgoRollout) => boolean, what: string): Promise<ArgoRollout> =>
    world.see<ArgoRollout>(FRAUD, wanted, what);
  const healthy = (): Promise<ArgoRollout> => see(isArgoHealthy, 'healthy');
  const change = (image: string): Promise<unknown> =>
    world.patch(FRAUD, { spec: { template: template('fraud', image) } });
  const promote = (): Promise<unknown> => argoPlugin(world.namespace, 'promote', 'fraud');
  const isOurs = (one: ArgoRollout): boolean =>
    (one.status?.conditions ?? []).some(({ type }) => type === STATE_CONDITION);
  const pods = async (): Promise<(string | undefined)[]> => {
    const all = await world.list({ apiVersion: 'v1', kind: 'Pod' });
    return all.map(({ metadata }) => metadata.uid).sort();
  };
  /** Pods that each ReplicaSet is told to have, whenever that changes. */
  const record = (): string[] => {
    const seen: string[] = [];
    const { informer } = world.informers.acquire<ReplicaSet>(REPLICA_SET_RESOURCE);
    informer.onEvent(({ type, object }) => {
      const line = `${type === 'deleted' ? 'deleted ' : ''}${object.metadata.name}: ${object.spec.replicas}`;
      if (!seen.includes(line)) seen.push(line);
    });
    return seen;
  };
  const sizes = async (): Promise<string[]> => {
    const all = await world.list<ReplicaSet>({ apiVersion: 'apps/v1', kind: 'ReplicaSet' });
    return all.map(({ metadata, spec }) => `${metadata.name}: ${spec.replicas}`).sort();
  };
  /** Ends Argo Rollouts, starts ours, and waits until it has spoken. Returns what became of pods and ReplicaSets. */
  const takeOver = async (): Promise<{ rollout: ArgoRollout; controller: RunningController }> => {
    await argo.stop();
    const before = await pods();
    const scales = record();
    const left = await sizes();
    const controller = await world.startController({ compatibility: {} });
    const rollout = await see(isOurs, 'served by us');
    // What it did not do at once it does not do: the status comes last.
    expect(await sizes()).toEqual(left);
    expect(scales.sort()).toEqual(left);
    expect(await pods()).toEqual(before);
    return { rollout, controller };
  };

  it('goes on where a canary stands, with the same pods and the same number of them', async () => {
    for (const name of ['fraud-stable', 'fraud-canary']) await world.create(service(name, 'fraud'));
    const one = argoRollout({ replicas: 4, routed: false, steps: STEPS });
    const { strategy } = one['spec'] as { strategy: { canary: object } };
    Object.assign(strategy.canary, { stableService: 'fraud-stable', canaryService: 'fraud-canary' });
    await world.create(one);
    await healthy();
    await change('server:2');
    const left = await see(isArgoPausedAt(1), 'at its first pause');

    const { rollout } = await takeOver();
    for (const field of [
      'currentStepIndex',
      'currentStepHash',
      'currentPodHash',
      'stableRS',
      'pauseConditions',
      'phase',
    ]) {
      expect(rollout.status?.[field]).toEqual(left.status?.[field]);
    }
    const pointsAt = async (name: string): Promise<unknown> =>
      selectedHash(await world.see<Service>(SERVICE(name), () => true, 'there'));
    expect(await pointsAt('fraud-stable')).toBe(left.status?.stableRS);
    expect(await pointsAt('fraud-canary')).toBe(left.status?.currentPodHash);

    await promote();
    await see(isArgoPausedAt(3), 'at its second pause');
    await promote();
    const done = await healthy();
    expect(done.status).toMatchObject({ currentStepIndex: 4, stableRS: left.status?.currentPodHash });
  });

  it('leaves a route with the weight that the Gateway API plugin has set, and goes on from there', async () => {
    await argo.stop();
    await world.startRouter();
    for (const object of routing()) await world.create(object);
    const before = await world.startController({ compatibility: {} });
    await world.create(argoRollout({ replicas: 4, steps: STEPS }));
    await healthy();
    await change('server:2');
    const left = await see(isArgoPausedAt(1), 'at its first pause');
    await before.stop();
    // What the plugin leaves is the same without what only we write.
    const conditions = left.status?.conditions?.filter(({ type }) => type !== STATE_CONDITION);
    await world.patch(FRAUD, { status: { conditions } }, 'status');
    for (const { metadata } of await world.list(REPLICA_SET(''))) {
      const annotations = { 'slipway.dev/template-digest': null };
      await world.patch(REPLICA_SET(metadata.name), { metadata: { annotations } });
    }
    const weights = new Set<number | undefined>();
    const routes = (await world.cluster.discovery.resourceFor(HTTP_ROUTE)) as ResourceInfo;
    world.informers.acquire<HttpRoute>(routes).informer.onEvent(({ object }) => weights.add(weightOf(object)));

    const { rollout } = await takeOver();
    expect(rollout.status).toMatchObject({
      currentStepIndex: 1,
      pauseConditions: left.status?.pauseConditions,
      canary: { weights: { canary: { weight: 25 }, stable: { weight: 75 } } },
    });
    expect([...weights]).toEqual([25]);
    await promote();
    await see(isArgoPausedAt(3), 'at its second pause');
    expect([...weights]).toEqual([25, 50]);
    await promote();
    await healthy();
    expect([...weights]).toEqual([25, 50, 100, 0]);
  });

  it('tells Prometheus of Rollouts and analysis what Argo Rollouts told', async () => {
    await world.create(ERRORS);
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }];
    await world.create(argoRollout({ routed: false, steps }));
    await healthy();
    await change('server:2');
    const running = await see((one) => currentRun(one)?.status === 'Running', 'at its analysis');
    const state = (text: string): string[] =>
      samples(text).filter(
        (line) => line.includes(world.namespace) && STATE.test(line) && !line.includes('controller'),
      );
    const told = await eventually(async () => {
      const lines = state(await argo.metrics());
      expect(lines).toContainEqual(expect.stringMatching(/^analysis_run_info\{.*phase="Running"/));
      return lines;
    });
    const { controller } = await takeOver();
    await eventually(async () => expect(state(await controller.metrics())).toEqual(told));
    expect(told.length).toBeGreaterThan(25);

    await world.patch(ARGO_RUN(currentRun(running)?.name ?? ''), { status: { phase: 'Successful' } });
    await healthy();
    const of = `name="fraud",namespace="${world.namespace}"`;
    await eventually(async () => {
      const lines = samples(await controller.metrics());
      expect(lines).toContainEqual(`rollout_info{${of},phase="Completed",strategy="canary",traffic_router=""} 1`);
      expect(lines).toContain(`rollout_events_total{${of},reason="RolloutCompleted",type="Normal"} 1`);
      expect(lines).toContainEqual(expect.stringMatching(`^rollout_reconcile_bucket{le="0.01",${of}} `));
    });
    await world.remove(FRAUD);
    await eventually(async () => expect(samples(await controller.metrics()).join()).not.toContain(of));
  });

  it('waits on for the pods of a step that is under way', async () => {
    const broken = { [BROKEN_ANNOTATION]: 'yes' };
    await world.create(argoRollout({ replicas: 4, routed: false, steps: STEPS }));
    await healthy();
    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2', broken) } });
    await see(
      ({ status }) =>
        status?.['updatedReplicas'] === 1 && status['replicas'] === 4 && status['availableReplicas'] === 3,
      'with one pod of the new version, which does not start',
    );
    const { rollout } = await takeOver();
    expect(rollout.status).toMatchObject({ currentStepIndex: 0, phase: 'Progressing', updatedReplicas: 1 });
  });

  it('keeps an aborted canary aborted, and a finished one finished', async () => {
    await world.create(argoRollout({ replicas: 3, routed: false, steps: STEPS }));
    const first = await healthy();
    await change('server:2');
    await see(isArgoPausedAt(1), 'at its first pause');
    await argoPlugin(world.namespace, 'abort', 'fraud');
    const is = (replicas: number) => (one: ArgoRollout) =>
      one.status?.phase === 'Degraded' && one.status['replicas'] === replicas && one.status['availableReplicas'] === 3;
    await see(is(3), 'back on the first version');
    const { rollout, controller } = await takeOver();
    expect(rollout.status).toMatchObject({ abort: true, phase: 'Degraded', stableRS: first.status?.stableRS });
    // Going back to what serves heals it, still without a new pod.
    const before = await pods();
    await change('server:1');
    await healthy();
    expect(await pods()).toEqual(before);
    await controller.stop();
  });

  it('waits for the AnalysisRun that is under way, and asks for no other', async () => {
    await world.create(ERRORS);
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }, { pause: {} }];
    await world.create(argoRollout({ routed: false, steps }));
    await healthy();
    await change('server:2');
    const left = await see((one) => currentRun(one)?.status === 'Running', 'at its analysis');
    const { rollout } = await takeOver();
    expect(currentRun(rollout)).toMatchObject({ name: currentRun(left)?.name, status: 'Running' });
    expect((await world.list<KubeObject>(ARGO_RUN(''))).map(({ metadata }) => metadata.name)).toEqual([
      currentRun(left)?.name,
    ]);
    await world.patch(ARGO_RUN(currentRun(left)?.name ?? ''), { status: { phase: 'Successful' } });
    await see(isArgoPausedAt(2), 'past its analysis');
  });

  it('keeps the preview of a blue-green release, and what serves', async () => {
    for (const name of ['active', 'preview']) await world.create(service(name, 'fraud'));
    const strategy = { blueGreen: { activeService: 'active', previewService: 'preview', autoPromotionEnabled: false } };
    await world.create(argoRollout({ routed: false, spec: { strategy } }));
    const first = await healthy();
    await change('server:2');
    const left = await see(
      (one) => one.status?.phase === 'Paused' && one.status.currentPodHash !== first.status?.currentPodHash,
      'waiting for its promotion',
    );
    const { rollout } = await takeOver();
    expect(rollout.status).toMatchObject({
      phase: 'Paused',
      pauseConditions: [{ reason: 'BlueGreenPause' }],
      blueGreen: { activeSelector: first.status?.stableRS, previewSelector: left.status?.currentPodHash },
    });
    await promote();
    const done = await healthy();
    expect(done.status).toMatchObject({ stableRS: left.status?.currentPodHash });
  });

  it('can be given back in the middle of a canary', async () => {
    await world.create(argoRollout({ replicas: 4, routed: false, steps: STEPS }));
    await healthy();
    await change('server:2');
    await see(isArgoPausedAt(1), 'at its first pause');
    const { controller } = await takeOver();
    await promote();
    const ours = await see(isArgoPausedAt(3), 'at its second pause');
    await controller.stop();
    const before = await pods();
    argo = await startArgo();
    await promote();
    const done = await healthy();
    expect(done.status).toMatchObject({ currentStepIndex: 4, stableRS: ours.status?.currentPodHash });
    const kept = (await pods()).filter((uid) => before.includes(uid));
    // The two pods of the new version stayed.
    expect(kept.length).toBeGreaterThanOrEqual(2);
  });
});

const HTTP_ROUTE = { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute' };
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
