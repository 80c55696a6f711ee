import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, condition, isSynced, isSyncedTo, SERVICES } from '../../test/application-world.ts';
import type { KubeObject } from '../kube/types.ts';

const NAMESPACE = 'app-foreign-item';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const service = (name: string, ports: object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports } });
const byHand = (name: string, patch: object[]): Promise<KubeObject> =>
  world.cluster.client.patch(SERVICES, `${NAMESPACE}/${name}`, 'application/json-patch+json', patch, {
    fieldManager: 'dashboard',
  });

describe('an item whose key somebody has changed by hand', () => {
  it('is named with who wrote it when the API server does not take it beside Git’s, and removed the sync goes on', async () => {
    const commit = await world.push({ 'web/s.json': service('web', [{ name: 'http', port: 80 }]) });
    await world.createApplication({ name: 'web', path: 'web', automated: { selfHeal: true } });
    await world.until(isSyncedTo(commit), 'web');
    await byHand('web', [{ op: 'replace', path: '/spec/ports/0/port', value: 81 }]);
    const refused = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', 'web');
    const { message } = condition(refused, 'Synced');
    expect(message).toContain(`Service ${NAMESPACE}/web: `);
    expect(message).toContain('spec.ports[1].name');
    expect(message).toContain(
      'the cluster also has spec.ports[port=81,protocol="TCP"], which dashboard wrote and Git lacks',
    );
    expect(message).toContain('(web/s.json:1)');
    await byHand('web', [{ op: 'replace', path: '/spec/ports/0/port', value: 80 }]);
    await world.until(isSynced, 'web');
  });

  it('is put back when it was kubectl edit', async () => {
    const commit = await world.push({ 'edit/s.json': service('edit', [{ name: 'http', port: 80 }]) });
    await world.createApplication({ name: 'edit', path: 'edit', automated: { selfHeal: true } });
    await world.until(isSyncedTo(commit), 'edit');
    const patch = [{ op: 'replace', path: '/spec/ports/0/port', value: 81 }];
    await world.cluster.client.patch(SERVICES, `${NAMESPACE}/edit`, 'application/json-patch+json', patch, {
      fieldManager: 'kubectl-edit',
    });
    const ports = (object: KubeObject | undefined): string => JSON.stringify(object?.['spec']);
    await world.untilObject(SERVICES, 'edit', (object) => ports(object).includes('"port":80,'));
    expect(ports(await world.read(SERVICES, 'edit'))).not.toContain('81');
    await world.until(isSynced, 'edit');
  });

  it('and a mistake in Git that has nothing to do with it is not blamed on it', async () => {
    const commit = await world.push({ 'api/s.json': service('api', [{ name: 'http', port: 80 }]) });
    await world.createApplication({ name: 'api', path: 'api', automated: { selfHeal: true } });
    await world.until(isSyncedTo(commit), 'api');
    await byHand('api', [{ op: 'add', path: '/spec/ports/-', value: { name: 'admin', port: 81 } }]);
    await world.push({
      'api/s.json': service('api', [{ name: 'http', port: 80 }]).replace(
        '"ports"',
        '"externalIPs":["nowhere"],"ports"',
      ),
    });
    const refused = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', 'api');
    expect(condition(refused, 'Synced').message).toContain('spec.externalIPs[0]');
    expect(condition(refused, 'Synced').message).not.toContain('dashboard');
  });
});
