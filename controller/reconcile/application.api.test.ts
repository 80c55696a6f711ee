import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  DEPLOYMENTS,
  isSynced,
} from '../../test/application-world.ts';
import { systemClock } from '../platform/clock.ts';

const NAMESPACE = 'app-sync';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example.test/web:1}]}
`;

describe('an Application that syncs by itself', () => {
  it('applies what Git says and reports revision, sync, health and history', async () => {
    const commit = await world.push({ 'a/settings.yaml': configMap('settings'), 'a/web.yaml': DEPLOYMENT });
    await world.createApplication({ path: 'a', automated: {} });
    const application = await world.until((app) => isSynced(app) && app.status?.health?.status === 'Healthy');
    expect(application.status).toMatchObject({
      sync: { status: 'Synced', revision: commit, shortRevision: commit.slice(0, 7) },
      operationState: { phase: 'Succeeded', revision: commit, message: '2 objects applied' },
      history: [{ id: 0, revision: commit }],
      resources: [
        { version: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name: 'settings', status: 'Synced' },
        {
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          name: 'web',
          status: 'Synced',
          health: { status: 'Healthy' },
        },
      ],
    });
    expect(condition(application, 'SourceReady')).toMatchObject({ status: 'True', message: `main is at ${commit}` });
    const settings = await world.read(CONFIG_MAPS, 'settings');
    expect(settings?.metadata.annotations).toEqual({
      'slipway.dev/tracking-id': `${NAMESPACE}_app:/ConfigMap:${NAMESPACE}/settings`,
    });
  });

  it('sends only the object that a commit changed', async () => {
    const sent = world.writes.length;
    const start = systemClock.now();
    const commit = await world.push({ 'a/settings.yaml': configMap('settings', { key: 'other' }) });
    await world.until((app) => isSynced(app) && app.status?.sync?.revision === commit);
    console.log(`webhook to Synced: ${systemClock.now() - start} ms`);
    expect(world.writes.slice(sent)).toEqual([
      `apply configmaps ${NAMESPACE}/settings`,
      `update applications ${NAMESPACE}/app status`,
    ]);
    expect((await world.read(CONFIG_MAPS, 'settings'))?.['data']).toEqual({ key: 'other' });
  });

  it('notes a commit that changes another folder without sending anything', async () => {
    const sent = world.writes.length;
    const commit = await world.push({ 'elsewhere/x.yaml': configMap('x') });
    const application = await world.until((app) => app.status?.sync?.revision === commit);
    expect(world.writes.slice(sent)).toEqual([`update applications ${NAMESPACE}/app status`]);
    expect(application.status?.history).toHaveLength(2);
    expect(await world.read(CONFIG_MAPS, 'x')).toBeUndefined();
  });

  it('reports a hand edit as a difference by field, and leaves it alone', async () => {
    const sent = world.writes.length;
    const key = `${NAMESPACE}/settings`;
    await world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { data: { key: 'by hand' } });
    const application = await world.until((app) => app.status?.sync?.status === 'OutOfSync');
    expect(condition(application, 'Synced')).toMatchObject({ status: 'False', reason: 'OutOfSync' });
    expect(condition(application, 'Synced').message).toContain(`ConfigMap ${key}: differs at data.key`);
    expect(condition(application, 'Synced').message).not.toContain('by hand');
    expect(world.writes.slice(sent).filter((write) => !write.includes('applications'))).toEqual([
      `apply configmaps ${key} (dry run)`,
    ]);
    await world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { data: { key: 'other' } });
    await world.until(isSynced);
  });

  it('puts the hand edit right with the next commit that touches anything', async () => {
    const key = `${NAMESPACE}/settings`;
    await world.cluster.client.patch(CONFIG_MAPS, key, 'application/merge-patch+json', { data: { key: 'by hand' } });
    await world.until((app) => app.status?.sync?.status === 'OutOfSync');
    await world.push({ 'a/web.yaml': DEPLOYMENT.replace('web:1', 'web:2') });
    await world.until(isSynced);
    expect((await world.read(CONFIG_MAPS, 'settings'))?.['data']).toEqual({ key: 'other' });
    expect(await world.read(DEPLOYMENTS, 'web')).toMatchObject({
      spec: { template: { spec: { containers: [{ image: 'example.test/web:2' }] } } },
    });
  });

  it('says that an object is missing, and names it', async () => {
    await world.cluster.client.delete(CONFIG_MAPS, `${NAMESPACE}/settings`);
    const application = await world.until((app) => app.status?.health?.status === 'Missing');
    expect(application.status?.health?.message).toContain(`ConfigMap ${NAMESPACE}/settings`);
    expect(application.status?.sync?.status).toBe('OutOfSync');
  });
});
