import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, condition, configMap, isSyncedTo } from '../../test/application-world.ts';
import type { Application, ApplicationOperation } from '../api/generated/application.ts';
import type { KubeClient } from '../kube/types.ts';

let world: ApplicationWorld;
/** What happens instead of a patch of the Application. */
let onPatch: (() => void) | undefined;
let count = 0;
beforeEach(async () => {
  onPatch = undefined;
  count += 1;
  const client = (real: KubeClient): KubeClient => ({
    ...real,
    patch: async (...args) => {
      onPatch?.();
      return await real.patch(...args);
    },
  });
  world = await ApplicationWorld.open(`app-operation-${count}`, { client });
  await world.start();
});
afterEach(() => world.close());

const ask = (operation: ApplicationOperation): Promise<void> => world.patchApplication({ operation });
const ended = ({ operation, status }: Application): boolean =>
  operation === undefined &&
  status?.operationState?.operation !== undefined &&
  status.operationState.phase !== 'Running';

describe('a sync that somebody asks for', () => {
  it('is done though the Application is synced by hand, is suspended, or has another target; once', async () => {
    const first = await world.push({ 'a/c.yaml': configMap('c', { v: '1' }), 'a/d.yaml': configMap('d') });
    await world.createApplication({ path: 'a' });
    await world.until(({ status }) => status?.sync?.revision === first && status.sync.status === 'OutOfSync');
    await ask({ initiatedBy: { username: 'ana' }, sync: {} });
    const synced = await world.until((app) => ended(app) && isSyncedTo(first)(app));
    expect(synced.status?.operationState).toMatchObject({
      phase: 'Succeeded',
      message: '2 objects applied',
      revision: first,
      trigger: 'Requested',
      initiatedBy: { username: 'ana' },
      operation: { sync: {} },
    });
    expect(synced.status?.history).toMatchObject([{ id: 0, revision: first, initiatedBy: { username: 'ana' } }]);
    await world.untilEvent(
      `Normal OperationSucceeded: asked for by ana: synced to ${first.slice(0, 7)}: 2 objects applied`,
    );

    const second = await world.push({ 'a/c.yaml': configMap('c', { v: '2' }), 'a/d.yaml': null });
    await world.patchApplication({ spec: { suspend: true } });
    await world.until(({ status }) => status?.sync?.revision === second && status.automation?.state === 'Suspended');
    await ask({ sync: { prune: true } });
    await world.until((app) => ended(app) && isSyncedTo(second)(app));
    expect([await world.data('c'), await world.read(CONFIG_MAPS, 'd')]).toEqual([{ v: '2' }, undefined]);

    // Back to a commit, this once: the target stays what it is, and is said to differ.
    await ask({ sync: { revision: first } });
    const back = await world.until(
      (app) => ended(app) && app.status?.sync?.revision === second && app.status.sync.status === 'OutOfSync',
    );
    expect(back.status?.operationState).toMatchObject({ phase: 'Succeeded', revision: first });
    expect([await world.data('c'), await world.data('d')]).toEqual([{ v: '1' }, { key: 'value' }]);
    expect(back.status?.history?.map(({ revision }) => revision)).toEqual([first, second, first]);
    expect(back.spec).toEqual({ ...synced.spec, suspend: true });
  });

  it('of some objects applies and prunes nothing else', async () => {
    const files = { 'a/c.yaml': configMap('c'), 'a/d.yaml': configMap('d'), 'a/e.yaml': configMap('e') };
    const first = await world.push(files);
    await world.createApplication({ path: 'a' });
    await ask({ sync: {} });
    await world.until((app) => ended(app) && isSyncedTo(first)(app));
    const changed = {
      'a/c.yaml': configMap('c', { v: '2' }),
      'a/d.yaml': configMap('d', { v: '2' }),
      'a/e.yaml': null,
    };
    const second = await world.push({ ...changed, 'a/f.yaml': configMap('f') });
    await world.until(({ status }) => status?.sync?.revision === second && status.sync.status === 'OutOfSync');
    await ask({ sync: { resources: [{ kind: 'ConfigMap', name: 'c' }], prune: true } });
    const part = await world.until((app) => ended(app) && app.status?.operationState?.revision === second);
    expect(part.status?.operationState).toMatchObject({ phase: 'Succeeded', message: '1 object applied' });
    expect([await world.data('c'), await world.data('d'), await world.data('f')]).toEqual([
      { v: '2' },
      { key: 'value' },
      undefined,
    ]);
    expect(await world.read(CONFIG_MAPS, 'e')).toBeDefined();
    expect(part.status?.history?.map(({ revision }) => revision)).toEqual([first]);
    await ask({ sync: { resources: [{ kind: 'ConfigMap', name: 'e' }], prune: true } });
    await world.untilObject(CONFIG_MAPS, 'e', (object) => object === undefined);
    await ask({ sync: { resources: [{ group: 'apps', kind: 'Deployment', name: 'web' }] } });
    const lost = await world.until((app) => ended(app) && app.status?.operationState?.phase === 'Failed');
    expect(lost.status?.operationState?.message).toBe(
      'operation.sync.resources[0]: the Application has no Deployment.apps web',
    );
  });

  it('is neither lost nor done twice when the controller dies between its two writes', async () => {
    const first = await world.push({ 'a/c.yaml': configMap('c') });
    await world.createApplication({ path: 'a' });
    await world.until(({ status }) => status?.sync?.revision === first);
    onPatch = () => {
      throw new Error('killed');
    };
    await ask({ initiatedBy: { username: 'ana' }, sync: {} });
    const between = await world.until(({ status }) => status?.operationState?.operation !== undefined);
    expect([between.operation?.sync, await world.read(CONFIG_MAPS, 'c')]).toEqual([{}, undefined]);
    await world.stop();
    onPatch = undefined;
    world.writes.length = 0;
    await world.start();
    const done = await world.until((app) => ended(app) && isSyncedTo(first)(app));
    expect(done.status?.operationState?.startedAt).toBe(between.status?.operationState?.startedAt);
    expect(world.writes.filter((write) => write.endsWith('/c'))).toHaveLength(1);
    expect(done.status?.history).toHaveLength(1);
  });

  it('takes the place of one that cannot go on', async () => {
    const bad = await world.push({ 'a/c.yaml': configMap('Not-A-Name') });
    await world.createApplication({ path: 'a' });
    await ask({ sync: {} });
    await world.until(({ status }) => (status?.operationState?.retryCount ?? 0) > 0);
    await ask({ sync: { revision: 'nowhere' } });
    const failed = await world.until(({ status }) => status?.operationState?.message?.includes('nowhere') === true);
    expect(failed.status?.operationState).toMatchObject({ phase: 'Failed', revision: 'nowhere' });
    expect(failed.status?.operationState?.nextRetryAt).toBeUndefined();
    // Its own source is what is shown again.
    await world.until((app) => condition(app, 'SourceReady').message === `main is at ${bad}`);
    const good = await world.push({ 'a/c.yaml': configMap('c') });
    await ask({ sync: {} });
    await world.until((app) => ended(app) && isSyncedTo(good)(app));
  });
});

