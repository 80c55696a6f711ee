import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  isSynced,
  SECRETS,
} from '../../test/application-world.ts';
import type { Application } from '../api/generated/application.ts';

const NAMESPACE = 'app-bad-input';
const CREDENTIALS = { username: 'reader', password: 'pa55-word' };
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE, { credentials: CREDENTIALS, pollIntervalMs: 20_000 });
  await secret('git', CREDENTIALS);
  await world.repository.commit({ 'good/a.yaml': configMap('good') });
  await world.start();
});
afterAll(() => world.close());

async function secret(name: string, stringData: Record<string, string>): Promise<void> {
  const metadata = { name, namespace: NAMESPACE };
  const object = { apiVersion: 'v1', kind: 'Secret', metadata, stringData };
  await world.cluster.client.apply(SECRETS, object, { fieldManager: 'test', force: true });
}

const failed =
  (reason: string) =>
  (application: Application): boolean => {
    const { status, reason: found } = condition(application, 'SourceReady');
    return status === 'False' && found === reason;
  };
const notSynced =
  (reason: string) =>
  (application: Application): boolean => {
    const { status, reason: found } = condition(application, 'Synced');
    return status === 'False' && found === reason;
  };
const secretRef = { name: 'git' };
const automated = { prune: true };

describe('a source that cannot be read', () => {
  it('wrong repository: says so, and goes on when the URL is corrected', async () => {
    const name = 'wrong-repo';
    await world.createApplication({ name, path: 'good', repoURL: world.git.url('nope'), secretRef, automated });
    const application = await world.until(failed('GitRepositoryNotFound'), name);
    expect(application.status).toMatchObject({
      sync: { status: 'Unknown' },
      message: condition(application, 'SourceReady').message,
    });
    expect(condition(application, 'SourceReady').message).toContain(world.git.url('nope'));
    await world.patchApplication({ spec: { source: { repoURL: world.url } } }, name);
    await world.until(isSynced, name);
    await world.untilEvent(/^Warning GitRepositoryNotFound: /, name);
    await world.deleteApplication(name);
  });

  it('unreachable server: keeps the last comparison, and goes on when the server is back', async () => {
    const name = 'unreachable';
    await world.createApplication({ name, path: 'good', secretRef, automated });
    await world.until(isSynced, name);
    world.git.intercept = (request) => {
      request.socket.destroy();
      return true;
    };
    const application = await world.until(failed('GitUnreachable'), name);
    expect(application.status?.sync?.status).toBe('Synced');
    expect(condition(application, 'Synced').status).toBe('True');
    expect(await world.read(CONFIG_MAPS, 'good')).toBeDefined();
    world.git.intercept = undefined;
    await world.until((app) => condition(app, 'SourceReady').status === 'True', name);
    await world.deleteApplication(name);
  });

  it('missing Secret, wrong key, wrong password: each says what is wrong and never shows a value', async () => {
    const name = 'credentials';
    await world.createApplication({ name, path: 'good', secretRef: { name: 'late' }, automated });
    const missing = await world.until(failed('CredentialsInvalid'), name);
    expect(condition(missing, 'SourceReady').message).toBe(
      `Secret ${NAMESPACE}/late does not exist; create it, or correct spec.source.secretRef`,
    );
    await secret('late', { username: 'reader' });
    await world.until((app) => condition(app, 'SourceReady').message.includes('has no key password'), name);
    await secret('late', { username: 'reader', password: 'wr0ng-one' });
    const refused = await world.until(failed('GitAuthFailed'), name);
    expect(JSON.stringify(refused)).not.toContain('wr0ng-one');
    await secret('late', CREDENTIALS);
    const application = await world.until(isSynced, name);
    expect(JSON.stringify([application, await world.events(name)])).not.toContain(CREDENTIALS.password);
    await world.deleteApplication(name);
  });

  it('missing branch and missing folder: recover when they appear', async () => {
    const name = 'branch';
    await world.createApplication({ name, path: 'later', targetRevision: 'later', secretRef, automated });
    const application = await world.until(failed('GitRevisionNotFound'), name);
    expect(condition(application, 'SourceReady').message).toContain('later');
    await world.repository.git('push', '-q', 'origin', 'HEAD:refs/heads/later');
    await world.until(failed('GitPathNotFound'), name);
    await world.repository.commit({ 'later/x.yaml': configMap('later') }, { branch: 'later' });
    world.look();
    await world.until(isSynced, name);
    await world.deleteApplication(name);
  });

  it('broken YAML: names file and line, applies and prunes nothing, and recovers with the fix', async () => {
    const name = 'yaml';
    await world.push({ 'yaml/a.yaml': configMap('yaml-a'), 'yaml/b.yaml': configMap('yaml-b') });
    await world.createApplication({ name, path: 'yaml', secretRef, automated });
    await world.until(isSynced, name);
    // One object gone, one changed, one broken: none of it may happen.
    await world.push({
      'yaml/a.yaml': configMap('yaml-a', { key: 'changed' }),
      'yaml/b.yaml': null,
      'yaml/c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "broken\ndata: {}\n',
    });
    const application = await world.until(failed('ManifestInvalid'), name);
    expect(condition(application, 'SourceReady').message).toMatch(/^yaml\/c\.yaml:\d+/);
    expect(application.status?.sync?.status).toBe('Unknown');
    expect(application.status?.health?.status).toBe('Healthy');
    expect(await world.read(CONFIG_MAPS, 'yaml-b')).toBeDefined();
    expect((await world.read(CONFIG_MAPS, 'yaml-a'))?.['data']).toEqual({ key: 'value' });
    await world.push({ 'yaml/c.yaml': configMap('yaml-c') });
    await world.until((app) => isSynced(app) && condition(app, 'SourceReady').status === 'True', name);
    expect(await world.read(CONFIG_MAPS, 'yaml-c')).toBeDefined();
    expect((await world.read(CONFIG_MAPS, 'yaml-a'))?.['data']).toEqual({ key: 'changed' });
    await world.deleteApplication(name);
  });

  it('the same object twice: names both places and applies nothing', async () => {
    const name = 'twice';
    const second = configMap('twice').replace('"name":"twice"', `"name":"twice","namespace":"${NAMESPACE}"`);
    await world.push({ 'twice/a.yaml': configMap('twice'), 'twice/b.yaml': second });
    await world.createApplication({ name, path: 'twice', secretRef, automated });
    const application = await world.until(failed('ManifestDuplicate'), name);
    expect(condition(application, 'SourceReady').message).toContain('twice/a.yaml:1');
    expect(condition(application, 'SourceReady').message).toContain('twice/b.yaml:1');
    expect(await world.read(CONFIG_MAPS, 'twice')).toBeUndefined();
    await world.deleteApplication(name);
  });
});

