import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { configMap, DEPLOYMENTS, SECRETS } from '../../test/application-world.ts';
import {
  createRepository,
  type GitHttpServer,
  gitRoot,
  startGitHttp,
  type TestRepository,
} from '../../test/git-http.ts';
import { plugin } from '../../test/plugin.ts';
import { connectReal, createNamespace, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import { APPLICATION_RESOURCE, type Application } from '../api/generated/application.ts';
import type { KubeObject } from '../kube/types.ts';

const NAMESPACE = 'cli-app-objects';
const CREDENTIALS = { username: 'reader', password: 'hunter2' };
const slipway = plugin(NAMESPACE);
let cluster: RealCluster;
let root: string;
let git: GitHttpServer;
let repository: TestRepository;

beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
  root = await gitRoot();
  git = await startGitHttp(root, CREDENTIALS);
  repository = await createRepository(root, 'repo');
  const data = Object.entries(CREDENTIALS).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  await cluster.client.create(SECRETS, object('v1', 'Secret', 'git', { data: Object.fromEntries(data) }));
});
afterAll(async () => {
  await git.close();
  await cluster.close();
  await rm(root, { recursive: true, force: true });
});

function object(apiVersion: string, kind: string, name: string, more: object): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, ...more };
}

async function given(name: string, source: object = {}): Promise<Application> {
  const spec = { source: { repoURL: git.url('repo'), targetRevision: 'main', secretRef: { name: 'git' }, ...source } };
  return (await cluster.client.create(
    APPLICATION_RESOURCE,
    object('slipway.dev/v1alpha1', 'Application', name, { spec }),
  )) as Application;
}

describe('kubectl slipway app tree', () => {
  it('shows below a Deployment what its controllers made', async () => {
    const labels = { app: 'web' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
    const spec = { replicas: 1, selector: { matchLabels: labels }, template };
    await cluster.client.create(DEPLOYMENTS, object('apps/v1', 'Deployment', 'web', { spec }));
    const application = await given('tree');
    const entry = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: NAMESPACE, name: 'web' };
    const health = { status: 'Progressing' as const };
    const status = { resources: [{ ...entry, status: 'Synced' as const, health }], health };
    await cluster.client.update(APPLICATION_RESOURCE, { ...application, status }, { subresource: 'status' });
    await eventually(async () => {
      const { code, out } = await slipway('app', 'tree', 'tree');
      expect(code).toBe(0);
      expect(out).toMatch(/^Application\/tree +◌ Progressing .*\n└──Deployment\/web +◌ Progressing\n/m);
      expect(out).toMatch(/^ {3}└──ReplicaSet\/web-\w+ +◌ Progressing .*\n {6}└──Pod\/web-\w+-\w+ +◌ Pending /m);
    });
  });
});

describe('kubectl slipway app manifests', () => {
  it('prints what Git says as it would be applied, with the credentials of the application, Secrets masked', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: open-sesame}\n';
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: made, namespace: wrong}\n';
    const first = await repository.commit({ 'deploy/a.yaml': configMap('first') });
    const commit = await repository.commit({ 'deploy/b.yaml': `${secret}---\n${namespace}` });
    await given('rendered', { path: 'deploy' });
    const { code, out } = await slipway('app', 'manifests', 'rendered');
    expect(code).toBe(0);
    expect(out).toContain(`# ${git.url('repo')} at ${commit}\n---\n# deploy/a.yaml:1\n`);
    const objects = parseAllDocuments(out).map((document) => document.toJS() as KubeObject);
    expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace, metadata.name])).toEqual([
      ['ConfigMap', NAMESPACE, 'first'],
      ['Secret', NAMESPACE, 'keys'],
      ['Namespace', undefined, 'made'],
    ]);
    expect(objects[0]?.metadata.annotations).toEqual({
      'slipway.dev/tracking-id': `${NAMESPACE}_rendered:/ConfigMap:${NAMESPACE}/first`,
    });
    expect(out).not.toContain('open-sesame');
    expect((await slipway('app', 'manifests', 'rendered', '--revision', first)).out).not.toContain('kind: Secret');
  });

  it('says what is wrong with the source, without the credentials', async () => {
    await given('lost', { path: 'gone' });
    const { code, err } = await slipway('app', 'manifests', 'lost');
    expect(code).toBe(2);
    expect(err).toMatch(/^error \(GitPathNotFound\): path "gone" does not exist in /);
    await given('keyless', { secretRef: { name: 'none' } });
    const keyless = await slipway('app', 'manifests', 'keyless');
    expect(keyless.err).toContain(`Secret ${NAMESPACE}/none does not exist`);
    expect(err + keyless.err).not.toContain(CREDENTIALS.password);
  });
});