describe('a rollback', () => {
  it('goes back to an entry of the history, and holds automation there, and says so', async () => {
    const first = await world.push({ 'a/c.yaml': configMap('c', { v: '1' }) });
    await world.createApplication({ path: 'a', automated: { prune: true, selfHeal: true } });
    await world.until(isSyncedTo(first));
    const second = await world.push({ 'a/c.yaml': configMap('c', { v: '2' }), 'a/d.yaml': configMap('d') });
    await world.until(isSyncedTo(second));

    await ask({ rollback: { id: 7 } });
    const refused = await world.until((app) => ended(app) && app.status?.operationState?.phase === 'Failed');
    expect(refused.status?.operationState).toMatchObject({
      phase: 'Failed',
      message: 'status.history has no entry with id 7; choose one of 0, 1',
    });
    expect([refused.spec.suspend, await world.data('c')]).toEqual([false, { v: '2' }]);

    await ask({ initiatedBy: { username: 'ana' }, rollback: { id: 0 } });
    const back = await world.until(
      (app) => ended(app) && app.status?.sync?.revision === second && app.status.sync.status === 'OutOfSync',
    );
    const why = `rolled back to id 0 (${first.slice(0, 7)}) by ana`;
    expect(back.spec).toMatchObject({ suspend: true, suspendReason: why });
    expect(back.status).toMatchObject({
      automation: { state: 'Suspended', message: why },
      operationState: { phase: 'Succeeded', trigger: 'Rollback', revision: first },
    });
    expect(back.status?.history?.map(({ id, revision }) => [id, revision])).toEqual([
      [0, first],
      [1, second],
      [2, first],
    ]);
    expect([await world.data('c'), await world.read(CONFIG_MAPS, 'd')]).toEqual([{ v: '1' }, undefined]);
    await world.untilEvent(`Normal AutomationChanged: automation is Suspended, was Active: ${why}`);
    await world.untilEvent(
      `Normal OperationSucceeded: asked for by ana, rollback to id 0: synced to ${first.slice(0, 7)}: 1 object applied, 1 pruned`,
    );

    await world.patchApplication({ spec: { suspend: false, suspendReason: null } });
    await world.until(isSyncedTo(second));
    expect(await world.data('c')).toEqual({ v: '2' });
  });
});
