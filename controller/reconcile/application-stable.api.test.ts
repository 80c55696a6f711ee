import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationWorld, condition, DEPLOYMENTS, isSyncedTo } from '../../test/application-world.ts';
import { eventually } from '../../test/setup/real-cluster.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';

/** What API servers and others do to an object that was applied: none of it may ever look like drift. */
const NAMESPACE = 'app-stable';
const GROUP = 'stable.example.com';

interface Case {
  what: string;
  manifests: readonly object[];
  /** What somebody else does once the objects are in the cluster. */
  meddle?: () => Promise<void>;
}

const resource = (group: string, version: string, kind: string, plural: string, namespaced: boolean): ResourceInfo => ({
  group,
  version,
  kind,
  plural,
  namespaced,
  verbs: ['get', 'patch', 'delete'],
  subresources: [],
});
const WEBHOOKS = resource(
  'admissionregistration.k8s.io',
  'v1',
  'ValidatingWebhookConfiguration',
  'validatingwebhookconfigurations',
  false,
);
const POLICIES = resource(
  'admissionregistration.k8s.io',
  'v1',
  'MutatingAdmissionPolicy',
  'mutatingadmissionpolicies',
  false,
);
const BINDINGS = resource(
  'admissionregistration.k8s.io',
  'v1',
  'MutatingAdmissionPolicyBinding',
  'mutatingadmissionpolicybindings',
  false,
);
const DEFINITIONS = resource(
  'apiextensions.k8s.io',
  'v1',
  'CustomResourceDefinition',
  'customresourcedefinitions',
  false,
);
const AUTOSCALERS = resource('autoscaling', 'v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', true);
const CA = Buffer.from('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n').toString('base64');

let world: ApplicationWorld;
const patch = (of: ResourceInfo, key: string, operations: readonly object[]): Promise<KubeObject> =>
  world.cluster.client.patch(of, key, 'application/json-patch+json', operations);

const metric = (name: string): object => ({
  type: 'Resource',
  resource: { name, target: { type: 'Utilization', averageUtilization: 80 } },
});
const deployment = (name: string, container: object): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'registry.example.com/x:1', ...container }] },
    },
  },
});
const definition = (plural: string, kind: string, properties: object): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
      },
    ],
  },
});

const CASES: readonly Case[] = [
  {
    what: 'a webhook whose defaults are filled in and whose caBundle is injected',
    manifests: [
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'app-stable' },
        webhooks: [
          {
            name: 'a.stable.example.com',
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            failurePolicy: 'Ignore',
            clientConfig: { service: { name: 'hook', namespace: NAMESPACE } },
            rules: [{ apiGroups: [GROUP], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] }],
          },
        ],
      },
    ],
    meddle: async () => {
      await patch(WEBHOOKS, 'app-stable', [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: CA }]);
    },
  },
  {
    what: 'a custom resource with explicit defaults, false, empty lists and maps',
    manifests: [
      definition('gizmos', 'Gizmo', {
        on: { type: 'boolean', default: false },
        size: { type: 'integer', default: 3 },
        tags: { type: 'array', items: { type: 'string' } },
        limits: { type: 'object', additionalProperties: { type: 'string' } },
        nested: { type: 'object', default: {}, properties: { depth: { type: 'integer', default: 1 } } },
      }),
      {
        apiVersion: `${GROUP}/v1`,
        kind: 'Gizmo',
        metadata: { name: 'one', labels: {}, annotations: {} },
        spec: { on: false, size: 3, tags: [], limits: {} },
      },
    ],
  },
  {
    what: 'null and empty lists of built-in kinds',
    manifests: [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'stable' }, rules: [] },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'stable' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'stable' },
        subjects: null,
      },
      deployment('nulls', { env: null, ports: [], resources: {}, args: [], envFrom: [] }),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'stable' }, secrets: [], imagePullSecrets: null },
    ],
  },
  {
    what: 'quantities and numbers that the API server writes otherwise',
    manifests: [
      deployment('quantities', {
        resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: 1, memory: '2.0Gi' } },
      }),
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'quantities' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2048Mi' } } },
      },
    ],
  },
  {
    what: 'an autoscaler whose metrics stand in another order than usual',
    manifests: [
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'stable' },
        spec: {
          minReplicas: 1,
          maxReplicas: 4,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'none' },
          metrics: [metric('memory'), metric('cpu')],
        },
      },
    ],
    // Its controller writes the status, through whichever version it speaks.
    meddle: async () => {
      const old = { ...AUTOSCALERS, version: 'v1' };
      await patch(old, `${NAMESPACE}/stable`, [{ op: 'add', path: '/metadata/labels', value: { seen: 'v1' } }]);
    },
  },
  {
    what: 'lists into which others put their items first, by key and by value',
    manifests: [
      {
        ...deployment('extended', { env: [{ name: 'A', value: '1' }] }),
        metadata: { name: 'extended', finalizers: ['example.com/ours'] },
      },
    ],
    meddle: async () => {
      await patch(DEPLOYMENTS, `${NAMESPACE}/extended`, [
        { op: 'add', path: '/metadata/finalizers/0', value: 'example.com/theirs' },
        { op: 'add', path: '/spec/template/spec/containers/0/env/0', value: { name: 'B', value: '2' } },
        { op: 'add', path: '/spec/template/spec/containers/0', value: { name: 'sidecar', image: 'example.com/s:1' } },
      ]);
    },
  },
  {
    what: 'a CRD larger than any annotation may be',
    manifests: [definition('hugs', 'Hug', { a: { type: 'string', description: 'x'.repeat(600_000) } })],
  },
];

