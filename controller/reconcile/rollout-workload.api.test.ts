import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  condition,
  imageOf,
  isHealthy,
  REPLICA_SET,
  ROLLOUT,
  rollout,
  SERVICE,
  selectedHash,
  service,
  template,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout, RolloutSpec } from '../api/generated/rollout.ts';
import { undo } from '../cli/commands/undo.ts';
import type { Session } from '../cli/session.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReplicaSet, Service } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old' };
const deployment = (replicas: number, image = 'server:1'): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'old' },
  spec: { replicas, selector: { matchLabels: { app: 'fraud' } }, template: template('fraud', image) },
});
const available = (object: KubeObject): number =>
  (object['status'] as { availableReplicas?: number } | undefined)?.availableReplicas ?? 0;
const replicasOf = (object: KubeObject): unknown => (object['spec'] as { replicas?: number }).replicas;

type Reference = NonNullable<RolloutSpec['workloadRef']>;

/** A Rollout with a blue-green strategy that takes its template from elsewhere. */
function referring(reference: Partial<Reference> = {}): Rollout {
  const strategy = { blueGreen: { activeService: 'fraud' } };
  const { template: _, selector: __, ...spec } = rollout({ spec: { strategy } }).spec;
  const workloadRef: Reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'old', ...reference };
  return { ...rollout(), spec: { ...spec, workloadRef } };
}

describe('a Rollout with the template of another workload', () => {
  let world: World;
  let stopNodes: () => void;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    stopNodes = fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController();
    await world.create(service('fraud', 'fraud'));
  });
  afterEach(async () => {
    stopNodes();
    await world.close();
  });

  it.each(['onsuccess', 'progressively'] as const)('takes over from a Deployment (%s)', async (scaleDown) => {
    await world.create(deployment(2));
    await world.see(DEPLOYMENT, (one) => available(one) === 2, 'with both pods');
    await world.create(referring({ scaleDown }));
    const drained = await world.see(DEPLOYMENT, (one) => replicasOf(one) === 0, 'without pods');
    const healthy = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    const hash = healthy.status?.stableRS;
    await world.see<Service>(SERVICE('fraud'), (one) => selectedHash(one) === hash, 'with the hash of the Rollout');
    await world.see<Rollout>(
      FRAUD,
      (r) => r.status?.workloadObservedGeneration === drained.metadata.generation,
      'with the generation of the Deployment',
    );
    await world.patch(DEPLOYMENT, { spec: { template: template('fraud', 'server:2') } });
    const updated = await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS !== hash, 'updated');
    const set = await world.see<ReplicaSet>(REPLICA_SET(`fraud-${updated.status?.stableRS}`), () => true, 'there');
    expect(imageOf(set)).toBe('server:2');

    const said: string[] = [];
    const { client, namespace } = world;
    const session = {
      client,
      namespace,
      signal: new AbortController().signal,
      print: (text: string) => said.push(text),
    };
    await undo(session as unknown as Session, 'fraud', {});
    expect(said).toEqual(['rollout "fraud" undo to revision 1 in Deployment "old"']);
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS === hash, 'back on the first version');
  });

  it('waits for a workload that is not there, and leaves the pods of a Deployment alone unless told', async () => {
    await world.create(referring());
    const invalid = await world.see<Rollout>(FRAUD, (r) => condition(r, 'InvalidSpec') !== undefined, 'invalid');
    expect(invalid.status?.message).toContain('spec.workloadRef: Deployment "old" does not exist');
    await world.create(deployment(1));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.see(DEPLOYMENT, (one) => available(one) === 1 && replicasOf(one) === 1, 'as it was');
  });

  it('takes the template of a PodTemplate', async () => {
    await world.create({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 'pods' },
      template: template('fraud', 'server:3'),
    });
    await world.create(referring({ apiVersion: 'v1', kind: 'PodTemplate', name: 'pods' }));
    const healthy = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    const set = await world.see<ReplicaSet>(REPLICA_SET(`fraud-${healthy.status?.stableRS}`), () => true, 'there');
    expect(imageOf(set)).toBe('server:3');
  });

  it('is refused when it says two things, or the wrong one', async () => {
    const both = referring();
    const two = { ...both, spec: { ...both.spec, template: template('fraud', 'server:1') } };
    await expect(world.create(two)).rejects.toThrow(/exactly one of template, workloadRef/);
    await expect(world.create(referring({ kind: 'PodTemplate' }))).rejects.toThrow(/a PodTemplate of v1/);
    await expect(
      world.create(referring({ apiVersion: 'v1', kind: 'PodTemplate', scaleDown: 'onsuccess' })),
    ).rejects.toThrow(/scaleDown is for a Deployment/);
  });
});
