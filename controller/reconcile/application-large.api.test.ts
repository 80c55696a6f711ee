import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSyncedTo } from '../../test/application-world.ts';
import { plugin } from '../../test/plugin.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';

/** Objects nearly as large as etcd takes them: three times what fits into an annotation. */
const NAMESPACE = 'app-large';
const LARGE = 'x'.repeat(900_000);
let world: ApplicationWorld;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

/** Writes of the object since the last call, dry runs left out. */
function writesOf(name: string): string[] {
  const writes = world.writes.filter((write) => write === `apply configmaps ${NAMESPACE}/${name}`);
  world.writes.length = 0;
  return writes;
}

describe('a ConfigMap of 900 KB', () => {
  it('is applied once, without a copy of it in an annotation', async () => {
    const commit = await world.push({
      'large.yaml': configMap('large', { model: LARGE }),
      'small.yaml': configMap('small'),
    });
    await world.createApplication({ path: '.', automated: { selfHeal: true } });
    await world.until(isSyncedTo(commit));
    const live = await world.read(CONFIG_MAPS, 'large');
    expect(live).toMatchObject({ data: { model: LARGE } });
    expect(Object.keys(live?.metadata.annotations ?? {})).toEqual([TRACKING_ANNOTATION]);
    expect(JSON.stringify(live?.metadata).length).toBeLessThan(2_000);
    expect(writesOf('large')).toHaveLength(1);
  });

  it('is not sent again while it stays the same: not with its neighbour, not when asked, not after a restart', async () => {
    const commit = await world.push({ 'small.yaml': configMap('small', { key: 'other' }) });
    await world.until(isSyncedTo(commit));
    expect(writesOf('large')).toEqual([]);
    await world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': 'again' } } });
    await world.until(({ status }) => status?.lastHandledReconcileAt === 'again');
    await world.stop();
    await world.start();
    const next = await world.push({ 'small.yaml': configMap('small', { key: 'third' }) });
    await world.until(isSyncedTo(next));
    expect(writesOf('large')).toEqual([]);
    expect(await plugin(NAMESPACE)('app', 'diff', 'app')).toMatchObject({ code: 0, out: '2 same\n' });
  });

  it('is sent when one byte of it changes, and no status or output has its text', async () => {
    const changed = `${LARGE.slice(0, 500_000)}y${LARGE.slice(500_001)}`;
    await world.patchApplication({ spec: { suspend: true } });
    await world.until((app) => app.status?.automation?.state === 'Suspended');
    await world.push({ 'large.yaml': configMap('large', { model: changed }) });
    const late = await world.until((app) => condition(app, 'Synced').reason === 'OutOfSync');
    expect(JSON.stringify(late).length).toBeLessThan(20_000);
    const { code, out } = await plugin(NAMESPACE)('app', 'diff', 'app');
    expect({ code, lines: out.trim().split('\n').length }).toEqual({ code: 1, lines: 5 });
    expect(out).toMatch(/- …"x{20}x+…\n {4}\+ …"x{20}yx+…\n/);
    await world.patchApplication({ spec: { suspend: false } });
    await world.until((app) => app.status?.sync?.status === 'Synced' && app.status.automation?.state === 'Active');
    expect(writesOf('large')).toHaveLength(1);
    expect(await world.read(CONFIG_MAPS, 'large')).toMatchObject({ data: { model: changed } });
  });

  it('says so when it is too large for the API server', async () => {
    await world.push({ 'huge/huge.yaml': configMap('huge', { model: LARGE + LARGE }) });
    await world.createApplication({ name: 'huge', path: 'huge', automated: {} });
    const application = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', 'huge');
    expect(application.status?.resources?.[0]?.message).toContain('1048576');
  });
});
