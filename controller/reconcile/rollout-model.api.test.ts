import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { FakeRegistry } from '../../test/rollouts/fake-registry.ts';
import { condition, isHealthy, isPausedAt, REPLICA_SET, ROLLOUT, rollout } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FRAUD = ROLLOUT('fraud');
const STEPS = [{ setWeight: 50 }, { pause: {} }];

describe('a Rollout of model versions', () => {
  let world: World;
  let registry: FakeRegistry;

  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    registry = new FakeRegistry();
    registry.versions.set('7', 'READY');
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController({ registries: registry });
  });
  afterEach(() => world.close());

  const model = (version: string) => ({
    registry: { kind: 'ModelRegistry' as const, name: 'mlflow' },
    name: 'fraud',
    version,
    writeBack: { canaryAlias: 'challenger', stableAlias: 'champion', tags: true },
  });
  const start = async (): Promise<void> => {
    await world.create(rollout({ routed: false, steps: STEPS, spec: { model: model('7') } }));
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.model?.stable?.version === '7', 'serving 7');
  };
  const ask = (version: string): Promise<unknown> => world.patch(FRAUD, { spec: { model: { version } } });
  const seeUnresolved = (what: string): Promise<Rollout> => {
    const says = (r: Rollout): boolean => {
      const resolved = condition(r, 'ModelResolved');
      return resolved !== undefined && resolved.status !== 'True' && resolved.message.includes(what);
    };
    return world.see<Rollout>(FRAUD, says, `that says ${what}`);
  };
  const replicaSets = async (): Promise<number> => (await world.list<ReplicaSet>(REPLICA_SET(''))).length;

  it('gives the version to the pods, and tells the registry what serves', async () => {
    await start();
    const [replicaSet] = await world.list<ReplicaSet>(REPLICA_SET(''));
    expect(replicaSet?.spec.template.metadata?.annotations).toMatchObject({ 'slipway.dev/model': 'fraud/7' });
    expect(JSON.stringify(replicaSet?.spec.template)).toContain('"value":"models:/fraud/7"');
    await world.see<Rollout>(FRAUD, (r) => condition(r, 'ModelWriteBack')?.status === 'True', 'written back');
    expect(Object.fromEntries(registry.aliases)).toEqual({ champion: '7' });
  });

  it('does not start a version that does not exist, and starts it when it is registered', async () => {
    await start();
    await ask('8');
    await seeUnresolved('has no version 8');
    expect(await replicaSets()).toBe(1);
    registry.versions.set('8', 'PENDING');
    await seeUnresolved('is PENDING');
    registry.versions.set('8', 'READY');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with the new version');
  });

  it('goes on with what runs while the registry is down, and starts the new version afterwards', async () => {
    await start();
    registry.down = true;
    await ask('8');
    await seeUnresolved('connection refused');
    await world.patch(FRAUD, { spec: { replicas: 3 } });
    await world.see<Rollout>(FRAUD, (r) => r.status?.availableReplicas === 3, 'scaled');
    expect(await replicaSets()).toBe(1);
    registry.versions.set('8', 'READY');
    registry.down = false;
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused with the new version');
  });

  it('moves the stable alias only with the verdict', async () => {
    await start();
    registry.versions.set('8', 'READY');
    await ask('8');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused');
    await registry.until(() => registry.aliases.get('challenger') === '8');
    expect(registry.aliases.get('champion')).toBe('7');
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    await registry.until(() => registry.aliases.get('champion') === '8' && !registry.aliases.has('challenger'));
    const written = await world.see<Rollout>(
      FRAUD,
      (r) =>
        condition(r, 'ModelWriteBack')?.status === 'True' && r.status?.model?.writtenBack?.canaryAlias === undefined,
      'with all written back',
    );
    expect(written.status?.model?.writtenBack?.stableAlias).toMatchObject({ version: '8', alias: 'champion' });
    expect(written.status?.model?.stable?.version).toBe('8');
  });

  it('tells why a version was rejected, and promotes nothing', async () => {
    await start();
    registry.versions.set('8', 'READY');
    await ask('8');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused');
    await world.patch(FRAUD, { status: { abort: true } }, 'status');
    const key = `slipway.dev/${world.namespace}.fraud`;
    await registry.until(() => registry.tags.get('8')?.get(`${key}.phase`) === 'rejected');
    expect(registry.tags.get('8')?.get(`${key}.reason`)).toContain('aborted');
    expect(registry.aliases.get('champion')).toBe('7');
  });

  it('is not held up by a registry that cannot be told, and tells it later', async () => {
    registry.readOnly = true;
    await start();
    const failed = await world.see<Rollout>(
      FRAUD,
      (r) => condition(r, 'ModelWriteBack')?.status === 'False',
      'not told',
    );
    expect(condition(failed, 'ModelWriteBack')?.message).toContain('not allowed to write');
    registry.versions.set('8', 'READY');
    await ask('8');
    await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused');
    await world.patch(FRAUD, { status: { promoteFull: true } }, 'status');
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.model?.stable?.version === '8', 'serving 8');
    registry.readOnly = false;
    await registry.until(() => registry.aliases.get('champion') === '8');
    await world.see<Rollout>(FRAUD, (r) => condition(r, 'ModelWriteBack')?.status === 'True', 'written back');
  });
});
