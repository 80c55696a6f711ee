import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../controller/kube/types.ts';
import { gvkOf } from '../../controller/kube/types.ts';
import { systemClock } from '../../controller/platform/clock.ts';
import { configMap, EVENTS } from '../application-world.ts';
import { createRepository, type GitHttpServer, gitRoot, startGitHttp } from '../git-http.ts';
import { startTestServer, type TestServer } from '../http-server.ts';
import { fakeNodes, PODS } from '../rollouts/fake-nodes.ts';
import { connectReal, eventually, type RealCluster } from '../setup/real-cluster.ts';
import { LaxCluster } from './lax-cluster.ts';
import { ours, podsOf, RUBBISH, RUBBISH_STATUSES, RUBBISH_TEMPLATES } from './rubbish.ts';
import { startWholeController, type WholeController } from './whole-controller.ts';

/** Objects that make sense, each with another status beside the rubbish of its kind; without one last. */
const NEIGHBOURS = ['Rollout', 'Application', 'AnalysisRun', 'ModelRegistry'].flatMap((kind) =>
  [...(RUBBISH_STATUSES[kind] ?? []), undefined].map((status, index) => ({ kind, name: `good-${index}`, status })),
);
const WELL: Readonly<Record<string, [type: string, reason: string]>> = {
  Rollout: ['Healthy', 'RolloutHealthy'],
  Application: ['Synced', 'InSync'],
  AnalysisRun: ['Complete', 'AnalysisRunSuccessful'],
  ModelRegistry: ['Ready', 'Connected'],
};

