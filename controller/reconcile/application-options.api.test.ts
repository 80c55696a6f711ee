import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSyncedTo,
  SERVICES,
} from '../../test/application-world.ts';
import type { ResourceInfo } from '../kube/types.ts';

const NAMESPACES: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  verbs: [],
  subresources: [],
};

function annotated(name: string, annotations: Record<string, string>, namespace?: string): string {
  const metadata = { name, annotations, ...(namespace && { namespace }) };
  return `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: 'value' } })}\n`;
}

describe('sync options', () => {
  let world: ApplicationWorld;

  beforeAll(async () => {
    world = await ApplicationWorld.open('application-options');
    await world.start();
  });
  afterAll(() => world.close());

  it('Prune=false keeps an object that is gone from Git, under the name of Argo CD too, and says so', async () => {
    const first = await world.push({
      'prune/kept.yaml': annotated('kept', { 'argocd.argoproj.io/sync-options': 'Prune=false' }),
      'prune/gone.yaml': configMap('gone'),
      'prune/stays.yaml': configMap('stays'),
    });
    await world.createApplication({ name: 'prune', path: 'prune', automated: { prune: true } });
    await world.until(isSyncedTo(first), 'prune');
    const second = await world.push({ 'prune/kept.yaml': null, 'prune/gone.yaml': null });
    await world.untilObject(CONFIG_MAPS, 'gone', (object) => object === undefined);
    const application = await world.until(
      ({ status }) => status?.operationState?.revision === second && status.operationState.phase === 'Succeeded',
      'prune',
    );
    expect(await world.read(CONFIG_MAPS, 'kept')).toBeDefined();
    expect(condition(application, 'Synced')).toMatchObject({
      status: 'False',
      reason: 'OutOfSync',
      message: expect.stringContaining('stays, since its sync option is Prune=false'),
    });
    // Back in Git it is an ordinary object again.
    const third = await world.push({ 'prune/kept.yaml': configMap('kept') });
    await world.until(isSyncedTo(third), 'prune');
  });

  it('Prune=confirm deletes when a person has confirmed, and no earlier', async () => {
    const first = await world.push({
      'confirm/asked.yaml': annotated('asked', { 'slipway.dev/sync-options': 'Prune=confirm' }),
      'confirm/stays.yaml': configMap('stays-too'),
    });
    await world.createApplication({ name: 'confirm', path: 'confirm', automated: { prune: true } });
    await world.until(isSyncedTo(first), 'confirm');
    const second = await world.push({ 'confirm/asked.yaml': null });
    const waiting = await world.until(
      ({ status }) => status?.resources?.some((entry) => entry.requiresDeletionConfirmation === true) ?? false,
      'confirm',
    );
    expect(waiting.status?.operationState).toMatchObject({
      phase: 'Running',
      message: expect.stringContaining('annotate the Application with slipway.dev/deletion-approved'),
    });
    expect(await world.read(CONFIG_MAPS, 'asked')).toBeDefined();
    const approved = new Date(Date.now() + 3_600_000).toISOString();
    await world.patchApplication(
      { metadata: { annotations: { 'slipway.dev/deletion-approved': approved } } },
      'confirm',
    );
    await world.until(isSyncedTo(second), 'confirm');
    expect(await world.read(CONFIG_MAPS, 'asked')).toBeUndefined();
  });

  it('CreateNamespace=true makes the namespace, with the metadata that is asked for, and never prunes it', async () => {
    const commit = await world.push({ 'created/settings.yaml': configMap('settings') });
    await world.createApplication({
      name: 'created',
      path: 'created',
      destination: { namespace: 'application-options-made' },
      automated: { prune: true, allowEmpty: true },
      syncPolicy: {
        syncOptions: ['CreateNamespace=true', 'ApplyOutOfSyncOnly=true'],
        managedNamespaceMetadata: { labels: { team: 'ml' } },
      },
    });
    await world.until(isSyncedTo(commit), 'created');
    expect(await world.read(NAMESPACES, 'application-options-made')).toMatchObject({
      metadata: { labels: { team: 'ml' } },
    });
    const empty = await world.push({ 'created/settings.yaml': null, 'created/README.md': 'nothing' });
    await world.until(isSyncedTo(empty), 'created');
    expect(await world.read(NAMESPACES, 'application-options-made')).not.toMatchObject({
      metadata: { deletionTimestamp: expect.anything() },
    });
  });

  it('an object with ignore-healthcheck does not count for the health', async () => {
    const service = (annotations: Record<string, string>): string =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'balanced', annotations },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      });
    const first = await world.push({ 'health/service.yaml': service({}) });
    await world.createApplication({ name: 'health', path: 'health', automated: {} });
    const counted = await world.until(isSyncedTo(first), 'health');
    expect(counted.status?.health?.status).toBe('Progressing');
    const second = await world.push({
      'health/service.yaml': service({ 'argocd.argoproj.io/ignore-healthcheck': 'true' }),
    });
    const ignored = await world.until(isSyncedTo(second), 'health');
    expect(ignored.status?.health?.status).toBe('Healthy');
    expect(await world.read(SERVICES, 'balanced')).toBeDefined();
  });

  it('an option that nobody knows refuses the commit, by object, annotation and remedy', async () => {
    const first = await world.push({ 'misspelt/a.yaml': configMap('misspelt') });
    await world.createApplication({ name: 'misspelt', path: 'misspelt', automated: { prune: true } });
    await world.until(isSyncedTo(first), 'misspelt');
    await world.push({
      'misspelt/a.yaml': null,
      'misspelt/b.yaml': annotated('other', { 'argocd.argoproj.io/sync-options': 'Prune=flase' }),
    });
    const application = await world.until((app) => condition(app, 'SourceReady').status === 'False', 'misspelt');
    expect(condition(application, 'SourceReady')).toEqual({
      status: 'False',
      reason: 'ManifestInvalid',
      message:
        'ConfigMap application-options/other: annotation argocd.argoproj.io/sync-options has "Prune=flase": write Prune=true, false or confirm (misspelt/b.yaml:1)',
    });
    expect(await world.read(CONFIG_MAPS, 'misspelt')).toBeDefined();
  });
});
