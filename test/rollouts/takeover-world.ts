import { expect, inject } from 'vitest';
import { STATE_CONDITION } from '../../controller/compatibility/rollout-status.ts';
import { REPLICA_SET_RESOURCE } from '../../controller/rollout/resources.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { ARGO_ROLLOUT, type ArgoRollout, argoPlugin, isArgoHealthy } from './argo.ts';
import { type ArgoController, startArgoController } from './argo-controller.ts';
import { fakeNodes, PODS } from './fake-nodes.ts';
import { template } from './fixtures.ts';
import { openWorld, type RunningController, type World } from './world.ts';

const FRAUD = ARGO_ROLLOUT('fraud');

/** A namespace where Argo Rollouts serves a Rollout `fraud`, until ours takes over. */
export interface TakeoverWorld {
  world: World;
  argo: ArgoController;
  /** Starts Argo Rollouts again. */
  giveBack(): Promise<void>;
  see(wanted: (one: ArgoRollout) => boolean, what: string): Promise<ArgoRollout>;
  healthy(): Promise<ArgoRollout>;
  change(image: string): Promise<unknown>;
  promote(): Promise<unknown>;
  /** uids of all pods. */
  pods(): Promise<(string | undefined)[]>;
  /**
   * Ends Argo Rollouts, starts ours, waits until it has spoken, and wants that no ReplicaSet has changed meanwhile, not
   * even for a moment, and that the pods are the same.
   */
  takeOver(): Promise<{ rollout: ArgoRollout; controller: RunningController }>;
  close(): Promise<void>;
}

export async function openTakeoverWorld(): Promise<TakeoverWorld> {
  const kubeconfigPath = inject('kubeconfig');
  const world = await openWorld(kubeconfigPath);
  fakeNodes(world.client, world.informers.acquire(PODS).informer);
  const startArgo = (): Promise<ArgoController> => startArgoController({ kubeconfigPath, namespace: world.namespace });
  const see: TakeoverWorld['see'] = (wanted, what) => world.see<ArgoRollout>(FRAUD, wanted, what);
  const pods: TakeoverWorld['pods'] = async () => {
    const all = await world.list({ apiVersion: 'v1', kind: 'Pod' });
    return all.map(({ metadata }) => metadata.uid).sort();
  };
  /** The spec of a ReplicaSet by its generation, which each change of it counts. */
  const line = ({ metadata, spec }: ReplicaSet): string =>
    `${metadata.name}: ${spec.replicas} pods, generation ${metadata.generation}`;
  const replicaSets = async (): Promise<string[]> =>
    (await world.list<ReplicaSet>({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })).map(line).sort();
  const record = (): Set<string> => {
    const seen = new Set<string>();
    const { informer } = world.informers.acquire<ReplicaSet>(REPLICA_SET_RESOURCE);
    informer.onEvent(({ type, object }) => seen.add(`${type === 'deleted' ? 'deleted ' : ''}${line(object)}`));
    return seen;
  };
  const isOurs = ({ status }: ArgoRollout): boolean =>
    (status?.conditions ?? []).some(({ type }) => type === STATE_CONDITION);

  const self: TakeoverWorld = {
    world,
    argo: await startArgo(),
    async giveBack() {
      self.argo = await startArgo();
    },
    see,
    healthy: () => see(isArgoHealthy, 'healthy'),
    change: (image) => world.patch(FRAUD, { spec: { template: template('fraud', image) } }),
    promote: () => argoPlugin(world.namespace, 'promote', 'fraud'),
    pods,
    async takeOver() {
      await self.argo.stop();
      const before = await pods();
      const left = await replicaSets();
      const seen = record();
      const controller = await world.startController({ compatibility: {} });
      const rollout = await see(isOurs, 'served by us');
      // What it did not do at once it does not do: the status comes last.
      expect(await replicaSets()).toEqual(left);
      expect([...seen].sort()).toEqual(left);
      expect(await pods()).toEqual(before);
      return { rollout, controller };
    },
    async close() {
      await self.argo.stop();
      await world.close();
    },
  };
  return self;
}