describe('objects that were stored before their CRD would refuse them', () => {
  let lax: LaxCluster;
  let cluster: RealCluster;
  let controller: WholeController;
  let git: GitHttpServer;
  let server: TestServer;
  let root: string;

  beforeAll(async () => {
    root = await gitRoot();
    git = await startGitHttp(root);
    const repository = await createRepository(root, 'repo');
    const paths = [...NEIGHBOURS.map(({ name }) => name), 'no-spec'];
    await repository.commit(Object.fromEntries(paths.map((name) => [`${name}/a.yaml`, configMap(name)])));
    server = await startTestServer(({ path }) =>
      path === '/version'
        ? { status: 200, headers: { 'content-type': 'text/plain' }, text: '3.1.0' }
        : { json: { status: 'success', data: { resultType: 'scalar', result: [1, '0'] } } },
    );
    lax = await LaxCluster.start(`rubbish-${process.pid}`);
    const good = NEIGHBOURS.map(({ kind, name, status }) =>
      ours(kind, name, { spec: goodSpec(kind, name), ...(status === undefined ? {} : { status }) }),
    );
    const all = [...RUBBISH.map(({ object }) => object), ...RUBBISH_TEMPLATES, ...good];
    await Promise.all(all.map((object) => lax.store(object)));
    await lax.tighten();
    cluster = connectReal(lax.kubeconfigPath);
    fakeNodes(cluster.client, cluster.informers.acquire(PODS).informer);
    controller = await startWholeController(cluster, { clock: systemClock });
  });
  afterAll(async () => {
    await controller?.stop();
    await cluster?.close();
    await lax?.stop();
    await server?.close();
    await git?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const goodSpec = (kind: string, name: string): object => {
    switch (kind) {
      case 'Rollout':
        return { ...podsOf(name), strategy: { canary: {} } };
      case 'Application':
        return {
          source: { repoURL: git.url('repo'), targetRevision: 'main', path: name },
          syncPolicy: { automated: {} },
        };
      case 'AnalysisRun':
        return {
          metrics: [
            {
              name: 'x',
              successCondition: 'result == 0',
              provider: { prometheus: { address: server.url, query: '0' } },
            },
          ],
        };
      default:
        return { type: 'mlflow', url: server.url };
    }
  };
  const conditionsOf = async (kind: string, name: string): Promise<Record<string, unknown>[]> => {
    const resource = await cluster.discovery.resourceFor(gvkOf({ apiVersion: 'slipway.dev/v1alpha1', kind }));
    if (resource === undefined) throw new Error(`no kind ${kind}`);
    const object = await cluster.client.get(resource, resource.namespaced ? `default/${name}` : name);
    return (object['status'] as { conditions?: Record<string, unknown>[] } | undefined)?.conditions ?? [];
  };
  const warningsOf = async ({ kind, metadata: { name } }: KubeObject): Promise<string[]> => {
    const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name},type=Warning`;
    const events = await cluster.client.list(EVENTS, { fieldSelector });
    return events.map((event) => `${event['reason']}: ${event['message']}`);
  };
  const isWell = (kind: string, name: string): Promise<void> =>
    eventually(async () => {
      const [type, reason] = WELL[kind] ?? [];
      expect(await conditionsOf(kind, name)).toContainEqual(expect.objectContaining({ type, status: 'True', reason }));
    });

  it.each(NEIGHBOURS)('the neighbour $kind $name gets where it should, whatever its status was', ({ kind, name }) =>
    isWell(kind, name),
  );

  it.each(RUBBISH)('$object.kind $object.metadata.name says: $says', async ({ object, says, unwritable }) => {
    await eventually(async () => expect(await warningsOf(object)).toEqual([says]));
    if (unwritable === true) return;
    const [reason, message] = [says.slice(0, says.indexOf(': ')), says.slice(says.indexOf(': ') + 2)];
    await eventually(async () => {
      expect(await conditionsOf(object.kind, object.metadata.name)).toContainEqual(
        expect.objectContaining({ reason, message }),
      );
    });
  });

  it('one that runs when its spec becomes nonsense is left alone, and goes on when somebody corrects it', async () => {
    const rollout = { kind: 'Rollout', metadata: { name: 'good-0' } };
    const pods = async (): Promise<unknown> =>
      (await cluster.client.list(PODS, { labelSelector: 'app=good-0' })).map(({ metadata }) => metadata.uid);
    const before = await pods();
    await lax.loosen();
    await lax.patchSpec(rollout, { replicas: 'three', strategy: 'none' });
    await lax.tighten();
    const says = {
      type: 'InvalidSpec',
      status: 'True',
      message: 'spec.replicas: is a string, must be an integer: correct it',
    };
    await eventually(async () => {
      expect(await conditionsOf('Rollout', 'good-0')).toContainEqual(expect.objectContaining(says));
    });
    expect(await pods()).toEqual(before);
    await lax.patchSpec(rollout, goodSpec('Rollout', 'good-0'));
    await isWell('Rollout', 'good-0');
    expect(await pods()).toEqual(before);
  });

  it.each(['Rollout', 'Application', 'ModelRegistry'])(
    '%s: one that is corrected gets where it should',
    async (kind) => {
      await lax.patchSpec({ kind, metadata: { name: 'no-spec' } }, goodSpec(kind, 'no-spec'));
      await isWell(kind, 'no-spec');
    },
  );

  it('the plugin says the same', async () => {
    const args = ['get', 'rollout', 'text', '--namespace', 'default', '--kubeconfig', lax.kubeconfigPath];
    const failure = promisify(execFile)(process.execPath, ['dist/kubectl-slipway.js', ...args]);
    await expect(failure).rejects.toMatchObject({
      stderr: 'error (InvalidSpec): rollout "text": spec: is a string, must be an object: correct it\n',
    });
  });

  it('the plugin lists applications all the same, and says which of them make no sense', async () => {
    const args = ['app', 'list', '--namespace', 'default', '--kubeconfig', lax.kubeconfigPath];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['dist/kubectl-slipway.js', ...args]);
    const applications = RUBBISH.filter(({ object }) => object.kind === 'Application');
    // The one without a spec has been corrected above.
    const bad = applications.map(({ object }) => object.metadata.name).filter((name) => name !== 'no-spec');
    const listed = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(listed).toEqual(expect.arrayContaining([...bad, 'good-0']));
    expect(bad.filter((name) => !stderr.includes(`application "default/${name}" cannot be synced: `))).toEqual([]);
  });

  it('nothing of it is a defect to the log', () => {
    expect(controller.errors).toEqual([]);
  });
});
