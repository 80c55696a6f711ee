import { afterEach, describe, expect, it } from 'vitest';
import { finishPod, pod } from '../../test/application-pods.ts';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSyncedTo,
  SPEED,
} from '../../test/application-world.ts';
import { type JumpingClock, jumpingClock } from '../../test/fast-clock.ts';
import type { Application, ApplicationOperation } from '../api/generated/application.ts';

let world: ApplicationWorld;
let clock: JumpingClock;
let count = 0;
async function open(time: string): Promise<void> {
  count += 1;
  clock = jumpingClock(SPEED, Date.parse(time));
  world = await ApplicationWorld.open(`app-windows-${count}`, { clock });
  await world.start();
}
afterEach(() => world.close());

/** Days of the clocks: in summer 09:00 in Berlin is 07:00 UTC, from October 25 on it is 08:00. */
const OFFICE = { kind: 'allow', schedule: '0 9 * * *', duration: '8h', timeZone: 'Europe/Berlin' };
const FREEZE = { kind: 'deny', schedule: '0 12 * * *', duration: '2h' };
const isHeld = ({ status, metadata }: Application): boolean =>
  status?.automation?.state === 'Held' && status.observedGeneration === metadata.generation;
const isOutOfSyncAt =
  (commit: string) =>
  ({ status }: Application): boolean =>
    status?.sync?.revision === commit && status.sync.status === 'OutOfSync';
/** What was written since, but for comparisons. */
const written = (): string[] => world.writes.filter((write) => /^(apply|delete|patch) (?!.*dry run)/.test(write));
const ask = (operation: ApplicationOperation): Promise<void> => world.patchApplication({ operation });
const ended = ({ operation, status }: Application): boolean =>
  operation === undefined && status?.operationState?.phase !== 'Running';

function later(name: string): string {
  const annotations = { 'slipway.dev/sync-wave': '1' };
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data: {} });
}

