import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, CONFIG_MAPS, configMap, isSyncedTo } from '../../test/application-world.ts';
import { ROLLOUT_RESOURCE } from '../api/generated/rollout.ts';

const NAMESPACE = 'app-waits';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const annotated = (name: string, annotations: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, annotations }, data: {} });
const rollout = (image: string): string =>
  JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'fraud' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'fraud' } },
      template: { metadata: { labels: { app: 'fraud' } }, spec: { containers: [{ name: 'main', image }] } },
      strategy: { canary: { steps: [{ setWeight: 50 }, { pause: {} }] } },
    },
  });
/** What the rollout half says once it has taken up a spec. */
async function report(status: object): Promise<void> {
  const key = `${NAMESPACE}/fraud`;
  const { generation } = (await world.cluster.client.get(ROLLOUT_RESOURCE, key)).metadata;
  const patch = { status: { observedGeneration: generation, ...status } };
  await world.cluster.client.patch(ROLLOUT_RESOURCE, key, 'application/merge-patch+json', patch, {
    subresource: 'status',
  });
}

describe('what a sync waits for', () => {
  it('is not the end of a canary: later waves and PostSync hooks run while it is paused', async () => {
    const later = annotated('later', { 'slipway.dev/sync-wave': '1' });
    const hook = annotated('after', { 'slipway.dev/hook': 'PostSync' });
    await world.push({ 'c/rollout.json': rollout('server:1'), 'c/later.json': later, 'c/hook.json': hook });
    await world.createApplication({ name: 'canary', path: 'c', automated: {} });
    await world.until((app) => app.status?.operationState?.message?.includes('Rollout') === true, 'canary');
    expect(await world.read(CONFIG_MAPS, 'later')).toBeUndefined();
    await report({ phase: 'Healthy' });
    await world.until((app) => app.status?.operationState?.phase === 'Succeeded', 'canary');
    const before = (await world.read(CONFIG_MAPS, 'after'))?.metadata.uid;
    expect(before).toBeDefined();

    const second = await world.push({ 'c/rollout.json': rollout('server:2') });
    // The old Healthy is of the old spec.
    await world.until(
      ({ status }) =>
        status?.operationState?.revision === second && status.operationState.message?.includes('Rollout') === true,
      'canary',
    );
    await report({ phase: 'Paused', message: 'CanaryPauseStep' });
    const done = await world.until(
      (app) => isSyncedTo(second)(app) && app.status?.operationState?.phase === 'Succeeded',
      'canary',
    );
    expect(done.status?.health?.status).toBe('Suspended');
    expect((await world.read(CONFIG_MAPS, 'after'))?.metadata.uid).not.toBe(before);
  });

  it('holds up nobody else: more Applications wait than there are workers, and one more is synced at once', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    const stuck = (name: string): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `stuck-${name}` },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'work:1' }] },
      });
    const files = (name: string): Record<string, string> => ({
      [`${name}/pod.json`]: stuck(name),
      [`${name}/later.json`]: annotated(`later-${name}`, { 'slipway.dev/sync-wave': '1' }),
    });
    await world.push(Object.assign({}, ...names.map(files)));
    for (const name of names) await world.createApplication({ name, path: name, automated: { prune: true } });
    for (const name of names) {
      await world.until((app) => app.status?.operationState?.message?.includes('waits for Pod') === true, name);
    }
    const commit = await world.push({ 'quick/a.yaml': configMap('quick') });
    await world.createApplication({ name: 'quick', path: 'quick', automated: {} });
    await world.until(isSyncedTo(commit), 'quick');
    // The fix of one of them ends its wait, whatever the others do.
    const fix = await world.push({ 'three/pod.json': null });
    await world.until(isSyncedTo(fix), 'three');
    for (const name of names.filter((other) => other !== 'three')) {
      expect((await world.application(name)).status?.operationState?.phase).toBe('Running');
      expect(await world.read(CONFIG_MAPS, `later-${name}`)).toBeUndefined();
    }
  });
});
