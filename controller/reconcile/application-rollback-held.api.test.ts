import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSynced, isSyncedTo } from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';

let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open('app-rollback-held');
  await world.start();
});
afterAll(() => world.close());

const child = (more: object = {}): string =>
  JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Application',
    metadata: { name: 'app' },
    spec: {
      source: { repoURL: world.url, path: 'a', targetRevision: 'main' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
      ...more,
    },
  });
const at = (revision: string) => (app: Application) => app.status?.sync?.revision === revision;
const version = async (): Promise<unknown> => (await world.read(CONFIG_MAPS, 'model'))?.['data'];

describe('what a person has rolled back', () => {
  it('is held against a bot that goes on to commit, a restart, and the Application that has it in Git', async () => {
    const good = await world.push({ 'root/app.json': child(), 'a/model.yaml': configMap('model', { v: '7' }) });
    await world.createApplication({ name: 'root', path: 'root', automated: { prune: true, selfHeal: true } });
    await world.until(isSyncedTo(good));
    const bad = await world.push({ 'a/model.yaml': configMap('model', { v: '8' }) });
    await world.until(isSyncedTo(bad));
    await world.patchApplication({ operation: { initiatedBy: { username: 'ana' }, rollback: { id: 0 } } });
    const why = `rolled back to id 0 (${good.slice(0, 7)}) by ana`;
    const held = ({ status }: Application): boolean =>
      status?.automation?.state === 'Suspended' &&
      status.automation.message === why &&
      status.sync?.status === 'OutOfSync';
    const since = (await world.until(held)).status?.automation?.since;
    expect(await version()).toEqual({ v: '7' });

    // The bot knows nothing of it, and says the same again, and then something else.
    const again = await world.push({ 'a/model.yaml': configMap('model', { v: '8' }), 'a/note.txt': 'again' });
    await world.until((app) => held(app) && at(again)(app));
    const newer = await world.push({ 'a/model.yaml': configMap('model', { v: '9' }) });
    await world.until((app) => held(app) && at(newer)(app));
    // The Application of Applications has it without `suspend`, is in sync all the while, and changes something else of it.
    const other = await world.push({ 'root/app.json': child({ revisionHistoryLimit: 5 }) });
    await world.until(isSyncedTo(other), 'root');
    await world.until((app) => app.spec.revisionHistoryLimit === 5 && held(app) && at(other)(app));
    await world.stop();
    await world.start();
    await world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': 'now' } } });
    const still = await world.until((app) => app.status?.lastHandledReconcileAt === 'now');
    expect([held(still), still.status?.automation?.since]).toEqual([true, since]);
    expect(await version()).toEqual({ v: '7' });
    expect(isSynced(await world.application('root'))).toBe(true);

    await world.patchApplication({ spec: { suspend: false, suspendReason: null } });
    await world.until(isSyncedTo(other));
    expect(await version()).toEqual({ v: '9' });
  });
});
