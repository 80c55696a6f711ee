import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import type { FakeRouter } from '../../test/rollouts/fake-router.ts';
import {
  condition,
  imageOf,
  isHealthy,
  isPausedAt,
  REPLICA_SET,
  ROLLOUT,
  ROUTE,
  RUN,
  rollout,
  routing,
  SERVICE,
  selectedHash,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type RunningController, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import { KubeError } from '../kube/errors.ts';
import { SERVICE_RESOURCE } from '../rollout/resources.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const TWO_PAUSES = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];
const FRAUD = ROLLOUT('fraud');
const ERRORS_TEMPLATE = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors' },
  spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
};

describe('a canary on a real API server', () => {
  let world: World;
  let router: FakeRouter;
  let controller: RunningController;

  beforeAll(() => installGatewayApi(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    router = await world.startRouter();
    controller = await world.startController();
  });
  afterEach(() => world.close());

  const change = (image: string): Promise<unknown> =>
    world.patch(FRAUD, { spec: { template: template('fraud', image) } });
  const resume = (): Promise<unknown> => world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
  const seeWeight = (weight: number): Promise<HttpRoute> =>
    world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === weight, `with weight ${weight}`);
  const hashes = async (): Promise<{ canary: string | undefined; stable: string | undefined }> => {
    const [canary, stable] = await Promise.all(
      ['canary', 'stable'].map((name) => world.client.get(SERVICE_RESOURCE, `${world.namespace}/fraud-${name}`)),
    );
    return { canary: canary && selectedHash(canary), stable: stable && selectedHash(stable) };
  };

  it('goes straight to all pods with its first version, and points both Services at it', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    const { status } = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    expect(status).toMatchObject({ availableReplicas: 2, currentStepIndex: 4, stableRS: status?.currentPodHash });
    const service = await world.see<Service>(
      SERVICE('fraud-stable'),
      (one) => selectedHash(one) === status?.stableRS,
      'on the first version',
    );
    expect(service.metadata.annotations).toMatchObject({ 'slipway.dev/managed-by-rollout': 'fraud' });
    expect(service.spec.selector).toMatchObject({ app: 'fraud' });
    expect(weightOf(await seeWeight(0))).toBe(0);
  });

  it('moves the weight step by step, and ends with the new version alone', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    const first = (await world.see<Rollout>(FRAUD, isHealthy, 'healthy')).status?.stableRS;

    await change('server:2');
    const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
    expect(paused.status?.canary?.weights).toMatchObject({ canary: { weight: 10 }, stable: { weight: 90 } });
    await seeWeight(10);
    expect(await hashes()).toEqual({ canary: paused.status?.currentPodHash, stable: first });

    await resume();
    await world.see<Rollout>(FRAUD, isPausedAt(3), 'paused at 50 %');
    await seeWeight(50);

    await resume();
    const done = await world.see<Rollout>(FRAUD, isHealthy, 'healthy again');
    expect(done.status?.stableRS).toBe(paused.status?.currentPodHash);
    await seeWeight(0);
    expect(await hashes()).toEqual({ canary: done.status?.stableRS, stable: done.status?.stableRS });
    await world.see<ReplicaSet>(REPLICA_SET(`fraud-${first}`), (rs) => rs.spec.replicas === 0, 'scaled down');
    const replicaSets = await world.list<ReplicaSet>(REPLICA_SET(''));
    expect(Object.fromEntries(replicaSets.map((rs) => [imageOf(rs), rs.spec.replicas]))).toEqual({
      'server:1': 0,
      'server:2': 2,
    });
  });

  it('gives the pods under test their own number where setCanaryScale says so', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(
      rollout({ steps: [{ setCanaryScale: { replicas: 3 } }, { pause: {} }, { setWeight: 50 }, { pause: {} }] }),
    );
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:2');
    const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with pods and no requests');
    const canary = REPLICA_SET(`fraud-${paused.status?.currentPodHash}`);
    await world.see<ReplicaSet>(canary, (rs) => rs.spec.replicas === 3, 'with 3 pods');
    await seeWeight(0);
    await resume();
    await world.see<Rollout>(FRAUD, isPausedAt(3), 'paused at 50 %');
    await seeWeight(50);
  });

  it('aborts and tries again when the status is told to', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:2');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');

    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    await seeWeight(0);
    const aborted = await world.see<Rollout>(
      FRAUD,
      (r) => r.status?.phase === 'Degraded' && r.status.abortedAt !== undefined,
      'aborted',
    );
    expect(condition(aborted, 'Progressing')).toMatchObject({ status: 'False', reason: 'RolloutAborted' });
    await world.see<ReplicaSet>(
      REPLICA_SET(`fraud-${aborted.status?.currentPodHash}`),
      (rs) => rs.spec.replicas === 0,
      'scaled down after the abort',
    );

    await world.patch(FRAUD, { status: { abort: false } }, 'status');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 % again');
    await seeWeight(10);
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    const done = await world.see<Rollout>(FRAUD, isHealthy, 'promoted in full');
    expect(done.status?.stableRS).toBe(aborted.status?.currentPodHash);
  });

  it('does what the analysis says: goes on after a success, and back after a failure', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(ERRORS_TEMPLATE);
    const analysis = { analysis: { templates: [{ templateName: 'errors' }] } };
    await world.create(rollout({ steps: [{ setWeight: 10 }, analysis, { setWeight: 50 }, analysis, { pause: {} }] }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:2');
    const runOf = async (step: number): Promise<string> => {
      const running = (r: Rollout): boolean =>
        r.status?.currentStepIndex === step && r.status.canary?.currentStepAnalysisRunStatus !== undefined;
      const seen = await world.see<Rollout>(FRAUD, running, `in the analysis of step ${step}`);
      return seen.status?.canary?.currentStepAnalysisRunStatus?.name ?? '';
    };
    await world.patch(RUN(await runOf(1)), { status: { phase: 'Successful' } }, 'status');
    await seeWeight(50);
    await world.patch(RUN(await runOf(3)), { status: { phase: 'Failed', message: 'errors: 0.4 > 0.01' } }, 'status');
    await seeWeight(0);
    const aborted = await world.see<Rollout>(FRAUD, (r) => r.status?.abort === true, 'aborted');
    expect(aborted.status?.phase).toBe('Degraded');
    expect(aborted.status?.abortMessage).toContain('errors: 0.4 > 0.01');
  });

  it('goes back in the middle of a pause when what is measured beside the steps is bad', async () => {
    for (const object of routing()) await world.create(object);
    await world.create({ ...ERRORS_TEMPLATE, metadata: { ...ERRORS_TEMPLATE.metadata, namespace: world.namespace } });
    await world.create(rollout({ steps: TWO_PAUSES }));
    await world.patch(FRAUD, {
      spec: { strategy: { canary: { analysis: { templates: [{ templateName: 'errors' }] } } } },
    });
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:2');
    const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
    const name = paused.status?.canary?.currentBackgroundAnalysisRunStatus?.name ?? '';
    expect(name).toBe(`fraud-${paused.status?.currentPodHash}-2`);
    await world.patch(RUN(name), { status: { phase: 'Failed', message: 'errors 0.5' } }, 'status');
    await seeWeight(0);
    const aborted = await world.see<Rollout>(FRAUD, (r) => r.status?.phase === 'Degraded', 'aborted');
    expect(aborted.status?.message).toContain('errors 0.5');
  });

  it('says what it may not write, and goes on when it may', async () => {
    await controller.stop();
    let allowed = false;
    await world.startController({
      wrap: (client) => ({
        ...client,
        async patch(resource, key, type, body, options) {
          if (resource.kind !== 'HTTPRoute' || allowed) return client.patch(resource, key, type, body, options);
          const reason = { status: 403, reason: 'Forbidden', retryable: false };
          throw new KubeError('KubeForbidden', `patch httproutes ${key}: forbidden said the test`, reason);
        },
      }),
    });
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await change('server:2');
    const stalled = await world.see<Rollout>(FRAUD, (r) => condition(r, 'Stalled') !== undefined, 'stalled');
    expect(condition(stalled, 'Stalled')).toMatchObject({
      status: 'True',
      reason: 'WriteRefused',
      message: expect.stringContaining('forbidden said the test'),
    });
    await world.seeEvent('Warning', 'WriteRefused', 'forbidden said the test');
    allowed = true;
    const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
    expect(condition(paused, 'Stalled')).toBeUndefined();
  });

  it('goes back at once when the old template returns in the middle', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    const first = (await world.see<Rollout>(FRAUD, isHealthy, 'healthy')).status?.stableRS;
    await change('server:2');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
    await change('server:1');
    const back = await world.see<Rollout>(FRAUD, isHealthy, 'healthy on the old version');
    expect(back.status).toMatchObject({ stableRS: first, currentPodHash: first, currentStepIndex: 4 });
    await seeWeight(0);
    expect(await hashes()).toEqual({ canary: first, stable: first });
  });

  it('skips the steps when it goes back within the rollback window', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES, spec: { rollbackWindow: { revisions: 2 } } }));
    const first = (await world.see<Rollout>(FRAUD, isHealthy, 'healthy')).status?.stableRS;
    await nextSecond();
    await change('server:2');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS !== first, 'on the second version');
    await change('server:1');
    const back = await world.see<Rollout>(
      FRAUD,
      (r) => isHealthy(r) && r.status?.stableRS === first,
      'back on the first version without a pause',
    );
    expect(back.status?.currentStepIndex).toBe(4);
  });

  it('waits with the step until the router accepts, and says what the router says', async () => {
    for (const object of routing()) await world.create(object);
    await world.create(rollout({ steps: TWO_PAUSES }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    router.answer = 'refuse';
    await change('server:2');
    const refused = await world.see<Rollout>(
      FRAUD,
      (r) => condition(r, 'TrafficRouted')?.message.includes('said the test') === true,
      'refused by the router',
    );
    expect(condition(refused, 'TrafficRouted')?.status).toBe('False');
    expect(refused.status?.currentStepIndex).toBe(0);
    router.answer = 'accept';
    router.poke();
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused at 10 %');
  });
});

/** Kubernetes keeps times of creation in whole seconds: which of two is older shows only after one has passed. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1001));
}
