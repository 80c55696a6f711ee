import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Rollout } from '../../controller/api/generated/rollout.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { fastClock } from '../fast-clock.ts';
import type { Answer, SeenRequest, TestServer } from '../http-server.ts';
import { fakeNodes, PODS } from '../rollouts/fake-nodes.ts';
import { condition, isHealthy, REPLICA_SET, ROLLOUT, rollout } from '../rollouts/fixtures.ts';
import { openWorld, type World } from '../rollouts/world.ts';
import { connectReal, type RealCluster } from '../setup/real-cluster.ts';
import { loginPage, mlflowAnswers, noAnswer, startFakeMlflow } from './fake-mlflow.ts';
import { startWholeController, type WholeController } from './whole-controller.ts';

interface Trouble {
  what: string;
  answer: (request: SeenRequest) => Answer;
  reason: string;
  /** What the message has to name: the object, and the remedy where there is one. */
  names: RegExp;
}

const TROUBLES: readonly Trouble[] = [
  { what: 'is down', answer: noAnswer, reason: 'RegistryUnreachable', names: /ModelRegistry t-\w+\/mlflow \(http/ },
  { what: 'answers a login page', answer: loginPage, reason: 'RegistryBadAnswer', names: /check that spec\.url/ },
  {
    what: 'answers JSON that is not its own',
    answer: () => ({ json: { hello: 'world' } }),
    reason: 'RegistryBadAnswer',
    names: /mlflow.*lacks what MLflow's has/,
  },
  {
    what: 'does not accept our credentials',
    answer: () => ({ status: 401, text: 'no' }),
    reason: 'RegistryUnauthorized',
    names: /mlflow.*secretRef/,
  },
  {
    what: 'has no such model',
    answer: mlflowAnswers('other', []),
    reason: 'ModelNotFound',
    names: /no model fraud/,
  },
  {
    what: 'has no such version',
    answer: mlflowAnswers('fraud', ['1']),
    reason: 'ModelVersionNotFound',
    names: /version 2/,
  },
  {
    what: 'has a version whose upload failed',
    answer: mlflowAnswers('fraud', ['1', '2'], 'FAILED_REGISTRATION'),
    reason: 'ModelVersionNotReady',
    names: /version 2 is FAILED_REGISTRATION/,
  },
];

describe('a registry that', () => {
  let world: World;
  let cluster: RealCluster;
  let controller: WholeController;
  let mlflow: TestServer;
  let other: TestServer;
  const good = mlflowAnswers('fraud', ['1', '2']);

  beforeAll(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    mlflow = await startFakeMlflow('fraud', ['1', '2']);
    other = await startFakeMlflow('fraud', ['1']);
    await world.create(registry('mlflow', mlflow.url));
    await world.create(registry('other', other.url));
    cluster = connectReal();
    controller = await startWholeController(cluster, { clock: fastClock(10), namespace: world.namespace });
  });
  afterAll(async () => {
    await controller?.stop();
    await world?.close();
    await cluster?.close();
    await mlflow?.close();
    await other?.close();
  });

  const registry = (name: string, url: string): KubeObject => ({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'ModelRegistry',
    metadata: { name },
    spec: { type: 'mlflow', url, pollInterval: '2s' },
  });
  const model = (version: string, name = 'mlflow') => ({
    registry: { kind: 'ModelRegistry' as const, name },
    name: 'fraud',
    version,
  });
  const serves =
    (version: string) =>
    (r: Rollout): boolean =>
      isHealthy(r) && r.status?.model?.stable?.version === version;
  const start = async (name: string): Promise<void> => {
    mlflow.answer = good;
    await world.create(rollout({ name, routed: false, spec: { model: model('1') } }));
    await world.see<Rollout>(ROLLOUT(name), serves('1'), 'serving 1');
  };
  const replicaSetsOf = async (name: string): Promise<unknown> =>
    (await world.list<ReplicaSet>(REPLICA_SET('')))
      .filter(({ metadata }) => metadata.name.startsWith(`${name}-`))
      .map(({ metadata, spec }) => [metadata.name, spec.replicas]);
  const ask = (name: string, wanted: object): Promise<unknown> =>
    world.patch(ROLLOUT(name), { spec: { model: wanted } });
  const unresolved = (name: string, reason: string): Promise<Rollout> =>
    world.see<Rollout>(
      ROLLOUT(name),
      (r) => {
        const resolved = condition(r, 'ModelResolved');
        return resolved !== undefined && resolved.status !== 'True' && resolved.reason === reason;
      },
      `with ModelResolved saying ${reason}`,
    );

  it.each(TROUBLES)(
    '$what starts no new version, leaves the old one alone, and the new one starts afterwards',
    async ({ what, answer, reason, names }) => {
      const name = what.replaceAll(/[^a-z]/g, '-');
      await start(name);
      const before = await replicaSetsOf(name);
      mlflow.answer = answer;
      await ask(name, { version: '2' });
      const seen = await unresolved(name, reason);
      const message = condition(seen, 'ModelResolved')?.message ?? '';
      expect(message).toMatch(names);
      expect(message).not.toMatch(/\n/);
      await world.seeEvent('Warning', reason, message);
      expect(await replicaSetsOf(name)).toEqual(before);
      expect(seen.status?.availableReplicas).toBe(2);
      mlflow.answer = good;
      await world.see<Rollout>(ROLLOUT(name), serves('2'), 'serving 2');
    },
  );

  it('hangs holds up no Rollout of another registry', async () => {
    await start('hanging');
    mlflow.answer = () => () => {};
    await ask('hanging', { version: '2' });
    await world.create(rollout({ name: 'neighbour', routed: false, spec: { model: model('1', 'other') } }));
    await world.see<Rollout>(ROLLOUT('neighbour'), serves('1'), 'serving 1');
    await unresolved('hanging', 'RegistryTimeout');
    mlflow.answer = good;
    await world.see<Rollout>(ROLLOUT('hanging'), serves('2'), 'serving 2');
  });

  it('does not exist is named, and used as soon as somebody creates it', async () => {
    await start('lost');
    await ask('lost', model('2', 'late'));
    const seen = await unresolved('lost', 'RegistryNotFound');
    expect(condition(seen, 'ModelResolved')?.message).toMatch(/there is no ModelRegistry t-\w+\/late; create it/);
    await world.seeEvent('Warning', 'RegistryNotFound', 'late');
    await world.create(registry('late', mlflow.url));
    await world.see<Rollout>(ROLLOUT('lost'), serves('2'), 'serving 2');
  });

  it('troubles nobody is no defect to the log', () => {
    expect(controller.errors).toEqual([]);
  });
});
