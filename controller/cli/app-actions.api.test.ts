import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';
import { type PluginRun, plugin, startPlugin } from '../../test/plugin.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE } from '../api/generated/application.ts';

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
