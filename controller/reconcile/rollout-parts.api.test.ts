import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { condition, isHealthy, isPausedAt, ROLLOUT, rollout, template } from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import type { Rollout } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, PODS_TO_UPDATE_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';

const FRAUD = ROLLOUT('fraud');
const POD = { apiVersion: 'v1', kind: 'Pod' };
const REPLICA_SETS = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
const CANARY = {
  steps: [{ setWeight: 50 }, { pause: {} }],
  stableMetadata: { labels: { role: 'stable' } },
  canaryMetadata: { labels: { role: 'canary' }, annotations: { 'example.com/note': 'under test' } },
  antiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: { weight: 50 } },
};

describe('labels and anti-affinity of a version on a real API server', () => {
  let world: World;
  let stopNodes: () => void;
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    stopNodes = fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController();
    await world.create(rollout({ replicas: 2, spec: { strategy: { canary: CANARY } } }));
    await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
  });
  afterEach(async () => {
    stopNodes();
    await world.close();
  });

  /** Uids of the pods that stay, by their label and annotation, of one version. */
  const pods = async (hash: string | undefined): Promise<Map<string, string>> => {
    const all = await world.list<KubeObject>(POD);
    const own = all.filter(
      ({ metadata }) => metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash && metadata.deletionTimestamp === undefined,
    );
    return new Map(
      own.map(({ metadata: { uid = '', labels, annotations } }) => [
        uid,
        `${labels?.['role']}/${annotations?.['example.com/note']}`,
      ]),
    );
  };
  /** Every note of pods that may be otherwise is gone. */
  const settled = async (): Promise<void> => {
    for (const rs of await world.list<KubeObject>(REPLICA_SETS)) {
      const name = { ...REPLICA_SETS, name: rs.metadata.name };
      await world.see(name, (o) => o.metadata.annotations?.[PODS_TO_UPDATE_ANNOTATION] === undefined, 'settled');
    }
  };

  it('move with the part of the version, and no pod is made anew for it', async () => {
    const [first] = await world.list<Rollout>(FRAUD);
    const stable = first?.status?.stableRS;
    expect([...(await pods(stable)).values()]).toEqual(['stable/undefined', 'stable/undefined']);

    await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
    const paused = await world.see<Rollout>(FRAUD, isPausedAt(1), 'paused');
    const tested = paused.status?.currentPodHash;
    const before = await pods(tested);
    expect([...before.values()]).toEqual(['canary/under test']);
    const [pod] = (await world.list<KubeObject>(POD)).filter(
      ({ metadata }) => metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === tested,
    );
    const { affinity } = (pod?.['spec'] ?? {}) as { affinity?: object };
    expect(JSON.stringify(affinity)).toContain(`"values":["${stable}"]`);

    await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
    await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.stableRS === tested, 'promoted');
    await settled();
    const after = await pods(tested);
    expect([...after.values()]).toEqual(['stable/undefined', 'stable/undefined']);
    expect([...before.keys()].every((uid) => after.has(uid))).toBe(true);
  });

  it('follow an edit of the spec at once', async () => {
    const [first] = await world.list<Rollout>(FRAUD);
    const before = await pods(first?.status?.stableRS);
    await world.patch(FRAUD, { spec: { strategy: { canary: { stableMetadata: { labels: { role: 'serves' } } } } } });
    const [rs] = await world.list<KubeObject>(REPLICA_SETS);
    const name = { ...REPLICA_SETS, name: rs?.metadata.name ?? '' };
    const roleOf = (o: KubeObject): boolean => JSON.stringify(o['spec']).includes('"role":"serves"');
    await world.see(name, roleOf, 'labelled');
    await settled();
    const after = await pods(first?.status?.stableRS);
    expect([[...after.keys()].sort(), [...after.values()]]).toEqual([
      [...before.keys()].sort(),
      ['serves/undefined', 'serves/undefined'],
    ]);
  });

  it('that would move a pod out of the Rollout are refused by name', async () => {
    await world.patch(FRAUD, { spec: { strategy: { canary: { canaryMetadata: { labels: { app: 'other' } } } } } });
    const invalid = await world.see<Rollout>(FRAUD, (r) => condition(r, 'InvalidSpec')?.status === 'True', 'invalid');
    expect(invalid.status?.message).toContain('spec.strategy.canary.canaryMetadata.labels["app"]');
  });
});
