import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { ArgoRollout } from '../../test/rollouts/argo.ts';
import {
  ARGO_ROLLOUT,
  argoPlugin,
  argoRollout,
  installArgoRollouts,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { BROKEN_ANNOTATION } from '../../test/rollouts/fake-nodes.ts';
import { SERVICE, selectedHash, service, template } from '../../test/rollouts/fixtures.ts';
import { openTakeoverWorld, type TakeoverWorld } from '../../test/rollouts/takeover-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { Service } from '../rollout/snapshot.ts';

const FRAUD = ARGO_ROLLOUT('fraud');
const STEPS = [{ setWeight: 25 }, { pause: {} }, { setWeight: 50 }, { pause: {} }];

describe('a canary that Argo Rollouts has left', () => {
  let t: TakeoverWorld;

  beforeAll(() => installArgoRollouts(inject('kubeconfig')));
  beforeEach(async () => {
    t = await openTakeoverWorld();
  });
  afterEach(() => t.close());

  it('goes on where a canary stands, with the same pods and the same number of them', async () => {
    for (const name of ['fraud-stable', 'fraud-canary']) await t.world.create(service(name, 'fraud'));
    const one = argoRollout({ replicas: 4, routed: false, steps: STEPS });
    const { strategy } = one['spec'] as { strategy: { canary: object } };
    Object.assign(strategy.canary, { stableService: 'fraud-stable', canaryService: 'fraud-canary' });
    await t.world.create(one);
    await t.healthy();
    await t.change('server:2');
    const left = await t.see(isArgoPausedAt(1), 'at its first pause');

    const { rollout } = await t.takeOver();
    for (const field of [
      'currentStepIndex',
      'currentStepHash',
      'currentPodHash',
      'stableRS',
      'pauseConditions',
      'phase',
    ]) {
      expect(rollout.status?.[field]).toEqual(left.status?.[field]);
    }
    const pointsAt = async (name: string): Promise<unknown> =>
      selectedHash(await t.world.see<Service>(SERVICE(name), () => true, 'there'));
    expect(await pointsAt('fraud-stable')).toBe(left.status?.stableRS);
    expect(await pointsAt('fraud-canary')).toBe(left.status?.currentPodHash);

    await t.promote();
    await t.see(isArgoPausedAt(3), 'at its second pause');
    await t.promote();
    const done = await t.healthy();
    expect(done.status).toMatchObject({ currentStepIndex: 4, stableRS: left.status?.currentPodHash });
  });

  it('waits on for the pods of a step that is under way', async () => {
    const broken = { [BROKEN_ANNOTATION]: 'yes' };
    await t.world.create(argoRollout({ replicas: 4, routed: false, steps: STEPS }));
    await t.healthy();
    await t.world.patch(FRAUD, { spec: { template: template('fraud', 'server:2', broken) } });
    await t.see(
      ({ status }) =>
        status?.['updatedReplicas'] === 1 && status['replicas'] === 4 && status['availableReplicas'] === 3,
      'with one pod of the new version, which does not start',
    );
    const { rollout } = await t.takeOver();
    expect(rollout.status).toMatchObject({ currentStepIndex: 0, phase: 'Progressing', updatedReplicas: 1 });
  });

  it('keeps an aborted canary aborted, and a finished one finished', async () => {
    await t.world.create(argoRollout({ replicas: 3, routed: false, steps: STEPS }));
    const first = await t.healthy();
    await t.change('server:2');
    await t.see(isArgoPausedAt(1), 'at its first pause');
    await argoPlugin(t.world.namespace, 'abort', 'fraud');
    const is = (replicas: number) => (one: ArgoRollout) =>
      one.status?.phase === 'Degraded' && one.status['replicas'] === replicas && one.status['availableReplicas'] === 3;
    await t.see(is(3), 'back on the first version');
    const { rollout, controller } = await t.takeOver();
    expect(rollout.status).toMatchObject({ abort: true, phase: 'Degraded', stableRS: first.status?.stableRS });
    // Going back to what serves heals it, still without a new pod.
    const before = await t.pods();
    await t.change('server:1');
    await t.healthy();
    expect(await t.pods()).toEqual(before);
    await controller.stop();
  });

  it('can be given back in the middle of a canary', async () => {
    await t.world.create(argoRollout({ replicas: 4, routed: false, steps: STEPS }));
    await t.healthy();
    await t.change('server:2');
    await t.see(isArgoPausedAt(1), 'at its first pause');
    const { controller } = await t.takeOver();
    await t.promote();
    const ours = await t.see(isArgoPausedAt(3), 'at its second pause');
    await controller.stop();
    const before = await t.pods();
    await t.giveBack();
    await t.promote();
    const done = await t.healthy();
    expect(done.status).toMatchObject({ currentStepIndex: 4, stableRS: ours.status?.currentPodHash });
    const kept = (await t.pods()).filter((uid) => before.includes(uid));
    // The two pods of the new version stayed.
    expect(kept.length).toBeGreaterThanOrEqual(2);
  });

  it('keeps the labels and the anti-affinity of a release, and takes them on', async () => {
    const required = { requiredDuringSchedulingIgnoredDuringExecution: {} };
    const canary = {
      steps: STEPS,
      antiAffinity: required,
      canaryMetadata: { labels: { role: 'canary' }, annotations: { team: 'risk' } },
      stableMetadata: { labels: { role: 'stable' } },
    };
    await t.world.create(argoRollout({ replicas: 4, routed: false, spec: { strategy: { canary } } }));
    await t.healthy();
    await t.change('server:2');
    await t.see(isArgoPausedAt(1), 'at its first pause');
    const roles = async (): Promise<string[]> => {
      const all = await t.world.list({ apiVersion: 'v1', kind: 'Pod' });
      return all
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.labels?.['role'] ?? '');
    };
    expect((await roles()).sort()).toEqual(['canary', 'stable', 'stable', 'stable']);
    const before = await t.pods();
    await t.takeOver();
    await t.promote();
    await t.see(isArgoPausedAt(3), 'at its second pause');
    await t.promote();
    await t.healthy();
    await eventually(async () => expect(await roles()).toEqual(['stable', 'stable', 'stable', 'stable']));
    // The first pod of the new version is still the same.
    expect((await t.pods()).filter((uid) => before.includes(uid)).length).toBeGreaterThanOrEqual(1);
  });
});