beforeAll(async () => {
  world = await ApplicationWorld.open(NAMESPACE);
  await world.start();
});
afterAll(async () => {
  const { client } = world.cluster;
  await Promise.allSettled([
    client.delete(WEBHOOKS, 'app-stable'),
    client.delete(POLICIES, 'app-stable'),
    client.delete(BINDINGS, 'app-stable'),
    client.delete(DEFINITIONS, `gizmos.${GROUP}`),
    client.delete(DEFINITIONS, `hugs.${GROUP}`),
  ]);
  await world.close();
});

/** Looks at Git and at every object anew, and returns what was written meanwhile, dry runs left out. */
async function lookAgain(name: string, word: string): Promise<string[]> {
  world.writes.length = 0;
  await world.patchApplication({ metadata: { annotations: { 'slipway.dev/reconcile': word } } }, name);
  const after = await world.until(({ status }) => status?.lastHandledReconcileAt === word, name);
  expect(condition(after, 'Synced')).toMatchObject({ status: 'True', reason: 'InSync' });
  return world.writes.filter((write) => !write.endsWith('(dry run)') && !write.startsWith('update applications'));
}

async function settle({ what, manifests, meddle }: Case): Promise<string> {
  const name = what
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .slice(0, 40)
    .replace(/-$/, '');
  const files = manifests.map((manifest, i): [string, string] => [`${name}/${i}.json`, JSON.stringify(manifest)]);
  const commit = await world.push(Object.fromEntries(files));
  await world.createApplication({ name, path: name, automated: { selfHeal: true, prune: true } });
  await world.until(isSyncedTo(commit), name);
  expect(await lookAgain(name, 'after the sync')).toEqual([]);
  await meddle?.();
  expect(await lookAgain(name, 'after others')).toEqual([]);
  return name;
}

describe('stays in sync, and nothing is written:', () => {
  it.each(CASES)('$what', async (one) => {
    const name = await settle(one);
    const { status } = await world.application(name);
    expect(status?.selfHeal).toBeUndefined();
    expect(status?.history).toHaveLength(1);
    await world.deleteApplication(name);
  });

  it('what a mutating admission policy makes of it, also against the word of Git', async () => {
    const { client } = world.cluster;
    await client.create(POLICIES, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'app-stable' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
          ],
        },
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression:
                'Object{metadata: Object.metadata{labels: {"mutated": "yes"}}, spec: Object.spec{replicas: 3}}',
            },
          },
        ],
      },
    });
    await client.create(BINDINGS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicyBinding',
      metadata: { name: 'app-stable' },
      spec: {
        policyName: 'app-stable',
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } } },
      },
    });
    // The API server learns of a policy through a watch of its own.
    await eventually(async () => {
      const probe = deployment('probe', {}) as KubeObject;
      const body = { ...probe, metadata: { name: 'probe', namespace: NAMESPACE } };
      const answer = await client.apply(DEPLOYMENTS, body, { fieldManager: 'probe', force: true, dryRun: true });
      expect(answer.metadata.labels).toMatchObject({ mutated: 'yes' });
    });
    const name = await settle({ what: 'mutated', manifests: [deployment('mutated', {})] });
    expect(await world.read(DEPLOYMENTS, 'mutated')).toMatchObject({
      metadata: { labels: { mutated: 'yes' } },
      spec: { replicas: 3 },
    });
    await world.deleteApplication(name);
  });
});
