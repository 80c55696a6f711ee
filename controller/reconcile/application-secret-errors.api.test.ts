import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, condition, SECRETS } from '../../test/application-world.ts';
import { plugin } from '../../test/plugin.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { ResourceInfo } from '../kube/types.ts';

/** What the API server quotes when it refuses a Secret reaches nobody: not the status, not Events, not the plugin. */
const NAMESPACE = 'app-secret-errors';
const VALUE = 'hunter2';
const NUMBER = 7301946;
const ENCODED = Buffer.from(VALUE).toString('base64');
const slipway = plugin(NAMESPACE);
const policies: ResourceInfo = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
  verbs: [],
  subresources: [],
};
const bindings = {
  ...policies,
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
};
const folders: string[] = [];
let world: ApplicationWorld;

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  await Promise.allSettled([
    world.cluster.client.delete(policies, NAMESPACE),
    world.cluster.client.delete(bindings, NAMESPACE),
  ]);
  await world.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A policy of the kind that people write: it says what is wrong with which value. */
async function givenQuotingPolicy(): Promise<void> {
  const { client } = world.cluster;
  const base = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: NAMESPACE } };
  await client.create(policies, {
    ...base,
    kind: 'ValidatingAdmissionPolicy',
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] },
        ],
      },
      validations: [
        {
          expression: '!has(object.metadata.labels) || !("weak" in object.metadata.labels)',
          messageExpression: '"too weak: " + string(object.data.password)',
        },
      ],
    },
  });
  await client.create(bindings, {
    ...base,
    kind: 'ValidatingAdmissionPolicyBinding',
    spec: {
      policyName: NAMESPACE,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } } },
    },
  });
  // The API server learns of a policy through a watch of its own.
  const probe = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'probe', namespace: NAMESPACE, labels: { weak: '' } },
    stringData: { password: 'x' },
  };
  await eventually(() => expect(client.create(SECRETS, probe, { dryRun: true })).rejects.toThrow());
}

const BY_POLICY = `the Secret was refused by the ValidatingAdmissionPolicy "${NAMESPACE}"`;
const REFUSED: readonly [what: string, manifest: object, says: string][] = [
  ['text that is no base64', { data: { password: `${VALUE}!` } }, 'a value under data is no base64'],
  ['a number for a text', { stringData: { pin: NUMBER } }, '.stringData.pin: expected string'],
  ['a map for a text', { stringData: { password: { inner: VALUE } } }, '.stringData.password: expected string'],
  ['a text for the map', { data: VALUE }, '.data: expected map'],
  ['a list for the map', { stringData: [VALUE] }, '.stringData: expected map'],
  ['a misspelt field', { stringdata: { password: VALUE } }, '.stringdata: field not declared in schema'],
  [
    'a type that wants other content',
    { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': VALUE } },
    'invalid at data[.dockerconfigjson]',
  ],
  ['a key that is none', { data: { 'pass word': ENCODED } }, 'invalid at data[pass word]'],
  ['more than fits', { stringData: { password: VALUE.repeat(160_000) } }, 'invalid at data'],
  ['a policy that quotes it', { metadata: { labels: { weak: '' } }, stringData: { password: VALUE } }, BY_POLICY],
];

describe('a Secret that the API server refuses is never quoted:', () => {
  beforeAll(givenQuotingPolicy);

  it.each(REFUSED)('%s', async (what, manifest, says) => {
    const name = what.replaceAll(' ', '-');
    const { metadata = {}, ...rest } = manifest as { metadata?: object };
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, ...metadata }, ...rest });
    await world.push({ [`${name}/secret.json`]: text });
    await world.createApplication({ name, path: name, automated: {} });
    const application = await world.until((app) => condition(app, 'Synced').reason === 'ObjectRefused', name);
    expect(application.status?.resources?.[0]?.message).toContain(says);
    expect(application.status?.resources?.[0]?.message).toContain(`(${name}/secret.json:1)`);
    await world.untilEvent(/ObjectRefused|Refused|Failed/, name);

    const folder = await mkdtemp(join(tmpdir(), 'slipway-secret-'));
    folders.push(folder);
    await writeFile(join(folder, 'secret.json'), text);
    const shown = [
      JSON.stringify(application),
      ...(await world.events(name)),
      ...Object.values(await slipway('app', 'diff', name, '--path', folder)).map(String),
      ...Object.values(await slipway('app', 'get', name)).map(String),
    ].join('\n');
    for (const secret of [VALUE, ENCODED, String(NUMBER)]) expect(shown).not.toContain(secret);
    await world.deleteApplication(name);
  });
});
