import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';
import { type PluginRun, plugin, startPlugin } from '../../test/plugin.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';

const NAMESPACE = 'cli-app-actions';
const slipway = plugin(NAMESPACE);
let world: ApplicationWorld;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

function start(...args: string[]): PluginRun {
  return startPlugin([...args, '-n', NAMESPACE]);
}

/** An Application of its own folder with one ConfigMap of the same name, in sync. */
async function given(name: string): Promise<void> {
  const commit = await world.push({ [`${name}/a.yaml`]: configMap(name) });
  await world.createApplication({ name, path: name, automated: {} });
  await world.until(isSyncedTo(commit), name);
}

describe('kubectl slipway app delete', () => {
  it('deletes the objects too where that is asked for, and waits until all is gone', async () => {
    await given('whole');
    const { code, out } = await slipway('app', 'delete', 'whole', '--cascade', 'foreground', '--wait');
    expect(code).toBe(0);
    expect(out).toBe('application "whole" is being deleted, with 1 object (foreground)\napplication "whole" is gone\n');
    expect(await world.read(CONFIG_MAPS, 'whole')).toBeUndefined();
  });

  it('leaves the objects where nothing is asked for, and says so', async () => {
    await given('plain');
    const { code, out } = await slipway('app', 'delete', 'plain');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining('"plain" deleted; kept as it is: 1 object'),
    });
    expect(await world.read(APPLICATION_RESOURCE, 'plain')).toBeUndefined();
    expect((await world.read(CONFIG_MAPS, 'plain'))?.metadata.annotations).toHaveProperty('slipway.dev/tracking-id');
  });

  it('takes the wanted policy instead of the one in the finalizers', async () => {
    await given('kept');
    await world.patchApplication({ metadata: { finalizers: ['resources-finalizer.slipway.dev'] } }, 'kept');
    expect((await slipway('app', 'delete', 'kept', '--cascade', 'orphan', '--wait')).code).toBe(0);
    const left = await world.read(CONFIG_MAPS, 'kept');
    expect(left?.metadata.annotations ?? {}).not.toHaveProperty('slipway.dev/tracking-id');
    expect(left).toBeDefined();
  });

  it('says what holds it up while it waits, and ends with 1 when the time is over', async () => {
    await given('stuck');
    const key = `${NAMESPACE}/stuck`;
    const finalizers = (list: string[]): Promise<unknown> =>
      world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { metadata: { finalizers: list } });
    await finalizers(['example.com/hold']);
    const run = start('app', 'delete', 'stuck', '--cascade', 'background', '--wait');
    await run.said('waits for finalizer example.com/hold');
    const late = await slipway('app', 'delete', 'stuck', '--wait', '--timeout', '300ms');
    expect(late).toMatchObject({ code: 1, err: expect.stringMatching(/\(WaitTimeout\).*example\.com\/hold/) });
    const other = await slipway('app', 'delete', 'stuck', '--cascade', 'orphan');
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('is being deleted already (background)') });
    expect((await slipway('app', 'get', 'stuck')).out).toMatch(/^Deletion: +asked for .*example\.com\/hold/ms);
    await finalizers([]);
    expect((await run.result).code).toBe(0);
  });

  it('refuses to guess what an unknown finalizer means', async () => {
    await given('unclear');
    await world.patchApplication({ metadata: { finalizers: ['resources-finalizer.slipway.dev/later'] } }, 'unclear');
    const { code, err } = await slipway('app', 'delete', 'unclear');
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('with --cascade') });
    expect((await world.read(APPLICATION_RESOURCE, 'unclear'))?.metadata.deletionTimestamp).toBeUndefined();
    expect((await slipway('app', 'delete', 'unclear', '--cascade', 'background', '--wait')).code).toBe(0);
    await eventually(async () => expect(await world.read(CONFIG_MAPS, 'unclear')).toBeUndefined());
  });
});
describe('kubectl slipway app sync', () => {
  it('syncs what is not synced by itself, and says who asked and how it ended', async () => {
    const commit = await world.push({ 'manual/a.yaml': configMap('manual') });
    await world.createApplication({ name: 'manual', path: 'manual' });
    await world.until(({ status }) => status?.sync?.status === 'OutOfSync', 'manual');
    expect((await slipway('app', 'wait', 'manual', '--sync')).code).toBe(1);
    const { code, out } = await slipway('app', 'sync', 'manual', '--wait');
    expect(code).toBe(0);
    expect(out).toBe(
      `application "manual" synced to ${commit.slice(0, 7)}: 1 object applied\napplication "manual" is healthy\n`,
    );
    expect(await world.read(CONFIG_MAPS, 'manual')).toBeDefined();
    const { status } = (await world.read(APPLICATION_RESOURCE, 'manual')) as Application;
    expect(status?.operationState).toMatchObject({
      trigger: 'Requested',
      initiatedBy: { username: expect.any(String) },
    });
    expect((await slipway('app', 'history', 'manual')).out).toContain(status?.operationState?.initiatedBy?.username);
  });

  it('prunes, and syncs single objects, only where it is told to', async () => {
    await world.push({ 'parts/a.yaml': configMap('part-a'), 'parts/b.yaml': configMap('part-b') });
    await world.createApplication({ name: 'parts', path: 'parts' });
    expect((await slipway('app', 'sync', 'parts', '--resource', `:ConfigMap:${NAMESPACE}/part-a`)).code).toBe(0);
    expect(await world.read(CONFIG_MAPS, 'part-b')).toBeUndefined();
    expect((await slipway('app', 'sync', 'parts')).code).toBe(0);
    const commit = await world.push({ 'parts/b.yaml': null });
    await world.until(({ status }) => status?.sync?.revision === commit, 'parts');
    expect((await slipway('app', 'sync', 'parts', '--no-prune')).code).toBe(0);
    expect(await world.read(CONFIG_MAPS, 'part-b')).toBeDefined();
    expect((await slipway('app', 'sync', 'parts', '--prune')).code).toBe(0);
    await world.untilObject(CONFIG_MAPS, 'part-b', (object) => object === undefined);
  });

  it('ends with 1 and the reason when the sync fails', async () => {
    const bad = JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'bad' }, spec: { ports: [] } });
    await world.push({ 'failing/a.yaml': bad });
    await world.createApplication({ name: 'failing', path: 'failing' });
    const { code, err } = await slipway('app', 'sync', 'failing');
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/^error \(SyncFailed\): .*Service/m) });
    const wrong = await slipway('app', 'sync', 'failing', '--resource', ':ConfigMap:nothing');
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('has no ConfigMap nothing') });
    expect((await slipway('app', 'sync', 'failing', '--resource', 'nothing')).code).toBe(2);
  });
});

