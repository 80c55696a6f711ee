import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { EVENTS } from '../application-world.ts';
import { fastClock } from '../fast-clock.ts';
import { type Answer, startTestServer, type TestServer } from '../http-server.ts';
import { fakeNodes, PODS } from '../rollouts/fake-nodes.ts';
import { condition, imageOf, isHealthy, REPLICA_SET, ROLLOUT, RUN, rollout, template } from '../rollouts/fixtures.ts';
import { openWorld, type World } from '../rollouts/world.ts';
import { connectReal, eventually, type RealCluster } from '../setup/real-cluster.ts';
import { loginPage, noAnswer } from './fake-mlflow.ts';
import { startWholeController, type WholeController } from './whole-controller.ts';

const vector = (...values: string[]): Answer => ({
  json: {
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1, value] })) },
  },
});

/** Answers without a measurement, and what the AnalysisRun says after the last attempt. */
const TROUBLES: readonly { what: string; answer: () => Answer; names: RegExp }[] = [
  { what: 'is down', answer: noAnswer, names: /Prometheus at http/ },
  { what: 'answers a login page', answer: loginPage, names: /not.*Prometheus/ },
  {
    what: 'reports an error',
    answer: () => ({ status: 422, json: { status: 'error', errorType: 'execution', error: 'too many samples' } }),
    names: /too many samples/,
  },
  { what: 'refuses us', answer: () => ({ status: 401, text: 'no' }), names: /401/ },
];

describe('a Prometheus that', () => {
  let world: World;
  let cluster: RealCluster;
  let controller: WholeController;
  let prometheus: TestServer;

  beforeAll(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    prometheus = await startTestServer(() => vector('0'));
    await world.create({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'AnalysisTemplate',
      metadata: { name: 'errors' },
      spec: {
        metrics: [
          {
            name: 'errors',
            successCondition: 'result[0] < 0.05',
            provider: { prometheus: { address: prometheus.url, query: 'error_rate' } },
          },
        ],
      },
    });
    cluster = connectReal();
    controller = await startWholeController(cluster, { clock: fastClock(20), namespace: world.namespace });
  });
  afterAll(async () => {
    await controller?.stop();
    await world?.close();
    await cluster?.close();
    await prometheus?.close();
  });

  /** Version 1 runs, and version 2 is on its way to the analysis. */
  const update = async (name: string): Promise<void> => {
    const steps = [{ setWeight: 50 }, { analysis: { templates: [{ templateName: 'errors' }] } }];
    await world.create(rollout({ name, routed: false, steps }));
    await world.see<Rollout>(ROLLOUT(name), isHealthy, 'healthy');
    await world.patch(ROLLOUT(name), { spec: { template: template(name, 'server:2') } });
  };
  const runOf = async (name: string): Promise<AnalysisRun> => {
    const runs = await world.list<AnalysisRun>(RUN(''));
    return runs.find(({ metadata }) => metadata.ownerReferences?.[0]?.name === name) as AnalysisRun;
  };
  const eventsOn = async ({ metadata }: KubeObject): Promise<string[]> => {
    const fieldSelector = `involvedObject.name=${metadata.name}`;
    const events = await cluster.client.list(EVENTS, { namespace: world.namespace, fieldSelector });
    return events.map((event) => `${event['type']} ${event['reason']}: ${event['message']}`);
  };
  /** Replicas by image. */
  const replicasOf = async (name: string): Promise<Record<string, number>> => {
    const all = await world.list<ReplicaSet>(REPLICA_SET(''));
    const own = all.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === name);
    return Object.fromEntries(own.map((one) => [String(imageOf(one)), one.spec.replicas ?? 0]));
  };
  const isPromoted = (r: Rollout): boolean => isHealthy(r) && condition(r, 'Completed')?.status === 'True';
  const isAborted = (r: Rollout): boolean => r.status?.abortedAt !== undefined && r.status.availableReplicas === 2;

  it.each(TROUBLES)(
    '$what promotes nothing: the update is aborted, and the old version serves alone',
    async (trouble) => {
      const name = trouble.what.replaceAll(' ', '-');
      prometheus.answer = trouble.answer;
      await update(name);
      const aborted = await world.see<Rollout>(ROLLOUT(name), isAborted, 'aborted');
      expect(aborted.status).toMatchObject({ phase: 'Degraded', message: expect.stringMatching(trouble.names) });
      await world.seeEvent('Warning', 'RolloutAborted', name);
      const run = await runOf(name);
      expect(run.status).toMatchObject({ phase: 'Error', metricResults: [{ error: 5, consecutiveError: 5 }] });
      expect(condition(run, 'Complete')).toMatchObject({ reason: 'AnalysisRunError' });
      expect(condition(run, 'Complete')?.message).toMatch(trouble.names);
      await eventually(async () => {
        expect(await eventsOn(run)).toContainEqual(
          expect.stringMatching(/^Warning MeasurementError: metric "errors": attempt 1 of 5/),
        );
      });
      expect((await replicasOf(name))['server:1']).toBe(2);
    },
  );

  it.each([
    ['knows nothing', () => vector()],
    ['knows no number', () => vector('NaN')],
  ])('%s promotes nothing: the update waits for a person', async (what, answer) => {
    const name = what.replaceAll(' ', '-');
    prometheus.answer = answer;
    await update(name);
    const paused = await world.see<Rollout>(ROLLOUT(name), (r) => r.status?.phase === 'Paused', 'paused');
    expect(paused.status?.pauseConditions).toMatchObject([{ reason: 'InconclusiveAnalysisRun' }]);
    expect((await runOf(name)).status?.phase).toBe('Inconclusive');
    expect(await replicasOf(name)).toEqual({ 'server:1': 1, 'server:2': 1 });
  });

  it('is back before the last attempt lets the update go on by itself', async () => {
    prometheus.answer = noAnswer;
    await update('back');
    const errors = async (): Promise<unknown> => (await runOf('back'))?.status?.metricResults?.[0]?.error;
    await eventually(async () => expect(await errors()).toBeGreaterThan(0));
    prometheus.answer = () => vector('0.01');
    await world.see<Rollout>(ROLLOUT('back'), isPromoted, 'promoted');
    expect((await runOf('back')).status?.phase).toBe('Successful');
  });

  it('is back after an abort lets the update go on when a person starts it over', async () => {
    prometheus.answer = noAnswer;
    await update('later');
    await world.see<Rollout>(ROLLOUT('later'), isAborted, 'aborted');
    prometheus.answer = () => vector('0.01');
    await world.patch(ROLLOUT('later'), { status: { abort: false } }, 'status');
    await world.see<Rollout>(ROLLOUT('later'), isPromoted, 'promoted');
  });

  it('troubles nobody is no defect to the log', () => {
    expect(controller.errors).toEqual([]);
  });
});
