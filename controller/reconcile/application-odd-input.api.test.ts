import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  condition,
  configMap,
  DEPLOYMENTS,
  isSynced,
  isSyncedTo,
} from '../../test/application-world.ts';
import { TRACKING_ANNOTATION } from '../api/names.ts';

/** Folders as people have them: what can be meant in two ways is said with its file, and never guessed. */
const NAMESPACE = 'app-odd-input';
let world: ApplicationWorld;
beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(() => world.close());

const automated = { prune: true };

describe('a file that is no manifest', () => {
  it('values beside the manifests: left out and named, the rest is applied', async () => {
    const commit = await world.push({ 'values/a.yaml': configMap('values-a'), 'values/values.yaml': 'replicas: 3\n' });
    await world.createApplication({ name: 'values', path: 'values', automated });
    const application = await world.until(isSyncedTo(commit), 'values');
    expect(condition(application, 'SourceReady').message).toContain(
      'not for Kubernetes and left out: values/values.yaml:1 (it has neither apiVersion nor kind)',
    );
    expect(await world.read(CONFIG_MAPS, 'values-a')).toBeDefined();
  });

  it.each([
    ['kustomization.yaml', 'resources: [a.yaml]\nnamePrefix: prod-\n', 'kustomize'],
    ['Chart.yaml', 'apiVersion: v2\nname: x\nversion: 1.0.0\n', 'Helm'],
  ])(
    '%s: nothing is applied that another tool would have changed, until the file is excluded',
    async (file, text, tool) => {
      const name = tool.toLowerCase();
      await world.push({ [`${name}/a.yaml`]: configMap(`${name}-a`), [`${name}/${file}`]: text });
      await world.createApplication({ name, path: name, automated });
      const refused = await world.until((app) => condition(app, 'SourceReady').reason === 'ManifestInvalid', name);
      const { message } = condition(refused, 'SourceReady');
      expect(message).toContain(`${name}/${file}:1: `);
      expect(message).toContain(tool);
      expect(message).toContain('spec.source.directory.exclude');
      expect(await world.read(CONFIG_MAPS, `${name}-a`)).toBeUndefined();
      await world.patchApplication({ spec: { source: { directory: { exclude: file } } } }, name);
      await world.until(isSynced, name);
      expect(await world.read(CONFIG_MAPS, `${name}-a`)).toBeDefined();
    },
  );
});

it('a submodule: named where its files would be manifests, passed over where they would not', async () => {
  const { repository } = world;
  await repository.commit({ 'modules/a.yaml': configMap('modules-a') });
  const gitlink = '160000,1234567890123456789012345678901234567890,modules/shared';
  await repository.git('update-index', '--add', '--cacheinfo', gitlink);
  await repository.git('commit', '-q', '-m', 'a submodule');
  await repository.git('push', '-q', 'origin', 'HEAD:refs/heads/modules');
  await repository.git('reset', '-q', '--hard', 'HEAD~1');
  const name = 'modules';
  await world.createApplication({
    name,
    path: name,
    targetRevision: 'modules',
    directory: { recurse: true },
    automated,
  });
  const refused = await world.until((app) => condition(app, 'SourceReady').reason === 'GitUnsupportedContent', name);
  expect(condition(refused, 'SourceReady').message).toContain('"modules/shared"');
  expect(condition(refused, 'SourceReady').message).toContain('submodule');
  expect(await world.read(CONFIG_MAPS, 'modules-a')).toBeUndefined();
  await world.patchApplication({ spec: { source: { directory: { recurse: false } } } }, name);
  await world.until(isSynced, name);
  expect(await world.read(CONFIG_MAPS, 'modules-a')).toBeDefined();
});

describe('an object that', () => {
  it('has only a generateName: refused with file and line, as it would be made anew at every sync', async () => {
    await world.push({
      'generate/a.yaml': configMap('generate-a'),
      'generate/job.yaml': `# a comment\n${configMap('x').replace('"name":"x"', '"generateName":"migrate-"')}`,
    });
    await world.createApplication({ name: 'generate', path: 'generate', automated });
    const refused = await world.until((app) => condition(app, 'SourceReady').reason === 'ManifestInvalid', 'generate');
    expect(condition(refused, 'SourceReady').message).toMatch(
      /^generate\/job\.yaml:2: ConfigMap has metadata\.generateName/,
    );
    expect(await world.read(CONFIG_MAPS, 'generate-a')).toBeUndefined();
  });

  it('has two variables of one name: named by field, the others are applied, and the fix is enough', async () => {
    const deployment = (env: readonly string[]): string =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'env' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'env' } },
          template: {
            metadata: { labels: { app: 'env' } },
            spec: {
              containers: [{ name: 'main', image: 'example.com/x:1', env: env.map((name) => ({ name, value: name })) }],
            },
          },
        },
      });
    await world.push({ 'env/a.yaml': configMap('env-a'), 'env/d.json': deployment(['A', 'B', 'A']) });
    await world.createApplication({ name: 'env', path: 'env', automated });
    const refused = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', 'env');
    const { message } = condition(refused, 'Synced');
    expect(message).toContain(`Deployment ${NAMESPACE}/env`);
    expect(message).toContain('.spec.template.spec.containers[name="main"].env');
    expect(message).toContain('[name="A"]');
    expect(message).toContain('env/d.json:1');
    expect(await world.read(CONFIG_MAPS, 'env-a')).toBeDefined();
    const commit = await world.push({ 'env/d.json': deployment(['A', 'B']) });
    await world.until(isSyncedTo(commit), 'env');
    expect(await world.read(DEPLOYMENTS, 'env')).toBeDefined();
  });

  it('is a copy of one of ours, labels and annotations included: never touched, also when the original goes', async () => {
    await world.push({ 'copy/a.yaml': configMap('copy-a'), 'copy/b.yaml': configMap('copy-b') });
    await world.createApplication({ name: 'copy', path: 'copy', automated });
    await world.until(isSynced, 'copy');
    const original = await world.read(CONFIG_MAPS, 'copy-b');
    const { labels, annotations } = original?.metadata ?? {};
    expect(annotations?.[TRACKING_ANNOTATION]).toContain('copy-b');
    const metadata = { name: 'copy-c', namespace: NAMESPACE, labels: labels ?? {}, annotations: annotations ?? {} };
    await world.cluster.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    await world.push({ 'copy/b.yaml': null });
    await world.until((app) => isSynced(app) && app.status?.resources?.length === 1, 'copy');
    expect(await world.read(CONFIG_MAPS, 'copy-b')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'copy-c')).toBeDefined();
  });
});
