import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishPod, pod } from '../../test/application-pods.ts';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSynced, isSyncedTo } from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open('app-depends-on');
  await world.start();
});
afterAll(() => world.close());

const heldBy =
  (message: string | RegExp) =>
  ({ status }: Application): boolean =>
    status?.automation?.state === 'Held' && expect.stringMatching(message).asymmetricMatch(status.automation.message);
const healthy = (app: Application): boolean => isSynced(app) && app.status?.health?.status === 'Healthy';
const dependsOn = (...names: string[]): { dependsOn: object[] } => ({ dependsOn: names.map((name) => ({ name })) });
const automated = { prune: true, selfHeal: true };

describe('dependsOn', () => {
  it('waits until the other is in sync with its newest commit and healthy, and prunes nothing meanwhile', async () => {
    const first = await world.push({
      'db/p.yaml': pod('db-1'),
      'web/c.yaml': configMap('web', { v: '1' }),
      'web/old.yaml': configMap('old'),
    });
    await world.createApplication({ name: 'web', path: 'web', automated, spec: dependsOn('db') });
    await world.until(
      heldBy('^spec.dependsOn names db, which does not exist here: create it or correct the name$'),
      'web',
    );
    await world.createApplication({ name: 'db', path: 'db', automated });
    const waiting = await world.until(heldBy('^waits for db: is Progressing$'), 'web');
    expect(waiting.status?.message).toMatch(/^held \(waits for db: is Progressing\); /);
    expect(await world.read(CONFIG_MAPS, 'web')).toBeUndefined();
    await finishPod(world, 'db-1', 'Succeeded');
    const done = await world.until(
      (app) => isSyncedTo(first)(app) && app.status?.automation?.state === 'Active',
      'web',
    );
    const history = done.status?.history?.map(({ revision }) => revision);
    expect(history).toEqual([first]);

    // One commit for both: who depends waits, though the other was in order until now.
    world.writes.length = 0;
    const second = await world.push({
      'db/p.yaml': pod('db-2'),
      'web/c.yaml': configMap('web', { v: '2' }),
      'web/old.yaml': null,
    });
    await world.until(heldBy('^waits for db: is Progressing$'), 'web');
    expect([await world.data('web'), await world.data('old')]).toEqual([{ v: '1' }, { key: 'value' }]);
    await world.stop();
    await finishPod(world, 'db-2', 'Succeeded');
    await world.start();
    await world.until(isSyncedTo(second), 'web');
    expect([await world.data('web'), await world.data('old')]).toEqual([{ v: '2' }, undefined]);
    const written = world.writes.filter((write) => /^(apply|delete) (?!.*dry run)/.test(write));
    const ours = written.map((write) => write.replace(`${world.namespace}/`, ''));
    expect(ours.indexOf('apply pods db-2')).toBeLessThan(ours.indexOf('apply configmaps web'));
    expect(ours.filter((write) => write === 'apply configmaps web')).toHaveLength(1);

    // What was let in stays and is kept as it was, whatever becomes of the other; only what is new waits.
    const third = await world.push({ 'db/p.yaml': pod('db-3'), 'db/keep.yaml': configMap('db') });
    await world.until((app) => app.status?.health?.status === 'Progressing', 'db');
    await finishPod(world, 'db-3', 'Failed');
    await world.until((app) => app.status?.health?.status === 'Degraded', 'db');
    const kept = await world.until(isSyncedTo(third), 'web');
    expect(kept.status?.automation?.state).toBe('Active');
    await world.cluster.client.delete(CONFIG_MAPS, `${world.namespace}/web`);
    await world.untilObject(CONFIG_MAPS, 'web', (object) => object !== undefined);
    const fourth = await world.push({ 'web/c.yaml': configMap('web', { v: '4' }) });
    await world.until(heldBy('^waits for db: is Degraded$'), 'web');
    expect(await world.data('web')).toEqual({ v: '2' });
    // Somebody may ask for it all the same.
    await world.patchApplication({ operation: { sync: {} } }, 'web');
    await world.until((app) => isSyncedTo(fourth)(app) && app.status?.automation?.state === 'Active', 'web');
    expect(await world.data('web')).toEqual({ v: '4' });
  });

  it('on itself or in a circle holds all of these, and says which to remove', async () => {
    const commit = await world.push({
      'x/c.yaml': configMap('x'),
      'y/c.yaml': configMap('y'),
      'z/c.yaml': configMap('z'),
    });
    await world.createApplication({ name: 'z', path: 'z', automated, spec: dependsOn('z') });
    await world.until(heldBy('^spec.dependsOn names z itself: remove that$'), 'z');
    await world.createApplication({ name: 'x', path: 'x', automated, spec: dependsOn('y') });
    await world.createApplication({ name: 'y', path: 'y', automated, spec: dependsOn('x') });
    await world.until(heldBy('^spec.dependsOn goes in a circle, x -> y -> x: remove one of these$'), 'x');
    await world.until(heldBy('^spec.dependsOn goes in a circle, y -> x -> y: remove one of these$'), 'y');
    expect([await world.data('x'), await world.data('y'), await world.data('z')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await world.patchApplication({ spec: { dependsOn: null } }, 'z');
    await world.patchApplication({ spec: { dependsOn: null } }, 'y');
    for (const name of ['x', 'y', 'z']) await world.until(isSyncedTo(commit), name);
  });

  it('on one that cannot read Git waits, and ends with it', async () => {
    await world.push({ 'bad/c.yaml': 'kind: [', 'after/c.yaml': configMap('after') });
    await world.createApplication({ name: 'after', path: 'after', automated, spec: dependsOn('bad') });
    await world.createApplication({ name: 'bad', path: 'bad', automated });
    await world.until(heldBy('^waits for bad: is Unknown$'), 'after');
    expect(await world.data('after')).toBeUndefined();
    const good = await world.push({ 'bad/c.yaml': configMap('good') });
    await world.until(isSyncedTo(good), 'after');
    await world.until(healthy, 'bad');
    const broken = await world.push({ 'bad/c.yaml': 'kind: [', 'after/c.yaml': configMap('after', { v: '2' }) });
    await world.until(heldBy('^waits for bad: is Unknown$'), 'after');
    expect(await world.data('after')).toEqual({ key: 'value' });
    await world.deleteApplication('bad');
    await world.until(heldBy('^spec.dependsOn names bad, which does not exist here'), 'after');
    await world.patchApplication({ spec: { dependsOn: [] } }, 'after');
    await world.until(isSyncedTo(broken), 'after');
  });
});
