import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Application } from '../../controller/api/generated/application.ts';
import type { ModelRegistry } from '../../controller/api/generated/modelregistry.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { CONFIG_MAPS, configMap } from '../application-world.ts';
import { createRepository, type GitHttpServer, gitRoot, startGitHttp } from '../git-http.ts';
import { startTestServer, type TestServer } from '../http-server.ts';
import { condition, RUN } from '../rollouts/fixtures.ts';
import { openWorld, type World } from '../rollouts/world.ts';
import { connectReal, type RealCluster } from '../setup/real-cluster.ts';
import { noAnswer } from './fake-mlflow.ts';
import { startWholeController, type WholeController } from './whole-controller.ts';

const THEN = '2099-01-01T00:00:00Z';
const NAMED = (kind: string, name: string) => ({ apiVersion: 'slipway.dev/v1alpha1', kind, name });
const claim = (name: string): object => ({ version: 'v1', kind: 'ConfigMap', name, status: 'Synced' });
const said = (type: string, status: string, reason: string): object => ({
  type,
  status,
  reason,
  message: 'said by a person',
  lastTransitionTime: THEN,
  observedGeneration: 99,
});

/** Statuses that the CRDs admit and that nobody has concluded from anything, written while no controller runs. */
describe('a status that', () => {
  let world: World;
  let cluster: RealCluster;
  let controller: WholeController;
  let git: GitHttpServer;
  let server: TestServer;
  let revision: string;
  let root: string;

  const store = async (kind: string, name: string, spec: object, status: object): Promise<void> => {
    await world.create<KubeObject>({ apiVersion: 'slipway.dev/v1alpha1', kind, metadata: { name }, spec });
    await world.patch(NAMED(kind, name), { status }, 'status');
  };
  const sourceOf = (path: string): object => ({
    source: { repoURL: git.url('repo'), path },
    syncPolicy: { automated: { prune: true } },
  });
  const isSynced = (a: Application): boolean =>
    condition(a, 'Synced')?.status === 'True' &&
    a.status?.observedGeneration === a.metadata.generation &&
    a.status?.sync?.revision === revision;
  const seeSynced = (name: string): Promise<Application> =>
    world.see<Application>(NAMED('Application', name), isSynced, 'in sync with Git');

  beforeAll(async () => {
    world = await openWorld(inject('kubeconfig'));
    root = await gitRoot();
    git = await startGitHttp(root);
    const repository = await createRepository(root, 'repo');
    revision = await repository.commit({
      'owner/a.yaml': configMap('owned'),
      'claims/a.yaml': configMap('mine'),
      'forged/a.yaml': configMap('forged'),
    });
    server = await startTestServer(() => ({
      json: { status: 'success', data: { resultType: 'scalar', result: [1, '0'] } },
    }));
    cluster = connectReal();
    await world.create({ ...(JSON.parse(configMap('of-a-person')) as KubeObject) });
    await store('Application', 'owner', sourceOf('owner'), {});
    const { namespace } = world;
    const claims = ['of-a-person', 'owned', 'nowhere'].map((name) => ({ ...claim(name), namespace }));
    await store('Application', 'claims', sourceOf('claims'), { resources: claims });
    const operationState = { phase: 'Running', revision: 'f'.repeat(40), startedAt: THEN };
    await store('Application', 'forged', sourceOf('forged'), {
      observedGeneration: 99,
      sync: { status: 'Synced', revision: 'f'.repeat(40) },
      health: { status: 'Healthy' },
      conditions: [said('Synced', 'True', 'InSync'), said('Healthy', 'True', 'Healthy'), said('Mine', 'True', 'Mine')],
      operationState,
    });
    const metrics = [
      {
        name: 'x',
        interval: '1s',
        count: 2,
        initialDelay: '1s',
        successCondition: 'result == 0',
        provider: { prometheus: { address: server.url, query: '0' } },
      },
    ];
    const measurements = [{ phase: 'Successful', startedAt: THEN, finishedAt: THEN, value: '0' }];
    await store(
      'AnalysisRun',
      'future',
      { metrics },
      {
        phase: 'Running',
        startedAt: THEN,
        metricResults: [
          { name: 'x', phase: 'Running', count: 1, successful: 1, measurements },
          { name: 'unknown', phase: 'Failed' },
        ],
      },
    );
    await store(
      'ModelRegistry',
      'forged',
      { type: 'mlflow', url: server.url },
      {
        observedGeneration: 99,
        serverVersion: '9.9.9',
        conditions: [said('Ready', 'True', 'Connected')],
      },
    );
    server.answer = ({ path }) =>
      path.startsWith('/api/2.0')
        ? noAnswer()
        : { json: { status: 'success', data: { resultType: 'scalar', result: [1, '0'] } } };
    controller = await startWholeController(cluster, { clock: systemClock, namespace });
  });
  afterAll(async () => {
    await controller?.stop();
    await world?.close();
    await cluster?.close();
    await git?.close();
    await server?.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('claims objects of others prunes none of them and takes none from its owner', async () => {
    const application = await seeSynced('claims');
    expect(application.status?.resources?.map(({ name }) => name)).toEqual(['mine']);
    await seeSynced('owner');
    for (const name of ['of-a-person', 'owned', 'mine']) {
      const object = await cluster.client.get(CONFIG_MAPS, `${world.namespace}/${name}`);
      expect(object.metadata.deletionTimestamp).toBeUndefined();
    }
  });

  it('says that a revision is in sync that never was makes nobody believe it', async () => {
    const { status } = await seeSynced('forged');
    expect(status?.operationState).toMatchObject({ phase: 'Succeeded', revision });
    expect(status?.conditions?.map(({ type }) => type)).toContain('Mine');
    expect(await cluster.client.get(CONFIG_MAPS, `${world.namespace}/forged`)).toHaveProperty('data.key', 'value');
  });

  it('is from the future stops no analysis', async () => {
    const done = (run: AnalysisRun): boolean => run.status?.completedAt !== undefined;
    const run = await world.see<AnalysisRun>(RUN('future'), done, 'decided');
    expect(run.status).toMatchObject({ phase: 'Successful', metricResults: [{ name: 'x', count: 2 }] });
  });

  it('says that a registry answers is corrected', async () => {
    const isDown = (r: ModelRegistry): boolean => condition(r, 'Ready')?.status === 'False';
    const registry = await world.see<ModelRegistry>(NAMED('ModelRegistry', 'forged'), isDown, 'not ready');
    expect(condition(registry, 'Ready')?.reason).toBe('RegistryUnreachable');
    expect(registry.status?.observedGeneration).toBe(registry.metadata.generation);
  });

  it('makes no sense is no defect to the log', () => {
    expect(controller.errors).toEqual([]);
  });
});
