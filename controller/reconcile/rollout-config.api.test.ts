import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { condition, isHealthy, isPausedAt, REPLICA_SET, ROLLOUT, rollout } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { KubeClient, KubeObject } from '../kube/types.ts';
import { CONFIG_RESOURCES } from '../rollout/resources.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const of = (kind: string) => (name: string) => ({ apiVersion: 'v1', kind, name });
const [CONFIG_MAP, SECRET] = [of('ConfigMap'), of('Secret')];
const PASSWORD = 'correct-horse-battery';

/** Reads key `mode` of ConfigMap app and all of Secret keys. */
function reading(change: Partial<Rollout['spec']> = {}): Rollout {
  const container = {
    name: 'server',
    image: 'server:1',
    env: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'app', key: 'mode' } } }],
    envFrom: [{ secretRef: { name: 'keys' } }],
  };
  return rollout({
    routed: false,
    steps: [{ setWeight: 50 }, { pause: {} }],
    spec: {
      revisionTriggers: ['ConfigMap', 'Secret'],
      template: { metadata: { labels: { app: 'fraud' } }, spec: { containers: [container] } },
      ...change,
    },
  });
}

describe('spec.revisionTriggers', () => {
  let world: World;
  const gets: string[] = [];
  const counting = (client: KubeClient): KubeClient => ({
    ...client,
    get: (resource, key, options) => {
      gets.push(`${resource.kind} ${key.split('/')[1]}`);
      return client.get(resource, key, options);
    },
    list: client.list.bind(client),
    create: client.create.bind(client),
    update: client.update.bind(client),
    patch: client.patch.bind(client),
    apply: client.apply.bind(client),
    delete: client.delete.bind(client),
  });

  beforeEach(async () => {
    gets.length = 0;
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController({ wrap: counting });
  });
  afterEach(() => world.close());

  const create = async (kind: 'ConfigMap' | 'Secret', name: string, data: Record<string, string>): Promise<void> => {
    const values = kind === 'Secret' ? { stringData: data } : { data };
    await world.create<KubeObject>({ apiVersion: 'v1', kind, metadata: { name }, ...values });
  };
  const replicaSets = (): Promise<ReplicaSet[]> => world.list<ReplicaSet>(REPLICA_SET(''));

  it('another content of a key that is read is a revision with all steps; the old content is a rollback at once', async () => {
    await create('ConfigMap', 'app', { mode: 'fast', other: '1' });
    await create('ConfigMap', 'neighbour', { mode: 'fast' });
    await create('Secret', 'keys', { PASSWORD });
    await world.create(reading());
    const first = await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    expect(condition(first, 'ConfigResolved')?.status).toBe('True');
    expect(gets.filter((get) => /ConfigMap|Secret/.test(get))).toEqual(['ConfigMap app', 'Secret keys']);

    await world.patch(CONFIG_MAP('app'), { data: { mode: 'careful' } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with half of the pods on the new content');
    await world.seeEvent('Normal', 'RolloutUpdated', 'Rollout updated to revision 2 (ConfigMap "app" changed)');
    expect(await replicaSets()).toHaveLength(2);

    await world.patch(CONFIG_MAP('app'), { data: { mode: 'fast' } });
    const back = (r: Rollout): boolean => isHealthy(r) && r.status?.currentPodHash === first.status?.stableRS;
    await world.see<Rollout>(FRAUD, back, 'healthy on the first ReplicaSet');
    expect(await replicaSets()).toHaveLength(2);
  });

  it('nothing that no container reads starts one, and no value of a Secret is to be seen anywhere', async () => {
    await create('ConfigMap', 'app', { mode: 'fast', other: '1' });
    await create('Secret', 'keys', { PASSWORD });
    await world.create(reading());
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    await world.patch(CONFIG_MAP('app'), { data: { other: '2' }, metadata: { labels: { team: 'ml' } } });
    await world.patch(SECRET('keys'), { stringData: { PASSWORD: `${PASSWORD}-2` } });
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused because of the Secret');
    await world.seeEvent('Normal', 'RolloutUpdated', 'Rollout updated to revision 2 (Secret "keys" changed)');
    const shown = JSON.stringify([
      await world.list(FRAUD),
      await replicaSets(),
      await world.list({ apiVersion: 'v1', kind: 'Event' }),
    ]);
    expect(shown).not.toContain(PASSWORD);
    expect(shown).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(0, 12));
  });

  it('waits for what is missing, names it, and starts when it is there', async () => {
    await create('ConfigMap', 'app', { other: '1' });
    await world.create(reading({ revisionTriggers: ['ConfigMap'] }));
    const says = (text: string) => (r: Rollout) => r.status?.message?.includes(text) === true;
    await world.see<Rollout>(FRAUD, says('ConfigMissing: ConfigMap "app" has no key "mode"'), 'waiting for a key');
    await world.seeEvent('Warning', 'ConfigMissing', 'ConfigMap "app" has no key "mode": add it');
    expect(await replicaSets()).toEqual([]);
    await world.patch(CONFIG_MAP('app'), { data: { mode: 'fast' } });
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
    expect(gets.filter((get) => get.startsWith('Secret'))).toEqual([]);
  });

  it('watches by metadata alone: the content of the other Secrets never leaves the API server', async () => {
    await create('Secret', 'keys', { PASSWORD });
    const { informer, release } = world.informers.acquire(CONFIG_RESOURCES.Secret, { metadataOnly: true });
    await informer.waitForSync(AbortSignal.timeout(10_000));
    const seen = informer.get(`${world.namespace}/keys`);
    expect([seen?.kind, seen?.metadata.name, seen?.['data']]).toEqual(['Secret', 'keys', undefined]);
    release();
  });
});
