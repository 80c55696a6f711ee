import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishPod, PODS, pod } from '../../test/application-pods.ts';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSynced } from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';
import type { KubeClient } from '../kube/types.ts';

const NAMESPACE = 'app-hook-deletion';
const FINALIZER = 'resources-finalizer.slipway.dev';

let world: ApplicationWorld;
/** Happens right after a hook was made, before the pass can write that down. */
let onMade: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const client = (real: KubeClient): KubeClient => ({
    ...real,
    apply: async (resource, object, options) => {
      const made = await real.apply(resource, object, options);
      if (resource.kind === 'Pod' && options.dryRun !== true) await onMade?.();
      return made;
    },
  });
  world = await ApplicationWorld.open(NAMESPACE, { client });
  await world.start();
});
afterAll(() => world.close());

const hook = (name: string, phase: string): string => pod(name, { 'slipway.dev/hook': phase });
const runs =
  (hookName: string) =>
  ({ status }: Application): boolean =>
    status?.operationState?.hooks?.some(({ name, hookPhase }) => name === hookName && hookPhase === 'Running') ?? false;
/** An Application whose first commit is synced, and whose second waits for a hook. */
async function waiting(name: string, suffix = ''): Promise<void> {
  await world.push({ [`${name}/c.yaml`]: configMap(`${name}-c`) });
  await world.createApplication({ name, path: name, automated: {} });
  await world.until(isSynced, name);
  await world.patchApplication({ metadata: { finalizers: [`${FINALIZER}${suffix}`] } }, name);
  await world.push({
    [`${name}/pre.json`]: hook(`${name}-check`, 'PreSync'),
    [`${name}/sync.json`]: hook(`${name}-migrate`, 'Sync'),
    [`${name}/d.yaml`]: configMap(`${name}-d`),
  });
  await finishPod(world, `${name}-check`);
  await world.until(runs(`${name}-migrate`), name);
}

describe('an Application that is deleted in the middle of a sync', () => {
  it('ends its hooks first, those that run and those that are over, and then deletes the rest', async () => {
    await waiting('mid');
    const sent = world.writes.length;
    await world.deleteApplication('mid');
    await world.untilGone('mid');
    const deleted = world.writes.slice(sent).filter((write) => /^(apply|delete) /.test(write));
    expect(deleted.slice(0, 2).sort()).toEqual([
      `delete pods ${NAMESPACE}/mid-check`,
      `delete pods ${NAMESPACE}/mid-migrate`,
    ]);
    expect(deleted.slice(2).sort()).toEqual([
      `delete configmaps ${NAMESPACE}/mid-c`,
      `delete configmaps ${NAMESPACE}/mid-d`,
    ]);
    for (const name of ['mid-check', 'mid-migrate']) expect(await world.read(PODS, name)).toBeUndefined();
    await world.untilEvent('Normal Deleting: deleting 4 objects (foreground)', 'mid');
  });

  it('waits for a hook that does not go, names it, and goes on after a restart', async () => {
    await waiting('stuck');
    const patch = (finalizers: string[] | null): Promise<void> =>
      world.patch(PODS, 'stuck-migrate', { metadata: { finalizers } });
    await patch(['example.test/hold']);
    await world.deleteApplication('stuck');
    const waits = `waiting for Pod ${NAMESPACE}/stuck-migrate: being deleted since`;
    const stuck = await world.until(({ status }) => status?.message?.includes(waits) ?? false, 'stuck');
    expect(stuck.status?.resources?.map(({ name }) => name)).toEqual(['stuck-c', 'stuck-d']);
    await world.stop();
    await world.start();
    expect((await world.read(CONFIG_MAPS, 'stuck-c'))?.metadata.deletionTimestamp).toBeUndefined();
    await patch(null);
    await world.untilGone('stuck');
    expect(await world.read(CONFIG_MAPS, 'stuck-c')).toBeUndefined();
  });

  it('knows also the hook that it made at that very moment', async () => {
    await world.push({ 'race/c.yaml': configMap('race-c') });
    await world.createApplication({ name: 'race', path: 'race', automated: {} });
    await world.until(isSynced, 'race');
    await world.patchApplication({ metadata: { finalizers: [FINALIZER] } }, 'race');
    onMade = async () => {
      onMade = undefined;
      await world.deleteApplication('race');
    };
    await world.push({ 'race/pre.json': hook('race-check', 'PreSync'), 'race/d.yaml': configMap('race-d') });
    await world.untilGone('race');
    expect(world.writes).toContain(`apply pods ${NAMESPACE}/race-check`);
    expect(await world.read(PODS, 'race-check')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'race-c')).toBeUndefined();
  });

  it('leaves its hooks as they are where its objects stay', async () => {
    await waiting('keep', '/orphan');
    await world.deleteApplication('keep');
    await world.untilGone('keep');
    const left = await world.read(PODS, 'keep-migrate');
    expect(left?.metadata.deletionTimestamp).toBeUndefined();
    expect(left?.metadata.annotations?.[TRACKING_ANNOTATION]).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'keep-c')).toBeDefined();
  });
});
