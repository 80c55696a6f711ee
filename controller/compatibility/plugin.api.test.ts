import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  ARGO_ROLLOUT,
  type ArgoRollout,
  argoPlugin,
  argoRollout,
  installArgoRollouts,
  isArgoHealthy,
  isArgoPausedAt,
} from '../../test/rollouts/argo.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';

const FRAUD = ARGO_ROLLOUT('fraud');
const STEPS = [{ setWeight: 50 }, { pause: {} }, { setWeight: 75 }, { pause: {} }];

describe('the plugin kubectl argo rollouts, unmodified', () => {
  let world: World;

  beforeAll(() => installArgoRollouts(inject('kubeconfig')));
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    fakeNodes(world.client, world.informers.acquire(PODS).informer);
    await world.startController({ compatibility: {} });
  });
  afterEach(() => world.close());

  const plugin = (...args: string[]) => argoPlugin(world.namespace, ...args);
  /** Runs it and wants it to succeed. */
  const done = async (...args: string[]): Promise<string> => {
    const { said, code } = await plugin(...args);
    expect({ said, code }).toMatchObject({ code: 0 });
    return said;
  };
  const see = (wanted: (one: ArgoRollout) => boolean, what: string): Promise<ArgoRollout> =>
    world.see<ArgoRollout>(FRAUD, wanted, what);
  const healthy = (): Promise<ArgoRollout> => see(isArgoHealthy, 'healthy');
  const image = (one: ArgoRollout): unknown =>
    (one['spec'] as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image;
  /** A canary of server:2 over server:1 that waits at its first pause. */
  const paused = async (): Promise<ArgoRollout> => {
    await world.create(argoRollout({ routed: false, steps: STEPS }));
    await healthy();
    await done('set', 'image', 'fraud', 'server=server:2');
    return see(isArgoPausedAt(1), 'at its first pause');
  };

  it('gets a release with its steps, versions and pods', async () => {
    const { status } = await paused();
    const said = await done('get', 'rollout', 'fraud', '--no-color');
    expect(said).toMatch(/Status:\s+॥ Paused/);
    expect(said).toMatch(/Message:\s+CanaryPauseStep/);
    expect(said).toMatch(/Step:\s+1\/4/);
    expect(said).toMatch(/SetWeight:\s+50/);
    expect(said).toMatch(/ActualWeight:\s+50/);
    expect(said).toMatch(/server:1 \(stable\)/);
    expect(said).toMatch(/server:2 \(canary\)/);
    const line = (revision: number, hash: string | undefined, part: string): RegExp =>
      new RegExp(`# revision:${revision}\\s+(│\\s+)?└──⧉ fraud-${hash}\\s+ReplicaSet\\s+✔ Healthy\\s+\\S+\\s+${part}`);
    expect(said).toMatch(line(2, status?.currentPodHash, 'canary'));
    expect(said).toMatch(line(1, status?.stableRS, 'stable'));
    expect(await done('list', 'rollouts')).toMatch(/fraud\s+Canary\s+Paused\s+1\/4\s+50/);
  });

  it('says the status, and with its exit code whether it is bad', async () => {
    await paused();
    expect(await plugin('status', 'fraud', '--watch=false')).toMatchObject({
      code: 0,
      said: 'Paused - CanaryPauseStep\n',
    });
    await done('abort', 'fraud');
    await see((one) => one.status?.phase === 'Degraded', 'aborted');
    const { said, code } = await plugin('status', 'fraud', '--watch=false');
    expect(said).toBe(
      'Degraded\nError: The rollout is in a degraded state with message: RolloutAborted: Rollout aborted by request\n',
    );
    expect(code).toBe(1);
  });

  it('promotes step by step to the end', async () => {
    await paused();
    expect(await done('promote', 'fraud')).toBe("rollout 'fraud' promoted\n");
    await see(isArgoPausedAt(3), 'at its second pause');
    await done('promote', 'fraud');
    expect(await done('status', 'fraud', '--timeout', '60s')).toMatch(/Healthy\n$/);
    expect((await healthy()).status).toMatchObject({ currentStepIndex: 4 });
  });

  it('promotes in full', async () => {
    const { status } = await paused();
    expect(await done('promote', 'fraud', '--full')).toBe("rollout 'fraud' fully promoted\n");
    expect((await healthy()).status).toMatchObject({ stableRS: status?.currentPodHash });
  });

  it('aborts, and tries again', async () => {
    await paused();
    expect(await done('abort', 'fraud')).toBe("rollout 'fraud' aborted\n");
    const aborted = await see((one) => one.status?.phase === 'Degraded', 'aborted');
    expect(aborted.status).toMatchObject({ abort: true, currentStepIndex: 0 });
    expect(await done('retry', 'rollout', 'fraud')).toBe("rollout 'fraud' retried\n");
    await see(isArgoPausedAt(1), 'at its first pause again');
  });

  it('goes back to the version before, and to one by its number', async () => {
    const { status } = await paused();
    await done('promote', 'fraud', '--full');
    await healthy();
    expect(await done('undo', 'fraud')).toBe("rollout 'fraud' undo\n");
    const back = await see(isArgoPausedAt(1), 'on the way back');
    expect(image(back)).toBe('server:1');
    expect(back.metadata.annotations).toMatchObject({ 'rollout.argoproj.io/revision': '3' });
    // The pods of the version that served are the same ones: its ReplicaSet is used again.
    expect(back.status).toMatchObject({ stableRS: status?.currentPodHash, currentPodHash: status?.stableRS });
    await done('undo', 'fraud', '--to-revision', '2');
    const again = await healthy();
    expect(image(again)).toBe('server:2');
    expect(again.status).toMatchObject({ stableRS: status?.currentPodHash, currentStepIndex: 4 });
  });

  it('restarts all pods', async () => {
    await world.create(argoRollout({ routed: false }));
    await healthy();
    const before = (await world.list({ apiVersion: 'v1', kind: 'Pod' })).map(({ metadata }) => metadata.uid);
    // The time has whole seconds: pods of the same second would not be older.
    expect(await done('restart', 'fraud', '--in', '2s')).toBe("rollout 'fraud' restarts in 2s\n");
    const restarted = (one: ArgoRollout): boolean =>
      isArgoHealthy(one) && one.status?.['restartedAt'] === (one['spec'] as { restartAt?: string }).restartAt;
    await see((one) => restarted(one) && one.status?.['restartedAt'] !== undefined, 'restarted');
    const after = await world.list({ apiVersion: 'v1', kind: 'Pod' });
    const alive = after.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(alive).toHaveLength(2);
    for (const { metadata } of alive) expect(before).not.toContain(metadata.uid);
  });

  it('pauses by the spec, and promotes from there', async () => {
    await world.create(argoRollout({ routed: false, steps: [{ setWeight: 50 }] }));
    await healthy();
    expect(await done('pause', 'fraud')).toBe("rollout 'fraud' paused\n");
    await see((one) => one.status?.phase === 'Paused', 'paused');
    expect(await done('status', 'fraud', '--watch=false')).toBe('Paused - manually paused\n');
    await done('set', 'image', 'fraud', 'server=server:2');
    await see((one) => one.status?.observedGeneration === String(one.metadata.generation), 'seen');
    expect(await done('promote', 'fraud')).toBe("rollout 'fraud' promoted\n");
    expect(image(await healthy())).toBe('server:2');
  });
});
