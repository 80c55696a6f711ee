import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  ApplicationWorld,
  CONFIG_MAPS,
  configMap,
  DEPLOYMENTS,
  SECRETS,
  SERVICES,
} from '../../test/application-world.ts';
import { plugin } from '../../test/plugin.ts';
import { ROLLOUT_RESOURCE, type Rollout } from '../api/generated/rollout.ts';

const NAMESPACE = 'cli-app-diff';
const slipway = plugin(NAMESPACE);
let world: ApplicationWorld;
const folders: string[] = [];

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await world.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const deployment = (image: string, more = ''): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 0, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "${image}", resources: {limits: {cpu: 1000m}}, ${more}}]}}}}\n`;
const secret = (value: string): string =>
  `{apiVersion: v1, kind: Secret, metadata: {name: token}, stringData: {token: ${value}}}\n`;
const service =
  '{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n';

/** A folder on this machine, as a person has it before a merge. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-diff-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

async function synced(name: string, files: Record<string, string>, automated: object = {}): Promise<void> {
  const paths = Object.entries(files).map(([file, text]): [string, string] => [`${name}/${file}`, text]);
  await world.push(Object.fromEntries(paths));
  await world.createApplication({ name, path: name, automated });
  await world.until((app) => app.status?.sync?.status === 'Synced', name);
}

describe('kubectl slipway app diff', () => {
  it('shows what a merge would change, object by object, and writes nothing', async () => {
    const before = { 'web.yaml': deployment('web:1'), 'token.yaml': secret('old'), 'old.yaml': configMap('old') };
    await synced('merge', before, { prune: true });
    const token = await world.read(SECRETS, 'token');
    const folder = await folderOf({
      'web.yaml': deployment('web:2', 'env: [{name: A, value: b}]'),
      'token.yaml': secret('new-value'),
      'service.yaml': service,
    });
    const { code, out, err } = await slipway('app', 'diff', 'merge', '--path', folder);
    expect({ code, err, lines: out.trim().split('\n') }).toEqual({
      code: 1,
      err: '',
      lines: [
        `Service ${NAMESPACE}/web: not in the cluster, would be created`,
        `Secret ${NAMESPACE}/token: 1 field differs`,
        '  data.token: "***" -> "***"',
        `Deployment ${NAMESPACE}/web: 2 fields differ`,
        '  spec.template.spec.containers[name=web].image: "web:1" -> "web:2"',
        '  spec.template.spec.containers[name=web].env',
        '    + [{"name":"A","value":"b"}]',
        `ConfigMap ${NAMESPACE}/old: not in Git, would be pruned`,
        '2 different, 1 to create, 1 not in Git',
      ],
    });
    expect(await world.read(SERVICES, 'web')).toBeUndefined();
    expect(await world.read(CONFIG_MAPS, 'old')).toBeDefined();
    expect(await world.read(SECRETS, 'token')).toEqual(token);
    expect(await slipway('app', 'diff', 'merge')).toMatchObject({ code: 0, out: '3 same\n' });
  });

  it('compares one object, as JSON', async () => {
    const folder = await folderOf({ 'web.yaml': deployment('web:3'), 'token.yaml': secret('old') });
    const { code, out } = await slipway(
      ...['app', 'diff', 'merge', '--path', folder, '--resource', 'deployment/web', '-o', 'json'],
    );
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'Deployment',
      state: 'different',
      differences: [{ change: 'change', live: 'web:1', desired: 'web:3' }],
    });
    expect(await slipway('app', 'diff', 'merge', '--resource', 'Deployment/other')).toMatchObject({
      code: 2,
      err: 'error (ObjectNotFound): application "merge" has no Deployment/other\n',
    });
  });

  it('leaves out what is ignored', async () => {
    await synced('ignore', { 'api.yaml': deployment('api:1').replaceAll('web', 'api') });
    await world.patchApplication({ spec: { syncPolicy: null } }, 'ignore');
    const scale = { spec: { replicas: 2 } };
    await world.cluster.client.patch(DEPLOYMENTS, `${NAMESPACE}/api`, 'application/merge-patch+json', scale);
    expect((await slipway('app', 'diff', 'ignore')).out).toContain('  spec.replicas: 2 -> 0\n');
    const ignoreDifferences = [{ group: '*', kind: 'Deployment', jsonPointers: ['/spec/replicas'] }];
    await world.patchApplication({ spec: { ignoreDifferences } }, 'ignore');
    expect(await slipway('app', 'diff', 'ignore')).toMatchObject({ code: 0, out: '1 same\n' });
  });

  it('shows what kubectl had put there and Git lacks, beside other differences', async () => {
    const labels = { app: 'former' };
    const spec = {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1', workingDir: '/old' }] } },
    };
    const metadata = { name: 'former', namespace: NAMESPACE, labels: { team: 'a' } };
    const former = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
    await world.cluster.client.create(DEPLOYMENTS, former, { fieldManager: 'kubectl-client-side-apply' });
    await world.push({
      'former/web.yaml': deployment('web:2').replaceAll(/(metadata: \{name|app): web/g, '$1: former'),
    });
    await world.createApplication({ name: 'former', path: 'former' });
    const { code, out } = await slipway('app', 'diff', 'former');
    expect(code).toBe(1);
    expect(out).toContain('containers[name=web].workingDir');
    expect(out).toContain('metadata.labels.team: "a" -> (none)');
    await world.patchApplication({ spec: { syncPolicy: { automated: {} } } }, 'former');
    await world.until((app) => app.status?.sync?.status === 'Synced', 'former');
    expect(await slipway('app', 'diff', 'former')).toMatchObject({ code: 0, out: '1 same\n' });
    expect((await world.read(DEPLOYMENTS, 'former'))?.metadata.labels?.['team']).toBeUndefined();
  });

  it('leaves out what a Rollout owns', async () => {
    const rollout: Rollout = parse(readFileSync('crds/samples/rollout.yaml', 'utf8'));
    const stable = rollout.spec.strategy.canary?.stableService as string;
    await synced('owned', { 'service.yaml': service.replace('name: web', `name: ${stable}`) });
    await world.cluster.client.create(ROLLOUT_RESOURCE, {
      ...rollout,
      metadata: { name: 'owner', namespace: NAMESPACE },
    });
    const hash = { spec: { selector: { 'rollouts-pod-template-hash': 'abc' } } };
    await world.cluster.client.patch(SERVICES, `${NAMESPACE}/${stable}`, 'application/merge-patch+json', hash);
    expect(await slipway('app', 'diff', 'owned')).toMatchObject({ code: 0, out: '1 same\n' });
    await world.cluster.client.delete(ROLLOUT_RESOURCE, `${NAMESPACE}/owner`);
    expect(await slipway('app', 'diff', 'owned')).toMatchObject({
      code: 1,
      out: expect.stringContaining('  spec.selector.rollouts-pod-template-hash: "abc" -> (none)\n'),
    });
  });

  it('says which object the API server would refuse, and that the comparison is incomplete', async () => {
    const folder = await folderOf({
      'web.yaml': deployment('web:1', 'comand: [sh]'),
      'token.yaml': '{apiVersion: v1, kind: Secret, metadata: {name: token}, data: {token: not-base-64!}}',
      'gadget.yaml': '{apiVersion: example.test/v1, kind: Gadget, metadata: {name: x}}',
    });
    const { code, out, err } = await slipway('app', 'diff', 'merge', '--path', folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^error \(ComparisonIncomplete\): 3 of \d objects could not be compared\n$/);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      '.spec.template.spec.containers[name="web"].comand: field not declared in schema (web.yaml:1)',
    );
    expect(text).toContain('the Secret was refused');
    expect(out).toContain('the cluster does not serve its kind');
    expect(out).not.toContain('not-base-64');
  });

  it('says what the controller knows where Git cannot be read from', async () => {
    await synced('remote', { 'a.yaml': configMap('remote-a') });
    const { repoURL } = (await world.application('remote')).spec.source;
    await world.patchApplication({ spec: { source: { repoURL: `${repoURL}-moved` } } }, 'remote');
    const { code, out, err } = await slipway('app', 'diff', 'remote');
    expect(err).toContain('Git cannot be read from here');
    expect({ code, out }).toEqual({ code: 0, out: '1 same\n' });
  });

  it('counts an object of a namespace that comes with the sync as new', async () => {
    const folder = await folderOf({
      'a.yaml': '{apiVersion: v1, kind: Namespace, metadata: {name: cli-app-diff-made}}',
      'b.yaml': '{apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: cli-app-diff-made}}',
    });
    const { out } = await slipway('app', 'diff', 'remote', '--path', folder, '--resource', 'ConfigMap/b');
    expect(out).toContain(
      'ConfigMap cli-app-diff-made/b: not in the cluster, would be created\n  together with its namespace',
    );
  });
});
