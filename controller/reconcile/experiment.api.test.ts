import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { experimentSpec, podTemplate } from '../../test/experiments/life.ts';
import { BROKEN_ANNOTATION, fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { condition, EXPERIMENT, REPLICA_SET, RUN, SERVICE, service } from '../../test/rollouts/fixtures.ts';
import { openWorld, type RunningController, type World } from '../../test/rollouts/world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment, ExperimentSpec } from '../api/generated/experiment.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';

const E = EXPERIMENT('e');
const ERRORS_TEMPLATE = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'AnalysisTemplate',
  metadata: { name: 'errors' },
  spec: {
    args: [{ name: 'hash' }],
    metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }],
  },
};
const ERRORS = {
  name: 'errors',
  templateName: 'errors',
  args: [{ name: 'hash', value: '{{templates.b.podTemplateHash}}' }],
};

function experiment(spec: ExperimentSpec): Experiment {
  return { apiVersion: 'slipway.dev/v1alpha1', kind: 'Experiment', metadata: { name: 'e' }, spec };
}

describe('an Experiment on a real API server', () => {
  let world: World;
  let controller: RunningController;

  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    controller = await world.startController();
  });
  afterEach(() => world.close());

  const seePhase = (phase: string): Promise<Experiment> =>
    world.see<Experiment>(E, ({ status }) => status?.phase === phase, phase);
  const verdict = (name: string, phase: string, message: string): Promise<unknown> =>
    world.patch(RUN(name), { status: { phase, message } }, 'status');

  it('runs its pods behind a Service, measures them, ends with the verdict, and leaves only the record', async () => {
    await world.create(ERRORS_TEMPLATE);
    const templates = [podTemplate('a', { replicas: 2 }), podTemplate('b', { service: { name: 'b' } })];
    const analyses = [{ ...ERRORS, requiredForCompletion: true }];
    await world.create(experiment(experimentSpec({ templates, analyses, scaleDownDelaySeconds: 1 })));
    const { status } = await seePhase('Running');
    expect(status?.templateStatuses).toMatchObject([
      { name: 'a', availableReplicas: 2, status: 'Running' },
      { name: 'b', availableReplicas: 1, status: 'Running', serviceName: 'b' },
    ]);
    const hash = status?.templateStatuses?.[1]?.podTemplateHash;
    const made = await world.see<Service>(SERVICE('b'), () => true, 'made');
    expect(made.spec.selector).toEqual({ app: 'b', 'rollouts-pod-template-hash': hash });
    const run = await world.see<AnalysisRun>(RUN('e-errors'), () => true, 'made');
    expect(run.spec.args).toEqual([{ name: 'hash', value: hash }]);
    expect(run.metadata.ownerReferences).toMatchObject([{ kind: 'Experiment', name: 'e', controller: true }]);

    await verdict('e-errors', 'Successful', 'as good as it gets');
    const ended = await seePhase('Successful');
    expect(condition(ended, 'Progressing')).toMatchObject({ status: 'False', reason: 'ExperimentCompleted' });
    for (const name of ['e-a', 'e-b']) {
      await world.see<ReplicaSet>(REPLICA_SET(name), (rs) => rs.spec.replicas === 0 && !rs.status?.replicas, 'empty');
    }
    await eventually(async () => expect(await world.list<Service>(SERVICE('b'))).toEqual([]));
    await world.seeEvent('Normal', 'ExperimentSuccessful', 'Experiment transitioned from Running -> Successful');
  });

  it('goes on where it was when the controller is replaced in the middle', async () => {
    await world.create(ERRORS_TEMPLATE);
    await world.create(experiment(experimentSpec({ analyses: [ERRORS], duration: '8s', scaleDownDelaySeconds: 0 })));
    const { status: before } = await world.see<Experiment>(
      E,
      ({ status }) => status?.analysisRuns?.[0] !== undefined,
      'measured',
    );
    await controller.stop();
    await world.startController();
    const { status } = await seePhase('Successful');
    expect(status?.availableAt).toBe(before?.availableAt);
    expect(status?.templateStatuses?.map(({ podTemplateHash }) => podTemplateHash)).toEqual(
      before?.templateStatuses?.map(({ podTemplateHash }) => podTemplateHash),
    );
    const runs = await world.list<AnalysisRun>(RUN(''));
    expect(runs.map(({ metadata }) => metadata.name)).toEqual(['e-errors']);
    await world.see<AnalysisRun>(RUN('e-errors'), ({ spec }) => spec.terminate === true, 'terminated');
  });

  it('fails for pods that never serve', async () => {
    const b = podTemplate('b');
    const broken = {
      ...b,
      template: { ...b.template, metadata: { labels: { app: 'b' }, annotations: { [BROKEN_ANNOTATION]: '' } } },
    };
    const templates = [podTemplate('a'), broken];
    await world.create(experiment(experimentSpec({ templates, progressDeadlineSeconds: 2, scaleDownDelaySeconds: 0 })));
    const { status } = await seePhase('Failed');
    expect(status?.message).toBe("Template 'b' exceeded its progressDeadlineSeconds (2)");
    await world.see<ReplicaSet>(REPLICA_SET('e-a'), (rs) => rs.spec.replicas === 0, 'empty');
  });

  it('says what the API server will not have, and whose name is taken', async () => {
    const a = podTemplate('a');
    const containers = [{ name: 'server', image: 'x', resources: { limits: { cpu: 'two' } } }];
    const bad = { ...a, template: { ...a.template, spec: { containers } } };
    await world.create(experiment({ templates: [bad] }));
    expect((await seePhase('Error')).status?.message).toMatch(/quantit|cpu/);
    await world.remove(E);
    await world.create(service('mine', 'somebody'));
    const taken = {
      ...experiment({ templates: [podTemplate('a', { service: { name: 'mine' } })] }),
      metadata: { name: 'f' },
    };
    await world.create(taken);
    const { status } = await world.see<Experiment>(EXPERIMENT('f'), (one) => one.status?.phase === 'Error', 'Error');
    expect(status?.message).toBe(
      `Service ${world.namespace}/mine exists and is not owned by this Experiment: delete or rename it`,
    );
  });

  it('begins as soon as a template that it names exists', async () => {
    await world.create(experiment(experimentSpec({ analyses: [ERRORS] })));
    const waiting = await world.see<Experiment>(
      E,
      (one) => condition(one, 'InvalidSpec')?.status === 'True',
      'invalid',
    );
    expect(waiting.status).toMatchObject({
      phase: 'Pending',
      message: expect.stringContaining(
        'InvalidSpec: spec.analyses[0].templateName: AnalysisTemplate "errors" does not',
      ),
    });
    await world.create(ERRORS_TEMPLATE);
    await seePhase('Running');
  });
});
