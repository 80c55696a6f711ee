import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { podTemplate } from '../../test/experiments/life.ts';
import { ARGO_RUN, installArgoRollouts } from '../../test/rollouts/argo.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { REPLICA_SET, SERVICE } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';

const apiVersion = 'argoproj.io/v1alpha1';
const E = { apiVersion, kind: 'Experiment', name: 'e' };
const INSTANCE = { 'argo-rollouts.argoproj.io/controller-instance-id': 'blue' };
const NAMES = { 'experiment.argoproj.io/name': 'e', 'experiment.argoproj.io/template-name': 'a' };

interface ArgoExperiment extends KubeObject {
  status?: { phase?: string; conditions?: { type: string; lastUpdateTime: string }[]; [field: string]: unknown };
}

describe('an Experiment of argoproj.io, in compatibility mode', () => {
  let world: World;

  beforeAll(() => installArgoRollouts(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
  });
  afterEach(() => world.close());

  it('comes to its verdict, and bears the names that Argo Rollouts gives', async () => {
    await world.startController({ compatibility: { instanceId: 'blue' } });
    await world.create({
      apiVersion,
      kind: 'AnalysisTemplate',
      metadata: { name: 'errors', labels: INSTANCE },
      spec: { metrics: [{ name: 'errors', provider: { prometheus: { address: 'http://127.0.0.1:1', query: 'up' } } }] },
    });
    await world.create({
      apiVersion,
      kind: 'Experiment',
      metadata: { name: 'e', labels: INSTANCE },
      spec: {
        templates: [podTemplate('a', { service: {} })],
        analyses: [{ name: 'errors', templateName: 'errors', requiredForCompletion: true }],
        scaleDownDelaySeconds: 0,
      },
    });
    const run = await world.see(ARGO_RUN('e-errors'), () => true, 'made');
    expect(run.metadata).toMatchObject({ labels: INSTANCE, ownerReferences: [{ apiVersion, kind: 'Experiment' }] });
    const set = await world.see<ReplicaSet>(REPLICA_SET('e-a'), () => true, 'made');
    expect(set.metadata.annotations).toEqual(NAMES);
    expect((await world.see<Service>(SERVICE('e-a'), () => true, 'made')).metadata.annotations).toEqual(NAMES);

    await world.patch(ARGO_RUN('e-errors'), { status: { phase: 'Successful' } });
    const { status } = await world.see<ArgoExperiment>(E, (one) => one.status?.phase === 'Successful', 'Successful');
    expect(status?.['templateStatuses']).toMatchObject([{ name: 'a', status: 'Running', availableReplicas: 1 }]);
    expect(status?.conditions?.find(({ type }) => type === 'Progressing')?.lastUpdateTime).toBeDefined();
    await world.see<ReplicaSet>(REPLICA_SET('e-a'), ({ spec }) => spec.replicas === 0, 'empty');
  });
});