describe('kubectl slipway app rollback', () => {
  it('goes back, suspends the application and says so', async () => {
    const first = await world.push({ 'back/a.yaml': configMap('back', { version: '1' }) });
    await world.createApplication({ name: 'back', path: 'back', automated: {} });
    await world.until(isSyncedTo(first), 'back');
    const second = await world.push({ 'back/a.yaml': configMap('back', { version: '2' }) });
    await world.until(isSyncedTo(second), 'back');
    const { code, out, err } = await slipway('app', 'rollback', 'back');
    expect(code).toBe(0);
    expect(out).toContain(`application "back" synced to ${first.slice(0, 7)}`);
    expect(err).toContain('"kubectl slipway app resume back"');
    expect((await world.read(CONFIG_MAPS, 'back'))?.['data']).toEqual({ version: '1' });
    expect((await slipway('app', 'get', 'back')).out).toMatch(/^Automation: +Suspended .*rolled back to id 0/m);
    expect(await slipway('app', 'rollback', 'back', '77')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no sync with id 77'),
    });
    await slipway('app', 'resume', 'back');
    expect((await slipway('app', 'wait', 'back', '--timeout', '40s')).code).toBe(0);
    expect((await world.read(CONFIG_MAPS, 'back'))?.['data']).toEqual({ version: '2' });
  });
});

describe('without a controller', () => {
  it('only asks where it shall not wait, and does not ask twice', async () => {
    await given('alone');
    await world.stop();
    expect(await slipway('app', 'sync', 'alone', '--async')).toMatchObject({ code: 0, err: '' });
    const again = await slipway('app', 'sync', 'alone', '--timeout', '300ms');
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('is the controller running?') });
    const run = start('app', 'wait', 'alone');
    await run.said('waiting for the controller to look at the spec');
    await world.start();
    expect((await run.result).code).toBe(0);
  });
});
