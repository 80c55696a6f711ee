import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectReal, createNamespace, eventually, type RealCluster } from '../../../test/setup/real-cluster.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { gvkOf, type KubeObject, keyOf, type ResourceInfo } from '../../kube/types.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { firstDifference } from '../compare.ts';
import { diffObjects } from './diff-objects.ts';

const NAMESPACE = 'local-diff';
let cluster: RealCluster;
beforeAll(async () => {
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
});
afterAll(() => cluster.close());

/** A case: what was applied before, what somebody else changed since, what Git says now, and whether that differs. */
interface Case {
  before: string;
  drift?: object;
  desired: string;
  differs: boolean;
}

const deployment = (spec: string, pod = ''): string =>
  `{apiVersion: apps/v1, kind: Deployment, spec: {selector: {matchLabels: {app: a}}, ${spec} template: {metadata: {labels: {app: a}}, spec: {${pod} containers: [{name: main, image: a}]}}}}`;
const container = (fields: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 0, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: main, image: a, ${fields}}]}}}}`;
const hpa = (metrics: string): string =>
  `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, maxReplicas: 3, metrics: [${metrics}]}}`;
const MEMORY = '{type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1024Mi}}}';
const CPU = '{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}';

const CASES: Readonly<Record<string, Case>> = {
  'quantities in other spellings': {
    before: container('resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {cpu: 0.5}}'),
    desired: container('resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 500m}}'),
    differs: false,
  },
  'another quantity': {
    before: container('resources: {limits: {memory: 1G}}'),
    desired: container('resources: {limits: {memory: 1Gi}}'),
    differs: true,
  },
  'empty lists and false': {
    before: container(''),
    desired: container('args: [], command: null, stdin: false, securityContext: null'),
    differs: false,
  },
  'an empty value of a variable': {
    before: container('env: [{name: A}]'),
    desired: container('env: [{name: A, value: ""}]'),
    differs: false,
  },
  'a command that was removed with null': {
    before: container('command: [sh]'),
    desired: container('command: null'),
    differs: true,
  },
  'a command that was emptied': {
    before: container('command: [sh]'),
    desired: container('command: []'),
    differs: true,
  },
  'nulls for what somebody else wrote': {
    before: container(''),
    drift: {
      metadata: { labels: { a: 'b' } },
      spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: 'a' }] }] } } },
    },
    desired: container('env: null, resources: null'),
    differs: false,
  },
  'a null for a text that somebody else wrote': {
    before: container(''),
    drift: { spec: { template: { spec: { containers: [{ name: 'main', workingDir: '/x' }] } } } },
    desired: container('workingDir: null'),
    differs: true,
  },
  'an empty text for one that the API server fills in': {
    before: container(''),
    desired: container('terminationMessagePolicy: "", imagePullPolicy: null'),
    differs: false,
  },
  'a field that was removed': {
    before: container('command: [sh]'),
    desired: container(''),
    differs: true,
  },
  'a field that was removed and is back to its default': {
    before: container('imagePullPolicy: Always, terminationMessagePolicy: File'),
    desired: container(''),
    differs: false,
  },
  'a variable that was removed': {
    before: container('env: [{name: A, value: a}, {name: B, value: b}]'),
    desired: container('env: [{name: B, value: b}]'),
    differs: true,
  },
  'variables that somebody added': {
    before: container('env: [{name: A, value: a}]'),
    drift: { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: 'b' }] }] } } } },
    desired: container('env: [{name: A, value: a}]'),
    differs: false,
  },
  'a sidecar that somebody injected': {
    before: container(''),
    drift: { spec: { template: { spec: { containers: [{ name: 'proxy', image: 'p' }] } } } },
    desired: container(''),
    differs: false,
  },
  'a toleration that somebody added': {
    before: deployment('replicas: 0,', 'tolerations: [{key: a, operator: Exists}],'),
    drift: {
      spec: {
        template: {
          spec: {
            tolerations: [
              { key: 'a', operator: 'Exists' },
              { key: 'b', operator: 'Exists' },
            ],
          },
        },
      },
    },
    desired: deployment('replicas: 0,', 'tolerations: [{key: a, operator: Exists}],'),
    differs: true,
  },
  'replicas that somebody set': {
    before: deployment('replicas: 0,'),
    drift: { spec: { replicas: 1 } },
    desired: deployment('replicas: 0,'),
    differs: true,
  },
  'replicas that Git has left to an autoscaler since': {
    before: deployment('replicas: 0,'),
    drift: { spec: { replicas: 2 } },
    desired: deployment(''),
    differs: false,
  },
  'an annotation that somebody added': {
    before: '{apiVersion: v1, kind: ConfigMap, data: {a: b}}',
    drift: { metadata: { annotations: { 'example.test/a': 'b' } }, data: { c: 'd' } },
    desired: '{apiVersion: v1, kind: ConfigMap, data: {a: b}}',
    differs: false,
  },
  'a key that was removed': {
    before: '{apiVersion: v1, kind: ConfigMap, data: {a: b, c: d}}',
    desired: '{apiVersion: v1, kind: ConfigMap, data: {a: b}}',
    differs: true,
  },
  'stringData that data has': {
    before: '{apiVersion: v1, kind: Secret, data: {a: YQ==}}',
    desired: '{apiVersion: v1, kind: Secret, stringData: {a: a}}',
    differs: false,
  },
  'stringData of another value': {
    before: '{apiVersion: v1, kind: Secret, data: {a: YQ==}}',
    desired: '{apiVersion: v1, kind: Secret, stringData: {a: b}}',
    differs: true,
  },
  'ports of a Service': {
    before:
      '{apiVersion: v1, kind: Service, spec: {selector: {a: b}, ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP}]}}',
    desired:
      '{apiVersion: v1, kind: Service, spec: {type: ClusterIP, selector: {a: b}, ports: [{name: a, port: 80, protocol: TCP, targetPort: 80}, {name: b, port: 80, protocol: UDP}]}}',
    differs: false,
  },
  'metrics of an autoscaler': {
    before: hpa(`${MEMORY}, ${CPU}`),
    desired: hpa(`${MEMORY.replace('1024Mi', '1Gi')}, ${CPU}`),
    differs: false,
  },
  'a metric that was removed': {
    before: hpa(`${MEMORY}, ${CPU}`),
    desired: hpa(CPU),
    differs: true,
  },
  'a policy that lets everything in': {
    before: '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}}}',
    desired: '{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {podSelector: {}, ingress: [{}]}}',
    differs: true,
  },
  'rules that are null': {
    before: '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: []}',
    desired: '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, rules: null}',
    differs: false,
  },
  'paths of an Ingress': {
    before:
      '{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {rules: [{http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}}',
    desired:
      '{apiVersion: networking.k8s.io/v1, kind: Ingress, spec: {rules: [{http: {paths: [{path: /b, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}}',
    differs: true,
  },
};

function objectOf(text: string, name: string): KubeObject {
  const value = parseYaml(text, 'case.yaml')[0]?.value as KubeObject;
  return { ...value, metadata: { ...value.metadata, name, namespace: NAMESPACE } };
}

describe('the comparison of two objects agrees with a dry run of the API server', () => {
  it.each(Object.entries(CASES))('%s', async (title, { before, drift, desired, differs }) => {
    const name = title.toLowerCase().replaceAll(' ', '-').slice(0, 60);
    const [first, wanted] = [objectOf(before, name), objectOf(desired, name)];
    const resource = (await cluster.discovery.resourceFor(gvkOf(first))) as ResourceInfo;
    const { client } = cluster;
    await client.apply(resource, first, { fieldManager: FIELD_MANAGER });
    if (drift !== undefined) {
      const options = { fieldManager: 'somebody' };
      await client.patch(resource, keyOf(first), 'application/strategic-merge-patch+json', drift, options);
    }
    const { live, dryRun } = await eventually(async () => {
      const [live, dryRun] = [
        await client.get(resource, keyOf(first)),
        await client.apply(resource, wanted, { fieldManager: FIELD_MANAGER, force: true, dryRun: true }),
      ];
      // A controller of the cluster may write in between.
      expect(dryRun.metadata.resourceVersion).toBe(live.metadata.resourceVersion);
      return { live, dryRun };
    });
    expect({
      server: firstDifference(live, dryRun) !== undefined,
      here: diffObjects(wanted, live),
    }).toEqual({ server: differs, here: differs ? [expect.anything()] : [] });
  });
});
