import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { isHealthy, isPausedAt, REPLICA_SET, ROLLOUT, rollout } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, TEMPLATE_DIGEST_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const HASH = '6d4cf56db6';

/** A template in which the API server fills in a lot. */
const CONTAINERS = [
  {
    name: 'server',
    image: 'host:5000/server',
    ports: [{ containerPort: 80 }],
    readinessProbe: { httpGet: { port: 80 } },
    resources: { limits: { memory: '1024Mi' }, requests: { cpu: 0.5 } },
    env: [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  },
];
const VOLUMES = [{ name: 'config', configMap: { name: 'app', optional: true } }, { name: 'cache' }];

function template(image?: string): Record<string, unknown> {
  const containers = CONTAINERS.map((container) => ({ ...container, ...(image === undefined ? {} : { image }) }));
  return { metadata: { labels: { app: 'fraud' } }, spec: { containers, volumes: VOLUMES } };
}

describe('a ReplicaSet that something else made', () => {
  let world: World;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
  });
  afterEach(() => world.close());

  const podsOf = async (): Promise<string[]> =>
    (await world.list<KubeObject>({ apiVersion: 'v1', kind: 'Pod' })).map(({ metadata }) => metadata.uid ?? '').sort();

  /** The Rollout, and a ReplicaSet of it with pods that run, while no controller of ours does. */
  async function running(annotations: Record<string, string>): Promise<string[]> {
    const { metadata } = await world.create(
      rollout({ routed: false, steps: [{ setWeight: 50 }, { pause: {} }], spec: { template: template() } }),
    );
    const labels = { app: 'fraud', [POD_TEMPLATE_HASH_LABEL]: HASH };
    await world.create<ReplicaSet>({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `fraud-${HASH}`,
        labels,
        annotations,
        ownerReferences: [
          { apiVersion: FRAUD.apiVersion, kind: 'Rollout', name: 'fraud', uid: metadata.uid ?? '', controller: true },
        ],
      },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { ...template(), metadata: { labels } },
      },
    });
    const serves = (rs: ReplicaSet): boolean => rs.status?.availableReplicas === 2;
    await world.see<ReplicaSet>(REPLICA_SET(`fraud-${HASH}`), serves, 'with two pods that serve');
    return podsOf();
  }

  it.each<[string, Record<string, string>]>([
    ['another controller', {}],
    [
      'another version of this one, with another way to write templates down',
      { [TEMPLATE_DIGEST_ANNOTATION]: 'v0:0a1b2c' },
    ],
  ])('%s: no pod restarts, and the next template is a canary over it', async (_who, annotations) => {
    const before = await running(annotations);
    await world.startController();
    const taken = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    expect([taken.status?.stableRS, taken.status?.currentPodHash]).toEqual([HASH, HASH]);
    expect(await podsOf()).toEqual(before);
    expect((await world.list<ReplicaSet>(REPLICA_SET(''))).map(({ metadata }) => metadata.name)).toEqual([
      `fraud-${HASH}`,
    ]);

    await world.patch(FRAUD, { spec: { template: template('host:5000/server:2') } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with half of the pods');
    await world.patch(FRAUD, { spec: { template: template() } });
    const back = (r: Rollout): boolean => isHealthy(r) && r.status?.currentPodHash === HASH;
    await world.see<Rollout>(FRAUD, back, 'healthy on the ReplicaSet that was taken over');
  });
});
