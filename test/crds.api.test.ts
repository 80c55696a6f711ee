import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject, ResourceInfo } from '../controller/kube/types.ts';
import { gvkOf } from '../controller/kube/types.ts';
import { connectReal, type RealCluster } from './setup/real-cluster.ts';

let cluster: RealCluster;

beforeAll(() => {
  cluster = connectReal();
});
afterAll(() => cluster.close());

function sample(file: string): KubeObject {
  return parse(readFileSync(`crds/samples/${file}`, 'utf8'));
}

async function dryRun(object: KubeObject): Promise<KubeObject> {
  const resource = (await cluster.discovery.resourceFor(gvkOf(object))) as ResourceInfo;
  const namespaced = resource.namespaced ? { namespace: 'default' } : {};
  const body = { ...object, metadata: { ...object.metadata, ...namespaced } };
  return cluster.client.create(resource, body, { dryRun: true });
}

/** A copy of a sample with one field set; undefined removes it. */
function changed(file: string, path: string, value: unknown): KubeObject {
  const object = sample(file);
  const keys = path.split('.');
  let at: Record<string, unknown> = object;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const last = keys.at(-1) as string;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return object;
}

describe('samples', () => {
  it.each(readdirSync('crds/samples'))('%s is accepted as it stands', async (file) => {
    await expect(dryRun(sample(file))).resolves.toHaveProperty('metadata.name');
  });

  it('fill in the documented defaults', async () => {
    const rollout = await dryRun(changed('rollout.yaml', 'spec.replicas', undefined));
    expect(rollout['spec']).toHaveProperty('replicas', 1);
    const application = await dryRun(changed('application.yaml', 'spec.source.path', undefined));
    expect(application['spec']).toHaveProperty('source.path', '.');
  });
});

const canary = 'spec.strategy.canary';
const refused: [string, string, string, unknown, RegExp][] = [
  ['credentials in a URL', 'application.yaml', 'spec.source.repoURL', 'https://user:secret@git/x', /repoURL/],
  ['ssh', 'application.yaml', 'spec.source.repoURL', 'git@git:x.git', /repoURL/],
  ['a path that leaves the repository', 'application.yaml', 'spec.source.path', 'a/../../b', /must not leave it/],
  ['an absolute path', 'application.yaml', 'spec.source.path', '/etc', /relative to the root/],
  [
    'an unknown field',
    'application.yaml',
    'spec.syncPolicy.automatic',
    {},
    /unknown field "spec.syncPolicy.automatic"/,
  ],
  [
    'a step of two kinds',
    'rollout.yaml',
    `${canary}.steps`,
    [{ setWeight: 5, pause: {} }],
    /exactly one of setWeight, setCanaryScale, pause, analysis/,
  ],
  ['a step of no kind', 'rollout.yaml', `${canary}.steps`, [{}], /exactly one of/],
  ['a weight above 100', 'rollout.yaml', `${canary}.steps`, [{ setWeight: 101 }], /less than or equal to 100/],
  ['a surge that is no number', 'rollout.yaml', `${canary}.maxSurge`, 'lots', /number or a percentage/],
  ['an unavailable above 100 %', 'rollout.yaml', `${canary}.maxUnavailable`, '101%', /at most 100%/],
  [
    'routing without Services',
    'rollout.yaml',
    `${canary}.stableService`,
    undefined,
    /needs canaryService and stableService/,
  ],
  ['one Service for both', 'rollout.yaml', `${canary}.stableService`, 'fraud-canary', /two Services/],
  ['a step kind that does not exist', 'rollout.yaml', `${canary}.steps`, [{ plugin: {} }], /unknown field/],
  ['a version that is a number', 'rollout.yaml', 'spec.model.version', 8, /must be of type string/],
  ['a name too long for its ReplicaSets', 'rollout.yaml', 'metadata.name', 'x'.repeat(53), /name/],
  [
    'several measurements without interval',
    'analysistemplate.yaml',
    'spec.metrics',
    [{ name: 'a', count: 2, provider: { prometheus: { address: 'http://p', query: 'up' } } }],
    /count above 1 needs an interval/,
  ],
  [
    'two metrics of one name',
    'analysistemplate.yaml',
    'spec.metrics',
    [
      { name: 'a', provider: { prometheus: { address: 'http://p', query: 'up' } } },
      { name: 'a', provider: { prometheus: { address: 'http://p', query: 'up' } } },
    ],
    /Duplicate value/,
  ],
  [
    'a provider that does not exist',
    'analysistemplate.yaml',
    'spec.metrics',
    [{ name: 'a', provider: { web: {} } }],
    /unknown field|Required/,
  ],
  ['a registry of another kind', 'modelregistry.yaml', 'spec.type', 'kubeflow', /mlflow/],
];

describe('refused by the API server, with a message that names the field', () => {
  it.each(refused)('%s', async (_, file, path, value, message) => {
    await expect(dryRun(changed(file, path, value))).rejects.toThrow(message);
  });
});
