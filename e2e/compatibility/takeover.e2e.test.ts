import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STATE_CONDITION } from '../../controller/compatibility/rollout-status.ts';
import {
  ARGO_ROLLOUT,
  type ArgoRollout,
  argoRollout,
  installArgoRollouts,
  isArgoHealthy,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { startArgoController } from '../../test/rollouts/argo-controller.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { template } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import { ensurePrograms, programPath } from '../cluster/build.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { folders, repositoryRoot } from '../cluster/folders.ts';
import { http } from '../cluster/http.ts';
import { choosePort } from '../cluster/services/service.ts';
import { ControllerProcess } from '../journeys/controller-process.ts';
import { Kubectl } from '../journeys/kubectl.ts';

const FRAUD = ARGO_ROLLOUT('fraud');
const STEPS = [{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];
const LEASES = 'argo-rollouts';

let cluster: Cluster;
let world: World;

beforeAll(async () => {
  const onProgress = (line: string): void => console.error(line);
  await ensurePrograms(['rollouts-controller'], folders(), onProgress);
  cluster = await startCluster({ name: `e2e-argo-${process.pid}`, profile: 'api', onProgress });
  await installArgoRollouts(cluster.kubeconfigPath);
  world = await openWorld(cluster.kubeconfigPath);
  fakeNodes(world.client, world.informers.acquire(PODS).informer);
});

afterAll(async () => {
  await world.close();
  await cluster.stop();
});

const see = (wanted: (one: ArgoRollout) => boolean, what: string): Promise<ArgoRollout> =>
  world.see<ArgoRollout>(FRAUD, wanted, what);
const promote = (): Promise<unknown> => world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
const isOurs = ({ status }: ArgoRollout): boolean =>
  (status?.conditions ?? []).some(({ type }) => type === STATE_CONDITION);

test('the controller waits while that of Argo Rollouts leads, and goes on in its place when that is gone', async () => {
  const kubectl = new Kubectl(
    programPath('kubectl', folders()),
    cluster.kubeconfigPath,
    world.namespace,
    cluster.stateDir,
  );
  await kubectl.run('apply', '--server-side', '-f', join(repositoryRoot(), 'deploy', 'compatibility.yaml'));
  const argo = await startArgoController({ kubeconfigPath: cluster.kubeconfigPath, namespace: LEASES, elect: true });
  await world.create(argoRollout({ replicas: 4, routed: false, steps: STEPS }));
  await see(isArgoHealthy, 'healthy');
  await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
  await see(isArgoPausedAt(1), 'at its first pause');

  const metrics = `127.0.0.1:${await choosePort(cluster.stateDir, 'controller-metrics')}`;
  const flags = { 'api-group': 'argoproj.io', 'lease-namespace': LEASES, 'metrics-listen': metrics };
  const { kubeconfigPath, stateDir } = cluster;
  const slipway = await ControllerProcess.install({ kubectl, kubeconfigPath, stateDir, flags });
  try {
    await promote();
    const left = await see(isArgoPausedAt(3), 'at its second pause');
    expect(isOurs(left)).toBe(false);

    await argo.stop();
    const taken = await see(isOurs, 'served by the controller that waited');
    expect(taken.status).toMatchObject({
      currentStepIndex: 3,
      currentStepHash: left.status?.currentStepHash,
      pauseConditions: left.status?.pauseConditions,
    });
    await promote();
    const done = await see(isArgoHealthy, 'healthy');
    expect(done.status).toMatchObject({ currentStepIndex: 4, stableRS: left.status?.currentPodHash });
    const told = await http(`http://${metrics}/metrics`);
    expect(told.body.toString()).toContain(
      `rollout_info{namespace="${world.namespace}",name="fraud",strategy="canary",traffic_router="",phase="Completed"} 1`,
    );
  } finally {
    await slipway.stop();
    await argo.stop();
  }
});