describe('an object that the cluster does not take', () => {
  it('unknown field: the others are applied, nothing is pruned, and the fix is enough', async () => {
    const name = 'field';
    await world.push({ 'field/a.yaml': configMap('field-a'), 'field/gone.yaml': configMap('field-gone') });
    await world.createApplication({ name, path: 'field', secretRef, automated });
    await world.until(isSynced, name);
    await world.push({
      'field/gone.yaml': null,
      'field/z.yaml': configMap('field-z'),
      'field/bad.yaml': configMap('field-bad').replace('"data"', '"dada"'),
    });
    const application = await world.until(notSynced('ObjectRefused'), name);
    const { message } = condition(application, 'Synced');
    expect(message).toContain(`ConfigMap ${NAMESPACE}/field-bad`);
    expect(message).toContain('.dada');
    expect(message).toContain('field/bad.yaml:1');
    expect(application.status?.operationState).toMatchObject({ phase: 'Failed' });
    expect(application.status?.resources?.find((r) => r.name === 'field-bad')?.message).toContain('.dada');
    expect(await world.read(CONFIG_MAPS, 'field-z')).toBeDefined();
    expect(await world.read(CONFIG_MAPS, 'field-gone')).toBeDefined();
    await world.push({ 'field/bad.yaml': configMap('field-bad') });
    await world.until(isSynced, name);
    expect(await world.read(CONFIG_MAPS, 'field-gone')).toBeUndefined();
    await world.untilEvent(/^Warning OperationFailed: .*\.dada/, name);
    await world.deleteApplication(name);
  });

  it('unknown kind: names it with file and line, and goes on by itself when the CRD is installed', async () => {
    const name = 'kind';
    const gadget = 'apiVersion: example.test/v1\nkind: Gadget\nmetadata: {name: one}\nspec: {size: 3}\n';
    await world.push({ 'kind/a.yaml': configMap('kind-a'), 'kind/gadget.yaml': gadget });
    await world.createApplication({ name, path: 'kind', secretRef, automated });
    const application = await world.until(notSynced('KindUnknown'), name);
    expect(condition(application, 'Synced').message).toContain(
      'the cluster has no kind Gadget in example.test/v1 (kind/gadget.yaml:1)',
    );
    expect(await world.read(CONFIG_MAPS, 'kind-a')).toBeDefined();
    const definitions = {
      ...CONFIG_MAPS,
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      namespaced: false,
    };
    await world.cluster.client.create(definitions, gadgetDefinition('example.test'));
    await world.until(isSynced, name);
    await world.deleteApplication(name);
    await world.cluster.client.delete(definitions, 'gadgets.example.test');
  });

  it('a CRD and its objects in one commit: the objects wait for the CRD', async () => {
    const name = 'crd';
    const gadget = 'apiVersion: together.test/v1\nkind: Gadget\nmetadata: {name: one}\nspec: {size: 3}\n';
    await world.push({
      'crd/0-gadget.yaml': gadget,
      'crd/crd.json': JSON.stringify(gadgetDefinition('together.test')),
    });
    await world.createApplication({ name, path: 'crd', secretRef, automated });
    const application = await world.until(isSynced, name);
    expect(application.status?.operationState).toMatchObject({ phase: 'Succeeded', message: '2 objects applied' });
    expect(await world.events(name)).not.toContainEqual(expect.stringMatching(/^Warning/));
    await world.deleteApplication(name);
  });

  it('missing namespace: tries again, and goes on when somebody creates it', async () => {
    const name = 'namespace';
    const destination = { namespace: `${NAMESPACE}-late` };
    await world.push({ 'namespace/a.yaml': configMap('far-away') });
    await world.createApplication({ name, path: 'namespace', secretRef, destination, automated });
    const application = await world.until(notSynced('ApplyFailed'), name);
    expect(condition(application, 'Synced').message).toContain(`namespaces "${NAMESPACE}-late" not found`);
    const namespaces = { ...CONFIG_MAPS, kind: 'Namespace', plural: 'namespaces', namespaced: false };
    await world.cluster.client.create(namespaces, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: `${NAMESPACE}-late` },
    });
    await world.until(isSynced, name);
    await world.deleteApplication(name);
  });

  it('a Secret that is refused: the message does not quote it', async () => {
    const name = 'secret';
    const bad = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bad' },
      data: { password: 'not base64: hunter2' },
    };
    await world.push({ 'secret/bad.json': JSON.stringify(bad) });
    await world.createApplication({ name, path: 'secret', secretRef, automated });
    const application = await world.until(notSynced('ObjectRefused'), name);
    expect(JSON.stringify([application, await world.events(name)])).not.toContain('hunter2');
    await world.deleteApplication(name);
  });
});

function gadgetDefinition(group: string): {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: object;
} {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
