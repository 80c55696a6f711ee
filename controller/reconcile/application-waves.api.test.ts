import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishPod, PODS, pod, podOf } from '../../test/application-pods.ts';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSyncedTo } from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';
import type { ResourceInfo } from '../kube/types.ts';

function annotated(name: string, annotations: Record<string, string>): string {
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data: {} })}\n`;
}

function hookPod(metadata: object, hook: string, more: Record<string, string> = {}): string {
  return podOf({ ...metadata, annotations: { 'argocd.argoproj.io/hook': hook, ...more } });
}

const wave = (number: string): Record<string, string> => ({ 'argocd.argoproj.io/sync-wave': number });

describe('waves and hooks', () => {
  let world: ApplicationWorld;

  beforeAll(async () => {
    world = await ApplicationWorld.open('application-waves');
    await world.start();
  });
  afterAll(() => world.close());

  const operation = (app: Application): NonNullable<NonNullable<Application['status']>['operationState']> | undefined =>
    app.status?.operationState;
  const uidOf = async (resource: ResourceInfo, name: string): Promise<string | undefined> =>
    (await world.read(resource, name))?.metadata.uid;
  it('a wave waits for the health of the one before, and says for what', async () => {
    const commit = await world.push({
      'waves/first.yaml': pod('first', wave('-1')),
      'waves/second.yaml': configMap('second'),
    });
    await world.createApplication({ name: 'waves', path: 'waves', automated: {} });
    const waiting = await world.until((app) => operation(app)?.message?.includes('waits for') ?? false, 'waves');
    expect(operation(waiting)).toMatchObject({ phase: 'Running', syncPhase: 'Sync', wave: -1 });
    expect(operation(waiting)?.message).toMatch(/^wave -1 waits for Pod application-waves\/first \(/);
    expect(condition(waiting, 'Synced')).toMatchObject({ status: 'False', reason: 'Syncing' });
    expect(await world.read(CONFIG_MAPS, 'second')).toBeUndefined();
    await finishPod(world, 'first', 'Succeeded');
    const synced = await world.until(isSyncedTo(commit), 'waves');
    expect(operation(synced)).not.toHaveProperty('syncPhase');
    expect(synced.status?.resources?.find(({ name }) => name === 'first')?.syncWave).toBe(-1);
  });

  it('a newer commit ends the wait', async () => {
    await world.push({
      'newer/a.yaml': pod('stuck', wave('0')),
      'newer/b.yaml': annotated('after', { 'slipway.dev/sync-wave': '1' }),
    });
    await world.createApplication({ name: 'newer', path: 'newer', automated: { prune: true } });
    await world.until((app) => operation(app)?.message?.includes('waits for') ?? false, 'newer');
    const commit = await world.push({ 'newer/a.yaml': null });
    await world.until(isSyncedTo(commit), 'newer');
    expect(await world.read(CONFIG_MAPS, 'after')).toBeDefined();
  });

  it('a wave that does not become healthy in time fails the sync, and goes on when it does', async () => {
    const commit = await world.push({
      'late/a.yaml': pod('late', wave('0')),
      'late/b.yaml': annotated('at-last', { 'slipway.dev/sync-wave': '1' }),
    });
    await world.createApplication({ name: 'late', path: 'late', automated: {}, syncPolicy: { waveTimeout: '20s' } });
    const failed = await world.until((app) => operation(app)?.phase === 'Failed', 'late');
    expect(condition(failed, 'Synced').reason).toBe('WaveTimeout');
    expect(operation(failed)?.message).toContain('wave 0 took longer than 20 s');
    await finishPod(world, 'late', 'Succeeded');
    await world.until(isSyncedTo(commit), 'late');
  });

  it('PreSync runs first, PostSync last, and a finished hook goes as its policy says', async () => {
    const commit = await world.push({
      'hooks/pre.yaml': hookPod({ name: 'migrate' }, 'PreSync', {
        'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded',
      }),
      'hooks/post.yaml': hookPod({ generateName: 'notify-' }, 'PostSync'),
      'hooks/main.yaml': configMap('main'),
    });
    await world.createApplication({ name: 'hooks', path: 'hooks', automated: { prune: true } });
    const pre = await world.until((app) => operation(app)?.hooks?.[0]?.hookPhase === 'Running', 'hooks');
    expect(operation(pre)).toMatchObject({ phase: 'Running', syncPhase: 'PreSync' });
    expect(await world.read(CONFIG_MAPS, 'main')).toBeUndefined();
    await finishPod(world, 'migrate', 'Succeeded');
    const post = await world.until((app) => operation(app)?.hooks?.[1]?.hookPhase === 'Running', 'hooks');
    expect(await world.read(CONFIG_MAPS, 'main')).toBeDefined();
    const name = operation(post)?.hooks?.[1]?.name ?? '';
    expect(name).toMatch(new RegExp(`^notify-${commit.slice(0, 7)}-postsync-\\d+$`));
    await finishPod(world, name, 'Succeeded');
    const synced = await world.until((app) => operation(app)?.phase === 'Succeeded', 'hooks');
    await world.untilObject(PODS, 'migrate', (pod) => pod === undefined);
    expect(await world.read(PODS, name)).toBeDefined();
    // Hooks are no part of what the Application keeps equal to Git.
    expect(synced.status?.resources?.map((entry) => entry.name)).toEqual(['main']);
  });

  it('a hook that failed stops the sync, runs SyncFail, and is made anew when it is tried again', async () => {
    await world.push({
      'fails/pre.yaml': hookPod({ name: 'check' }, 'PreSync'),
      'fails/fail.yaml': hookPod({ name: 'alarm' }, 'SyncFail'),
      'fails/main.yaml': configMap('guarded'),
    });
    await world.createApplication({ name: 'fails', path: 'fails', automated: {} });
    await finishPod(world, 'check', 'Failed');
    const first = await uidOf(PODS, 'check');
    const failed = await world.until((app) => operation(app)?.phase === 'Failed', 'fails');
    expect(condition(failed, 'Synced')).toMatchObject({ reason: 'HookFailed' });
    expect(operation(failed)?.message).toContain('PreSync: hook Pod application-waves/check (');
    expect(await world.read(CONFIG_MAPS, 'guarded')).toBeUndefined();
    await world.untilObject(PODS, 'alarm', (pod) => pod !== undefined);
    await world.untilObject(PODS, 'check', (pod) => pod !== undefined && pod.metadata.uid !== first);
    await finishPod(world, 'check', 'Succeeded');
    await world.until((app) => operation(app)?.phase === 'Succeeded', 'fails');
    expect(await world.read(CONFIG_MAPS, 'guarded')).toBeDefined();
  });

  it('a restart neither runs a hook twice nor takes its result for that of another sync', async () => {
    await world.push({
      'restart/pre.yaml': hookPod({ name: 'once' }, 'PreSync'),
      'restart/main.yaml': configMap('kept'),
    });
    await world.createApplication({ name: 'restart', path: 'restart', automated: {} });
    await world.until((app) => operation(app)?.hooks?.[0]?.hookPhase === 'Running', 'restart');
    const uid = await uidOf(PODS, 'once');
    await world.stop();
    await finishPod(world, 'once', 'Succeeded');
    await world.start();
    await world.until((app) => operation(app)?.phase === 'Succeeded', 'restart');
    expect(await uidOf(PODS, 'once')).toBe(uid);
    const next = await world.push({ 'restart/main.yaml': configMap('kept', { key: 'other' }) });
    await world.untilObject(PODS, 'once', (pod) => pod !== undefined && pod.metadata.uid !== uid);
    await finishPod(world, 'once', 'Succeeded');
    await world.until(isSyncedTo(next), 'restart');
  });

  it('what is gone from Git is deleted wave by wave, the last first', async () => {
    const held = { finalizers: ['example.com/hold'] };
    const waved = (name: string, wave: string, more: object = {}): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, annotations: { 'slipway.dev/sync-wave': wave }, ...more },
      });
    await world.push({
      'gone/a.yaml': waved('lower', '1'),
      'gone/b.yaml': waved('upper', '2', held),
      'gone/c.yaml': configMap('base'),
    });
    await world.createApplication({ name: 'gone', path: 'gone', automated: { prune: true } });
    await world.until((app) => operation(app)?.phase === 'Succeeded', 'gone');
    const commit = await world.push({ 'gone/a.yaml': null, 'gone/b.yaml': null });
    await world.untilObject(CONFIG_MAPS, 'upper', (object) => object?.metadata.deletionTimestamp !== undefined);
    await world.until((app) => operation(app)?.revision === commit && operation(app)?.phase === 'Running', 'gone');
    expect((await world.read(CONFIG_MAPS, 'lower'))?.metadata.deletionTimestamp).toBeUndefined();
    await world.patch(CONFIG_MAPS, 'upper', { metadata: { finalizers: null } });
    await world.until(isSyncedTo(commit), 'gone');
    expect(await world.read(CONFIG_MAPS, 'lower')).toBeUndefined();
  });

  it('PruneLast deletes after everything else is healthy', async () => {
    await world.push({
      'last/old.yaml': annotated('old', { 'argocd.argoproj.io/sync-options': 'PruneLast=true' }),
      'last/base.yaml': configMap('last-base'),
    });
    await world.createApplication({ name: 'last', path: 'last', automated: { prune: true } });
    await world.until((app) => operation(app)?.phase === 'Succeeded', 'last');
    const commit = await world.push({ 'last/old.yaml': null, 'last/new.yaml': pod('replacement', wave('0')) });
    await world.until((app) => operation(app)?.message?.includes('waits for Pod') ?? false, 'last');
    expect(await world.read(CONFIG_MAPS, 'old')).toBeDefined();
    await finishPod(world, 'replacement', 'Succeeded');
    await world.until(isSyncedTo(commit), 'last');
    expect(await world.read(CONFIG_MAPS, 'old')).toBeUndefined();
  });
});