describe('a sync window', () => {
  it('holds new commits, pruning and healing until it opens, at the hours of its place', async () => {
    await open('2026-10-24T08:00:00Z');
    const first = await world.push({ 'a/c.yaml': configMap('c', { v: '1' }), 'a/d.yaml': configMap('d') });
    const syncPolicy = { syncWindows: [OFFICE] };
    await world.createApplication({ path: 'a', automated: { prune: true, selfHeal: true }, syncPolicy });
    const synced = await world.until(isSyncedTo(first));
    expect(synced.status?.automation?.state).toBe('Active');

    // Nothing but the time changes.
    clock.jump(Date.parse('2026-10-24T15:30:00Z'));
    const held = await world.until(isHeld);
    const why = 'outside of the sync windows until 2026-10-25T08:00:00Z';
    expect(held.status?.automation?.message).toBe(why);
    expect(held.status?.message).toMatch(new RegExp(`^held \\(${why}\\); 2 objects in sync with `));
    await world.untilEvent(`Normal AutomationChanged: automation is Held, was Active: ${why}`);
    world.writes.length = 0;

    await world.patch(CONFIG_MAPS, 'c', { data: { v: 'by hand' } });
    await world.until(isOutOfSyncAt(first));
    const second = await world.push({ 'a/c.yaml': configMap('c', { v: '2' }), 'a/d.yaml': null });
    await world.until(isOutOfSyncAt(second));
    // A process that remembers nothing keeps to it.
    await world.stop();
    await world.start();
    await world.until(isHeld);
    expect(written()).toEqual([]);
    expect([await world.data('c'), await world.data('d')]).toEqual([{ v: 'by hand' }, { key: 'value' }]);

    clock.jump(Date.parse('2026-10-25T08:00:00Z'));
    const done = await world.until((app) => isSyncedTo(second)(app) && app.status?.automation?.state === 'Active');
    expect(done.status?.operationState?.startedAt).toMatch(/^2026-10-25T08:0/);
    expect([await world.data('c'), await world.data('d')]).toEqual([{ v: '2' }, undefined]);
  });

  it('stops what runs when it closes, and lets it go on where it says so', async () => {
    await open('2026-03-02T09:00:00Z');
    const commit = await world.push({
      'a/p.yaml': pod('p'),
      'a/c.yaml': later('c'),
      'b/p.yaml': pod('q'),
      'b/c.yaml': later('d'),
    });
    const syncPolicy = { waveTimeout: '24h', syncWindows: [FREEZE] };
    const overrun = { waveTimeout: '24h', syncWindows: [{ ...FREEZE, syncOverrun: true }] };
    await world.createApplication({ name: 'a', path: 'a', automated: {}, syncPolicy });
    await world.createApplication({ name: 'b', path: 'b', automated: {}, syncPolicy: overrun });
    const waits = ({ status }: Application): boolean =>
      status?.operationState?.message?.startsWith('wave 0 waits') ?? false;
    await world.until(waits, 'a');
    await world.until(waits, 'b');

    clock.jump(Date.parse('2026-03-02T12:10:00Z'));
    const why = 'in the deny window "0 12 * * *" (2h, UTC) until 2026-03-02T14:00:00Z';
    const held = await world.until(isHeld, 'a');
    expect(held.status?.operationState).toMatchObject({ phase: 'Running', message: why });
    await world.until(isHeld, 'b');
    await finishPod(world, 'p');
    await finishPod(world, 'q');
    const over = await world.until(isSyncedTo(commit), 'b');
    expect(over.status?.automation).toMatchObject({ state: 'Held', message: why });
    await world.until(({ status }) => status?.health?.status !== 'Progressing', 'a');
    expect(await world.read(CONFIG_MAPS, 'c')).toBeUndefined();

    clock.jump(Date.parse('2026-03-02T14:00:00Z'));
    const done = await world.until(isSyncedTo(commit), 'a');
    expect(done.status?.operationState?.startedAt).toBe(held.status?.operationState?.startedAt);
    expect(await world.read(CONFIG_MAPS, 'c')).toBeDefined();
  });

  it('refuses what somebody asks for, unless it is not for people', async () => {
    await open('2026-03-02T13:00:00Z');
    const first = await world.push({ 'a/c.yaml': configMap('c', { v: '1' }) });
    await world.createApplication({ path: 'a', automated: {}, syncPolicy: { syncWindows: [FREEZE] } });
    await world.until((app) => isHeld(app) && isOutOfSyncAt(first)(app));
    await ask({ initiatedBy: { username: 'ana' }, sync: {} });
    const refused = await world.until((app) => ended(app) && app.status?.operationState !== undefined);
    expect(refused.status?.operationState).toMatchObject({
      phase: 'Failed',
      message:
        'in the deny window "0 12 * * *" (2h, UTC) until 2026-03-02T14:00:00Z; manualSync of the window would allow it',
    });
    expect(await world.data('c')).toBeUndefined();

    await world.patchApplication({ spec: { syncPolicy: { syncWindows: [{ ...FREEZE, manualSync: true }] } } });
    await ask({ initiatedBy: { username: 'ana' }, sync: {} });
    const done = await world.until((app) => isSyncedTo(first)(app) && ended(app));
    expect(done.status).toMatchObject({ automation: { state: 'Held' }, operationState: { phase: 'Succeeded' } });
    const second = await world.push({ 'a/c.yaml': configMap('c', { v: '2' }) });
    await world.until(isOutOfSyncAt(second));
    expect(await world.data('c')).toEqual({ v: '1' });
    // What was refused is not done later; what waits by itself is.
    clock.jump(Date.parse('2026-03-02T14:00:00Z'));
    await world.until(isSyncedTo(second));
  });

  it('that makes no sense is one condition that names the field, and nothing is synced', async () => {
    await open('2026-03-02T09:00:00Z');
    const commit = await world.push({ 'a/c.yaml': configMap('c') });
    const syncPolicy = { syncWindows: [FREEZE, { ...OFFICE, schedule: '0 25 * * *' }] };
    await world.createApplication({ path: 'a', automated: {}, syncPolicy });
    const bad = await world.until((app) => condition(app, 'SourceReady').reason === 'InvalidSpec');
    expect(condition(bad, 'SourceReady').message).toMatch(
      /^spec\.syncPolicy\.syncWindows\[1\]\.schedule: "0 25 \* \* \*" is no cron expression \(.*\): write for example "0 22 \* \* 1-5"$/,
    );
    expect(bad.status?.conditions?.filter(({ status }) => status === 'False')).toHaveLength(1);
    await ask({ sync: {} });
    const refused = await world.until((app) => ended(app) && app.status?.operationState?.phase === 'Failed');
    expect(refused.status?.operationState?.message).toBe(condition(bad, 'SourceReady').message);
    const elsewhere = { syncPolicy: { syncWindows: [{ ...OFFICE, timeZone: 'Europe/Berlim' }] } };
    await world.patchApplication({ spec: elsewhere });
    const zone = await world.until((app) => condition(app, 'SourceReady').message.includes('timeZone'));
    expect(condition(zone, 'SourceReady').message).toBe(
      'spec.syncPolicy.syncWindows[0].timeZone: "Europe/Berlim" is no time zone: write an IANA name such as Europe/Berlin',
    );
    expect(await world.data('c')).toBeUndefined();
    await world.patchApplication({ spec: { syncPolicy: { syncWindows: [OFFICE] } } });
    await world.until(isSyncedTo(commit));
  });
});
