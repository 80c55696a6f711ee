import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';

/** Git does not only go forward: what is applied is always what the revision says now. */
const NAMESPACE = 'app-git-moves';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const automated = { prune: true };

describe('an Application follows', () => {
  it('a tag that is moved', async () => {
    const first = await world.push({ 'tag/a.yaml': configMap('tag', { v: '1' }) });
    await world.repository.git('tag', '-a', 'stable', '-m', 'one');
    await world.repository.git('push', '-q', 'origin', 'stable');
    await world.createApplication({ name: 'tag', path: 'tag', targetRevision: 'stable', automated });
    await world.until(isSyncedTo(first), 'tag');
    const second = await world.repository.commit({ 'tag/a.yaml': configMap('tag', { v: '2' }) });
    await world.repository.git('tag', '-f', '-a', 'stable', '-m', 'two');
    await world.repository.git('push', '-q', '--force', 'origin', 'stable');
    world.look();
    await world.until(isSyncedTo(second), 'tag');
    expect(await world.data('tag')).toEqual({ v: '2' });
  });

  it('a branch that is rewritten, back to what it was and elsewhere', async () => {
    const branch = 'rewritten';
    const commit = (files: Record<string, string | null>, force = false): Promise<string> =>
      world.repository.commit(files, { branch, force });
    await world.repository.git('checkout', '-q', '-b', branch);
    const first = await commit({ 'force/a.yaml': configMap('force-a', { v: '1' }) });
    await commit({ 'force/a.yaml': configMap('force-a', { v: '2' }), 'force/b.yaml': configMap('force-b') });
    await world.createApplication({ name: 'force', path: 'force', targetRevision: branch, automated });
    await world.until(isSynced, 'force');
    expect(await world.data('force-b')).toBeDefined();

    await world.repository.git('reset', '-q', '--hard', first);
    await world.repository.git('push', '-q', '--force', 'origin', `HEAD:${branch}`);
    world.look();
    await world.until(isSyncedTo(first), 'force');
    expect([await world.data('force-a'), await world.data('force-b')]).toEqual([{ v: '1' }, undefined]);

    const other = await commit({ 'force/a.yaml': configMap('force-a', { v: '3' }) }, true);
    world.look();
    await world.until(isSyncedTo(other), 'force');
    expect(await world.data('force-a')).toEqual({ v: '3' });
    await world.repository.git('checkout', '-q', 'main');
  });

  it('a change of its own settings, at the same commit', async () => {
    const commit = await world.push({
      'set/a.yaml': configMap('set-a'),
      'set/b.yaml': configMap('set-b'),
      'set/below/c.yaml': configMap('set-c'),
    });
    await world.createApplication({ name: 'set', path: 'set', automated });
    await world.until(isSyncedTo(commit), 'set');
    expect(await world.data('set-c')).toBeUndefined();
    await world.patchApplication({ spec: { source: { directory: { recurse: true, exclude: 'b.yaml' } } } }, 'set');
    await world.untilObject(CONFIG_MAPS, 'set-c', (object) => object !== undefined);
    await world.until(isSyncedTo(commit), 'set');
    expect(await world.data('set-b')).toBeUndefined();
  });

  it('a folder that is renamed, with its own path: the objects stay the same ones', async () => {
    await world.push({ 'old-name/a.yaml': configMap('renamed') });
    await world.createApplication({ name: 'renamed', path: 'old-name', automated });
    await world.until(isSynced, 'renamed');
    const { uid } = (await world.read(CONFIG_MAPS, 'renamed'))?.metadata ?? {};
    await world.push({ 'old-name/a.yaml': null, 'new-name/a.yaml': configMap('renamed') });
    const lost = await world.until((app) => condition(app, 'SourceReady').reason === 'GitPathNotFound', 'renamed');
    expect(lost.status?.resources).toHaveLength(1);
    world.writes.length = 0;
    await world.patchApplication({ spec: { source: { path: 'new-name' } } }, 'renamed');
    await world.until(isSynced, 'renamed');
    expect((await world.read(CONFIG_MAPS, 'renamed'))?.metadata.uid).toBe(uid);
    expect(world.writes.filter((write) => write.startsWith('delete'))).toEqual([]);
  });
});
