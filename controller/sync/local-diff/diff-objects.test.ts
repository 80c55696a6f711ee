import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { diffObjects } from './diff-objects.ts';

/** [what it shows, manifest in Git, live object, `change path` of every difference] */
type Golden = readonly [string, string, string, readonly string[]];

const head = (apiVersion: string, kind: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web, namespace: team}\n`;
const configMap = head('v1', 'ConfigMap');
const pod = (spec: string): string => `${head('v1', 'Pod')}spec: ${spec}`;
const container = (fields: string): string => pod(`{containers: [{name: web, image: "web:1", ${fields}}]}`);
const CONTAINER = 'spec.containers[name=web]';

const GOLDENS: Readonly<Record<string, readonly Golden[]>> = {
  Deployment: [
    [
      'what the API server fills in',
      `${head('apps/v1', 'Deployment')}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "web:1"}]}}`,
      `${head('apps/v1', 'Deployment')}
spec:
  replicas: 1
  revisionHistoryLimit: 10
  selector: {matchLabels: {app: web}}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%}}
  template:
    metadata: {creationTimestamp: null, labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", imagePullPolicy: IfNotPresent, resources: {}}], dnsPolicy: ClusterFirst}
status: {replicas: 1}`,
      [],
    ],
    [
      'another image, an annotation more, a number of replicas',
      `${head('apps/v1', 'Deployment')}
spec:
  replicas: 0
  template: {metadata: {annotations: {a/b: c}}, spec: {containers: [{name: web, image: "web:2"}]}}`,
      `${head('apps/v1', 'Deployment')}
spec:
  replicas: 3
  template: {metadata: {}, spec: {containers: [{name: web, image: "web:1"}]}}`,
      [
        'change spec.replicas',
        'add spec.template.metadata.annotations',
        'change spec.template.spec.containers[name=web].image',
      ],
    ],
  ],
  Pod: [
    [
      'other spellings of quantities',
      container('resources: {limits: {cpu: 1000m, memory: 1Gi}, requests: {cpu: 0.5, nvidia.com/gpu: 1}}'),
      container('resources: {limits: {cpu: "1", memory: 1024Mi}, requests: {cpu: 500m, nvidia.com/gpu: "1"}}'),
      [],
    ],
    [
      'another quantity',
      container('resources: {limits: {memory: 1Gi}}'),
      container('resources: {limits: {memory: 1G}}'),
      [`change ${CONTAINER}.resources.limits.memory`],
    ],
    [
      'texts that look like quantities',
      container('env: [{name: A, value: "1"}]'),
      container('env: [{name: A, value: "1.0"}]'),
      [`change ${CONTAINER}.env[name=A].value`],
    ],
    [
      'lists by their merge key, in any order',
      container(
        'env: [{name: A, value: a}, {name: B}], ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}], volumeMounts: [{name: x, mountPath: /x}, {name: y, mountPath: /y}]',
      ),
      container(
        'env: [{name: B}, {name: A, value: a}], ports: [{containerPort: 80, protocol: UDP}, {containerPort: 80, protocol: TCP}], volumeMounts: [{name: y, mountPath: /y}, {name: x, mountPath: /x}]',
      ),
      [],
    ],
    [
      'a container that somebody injected',
      pod('{containers: [{name: web, image: "web:1"}]}'),
      pod('{containers: [{name: proxy, image: "proxy:1"}, {name: web, image: "web:1"}]}'),
      [],
    ],
    [
      'tolerations in another order, and one too many',
      pod('{tolerations: [{key: a, operator: Exists}, {operator: Exists, effect: NoExecute}]}'),
      pod('{tolerations: [{operator: Exists, effect: NoExecute}, {key: a, operator: Exists}, {key: b, value: c}]}'),
      ['remove spec.tolerations[key=b,operator=Equal,value=c]'],
    ],
    [
      'init containers in another order',
      pod('{initContainers: [{name: a}, {name: b}]}'),
      pod('{initContainers: [{name: b}, {name: a}]}'),
      ['change spec.initContainers (order)'],
    ],
    [
      'environment variables of the same name, position by position',
      container('env: [{name: A, value: a}, {name: A, value: b}]'),
      container('env: [{name: A, value: a}, {name: A, value: c}]'),
      [`change ${CONTAINER}.env[1].value`],
    ],
    [
      'what is empty against what is not there',
      container(
        'args: [], command: null, env: [{name: A, value: ""}], stdin: false, securityContext: {capabilities: {drop: []}}',
      ),
      container('env: [{name: A}]'),
      [],
    ],
    [
      'a false that means something, and a directory without settings',
      pod('{automountServiceAccountToken: false, volumes: [{name: cache, emptyDir: {}}]}'),
      pod('{volumes: [{name: cache}]}'),
      ['add spec.automountServiceAccountToken', 'add spec.volumes[name=cache].emptyDir'],
    ],
    [
      'a default that Git leaves to the API server with null',
      container('terminationMessagePolicy: null'),
      container('terminationMessagePolicy: File'),
      [],
    ],
    [
      'a null, which takes away what has one writer',
      container('command: null, env: null, resources: null, workingDir: null'),
      container('command: [sh], env: [{name: A}], resources: {limits: {cpu: 1}}, workingDir: /x'),
      [`remove ${CONTAINER}.command`, `remove ${CONTAINER}.workingDir`],
    ],
    [
      'a list and a text that Git empties',
      pod('{hostname: "", containers: [{name: web, command: []}]}'),
      pod('{hostname: web, containers: [{name: web, command: [sh]}]}'),
      ['change spec.hostname', `remove ${CONTAINER}.command[0]`],
    ],
    [
      'empty texts that the API server fills in',
      pod('{restartPolicy: "", dnsPolicy: ""}'),
      pod('{restartPolicy: Always, dnsPolicy: ClusterFirst}'),
      [],
    ],
  ],
  Service: [
    [
      'what the API server allots',
      `${head('v1', 'Service')}spec: {selector: {app: web}, ports: [{port: 80, targetPort: "8080", nodePort: 0}, {port: 80, protocol: UDP}]}`,
      `${head('v1', 'Service')}spec: {clusterIP: 10.0.0.1, type: ClusterIP, selector: {app: web}, ports: [{port: 80, protocol: UDP, targetPort: 80}, {port: 80, protocol: TCP, targetPort: 8080, nodePort: 30000}]}`,
      [],
    ],
    [
      'a named port against a number',
      `${head('v1', 'Service')}spec: {ports: [{port: 80, targetPort: http}]}`,
      `${head('v1', 'Service')}spec: {ports: [{port: 80, targetPort: 8080}]}`,
      ['change spec.ports[port=80,protocol=TCP].targetPort'],
    ],
  ],
  ConfigMap: [
    ['a key more in the cluster', `${configMap}data: {a: "1"}`, `${configMap}data: {a: "1", b: "2"}`, []],
    ['an empty value', `${configMap}data: {a: ""}`, `${configMap}data: {}`, ['add data.a']],
    ['another text', `${configMap}data: {a: "1"}`, `${configMap}data: {a: "1.0"}`, ['change data.a']],
    [
      'metadata of the API server and of an apply',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, labels: {}, annotations: null}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: team, uid: x, resourceVersion: "1", annotations: {slipway.dev/tracking-id: y}}',
      [],
    ],
    [
      'a finalizer and a label of somebody else',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, finalizers: [a/b], labels: {app: web}}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, finalizers: [c/d, a/b], labels: {app: web, x: y}}',
      [],
    ],
  ],
  Secret: [
    [
      'stringData, and base64 with line breaks',
      `${head('v1', 'Secret')}data: {token: "c2Vj\\ncmV0"}\nstringData: {user: admin, pin: "1234"}`,
      `${head('v1', 'Secret')}type: Opaque\ndata: {token: c2VjcmV0, user: YWRtaW4=, pin: MTIzNA==}`,
      [],
    ],
    [
      'another value, a new one',
      `${head('v1', 'Secret')}data: {a: YQ==, c: Yw==}`,
      `${head('v1', 'Secret')}data: {a: Yg==}`,
      ['change data.a', 'add data.c'],
    ],
    [
      'values that are no base64',
      `${head('v1', 'Secret')}data: {a: "++++"}`,
      `${head('v1', 'Secret')}data: {a: "******"}`,
      ['change data.a'],
    ],
    ['no data', `${head('v1', 'Secret')}data: null`, `${head('v1', 'Secret')}type: Opaque`, []],
  ],
  HorizontalPodAutoscaler: [
    [
      'metrics in another order',
      `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}
spec:
  maxReplicas: 5
  metrics:
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1024Mi}}}
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: 1000m}}}`,
      `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}
spec:
  maxReplicas: 5
  minReplicas: 1
  metrics:
  - {type: Pods, pods: {metric: {name: rps}, target: {type: AverageValue, averageValue: "1"}}}
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}
  - {type: Resource, resource: {name: memory, target: {type: AverageValue, averageValue: 1Gi}}}`,
      [],
    ],
    [
      'a metric that Git does not have',
      `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}spec: {metrics: [{type: Resource, resource: {name: cpu}}]}`,
      `${head('autoscaling/v2', 'HorizontalPodAutoscaler')}spec: {metrics: [{type: Resource, resource: {name: cpu}}, {type: Resource, resource: {name: memory}}]}`,
      ['remove spec.metrics[type=Resource,name=memory]'],
    ],
  ],
  CustomResourceDefinition: [
    [
      'what is defaulted, and false that is not written',
      `${head('apiextensions.k8s.io/v1', 'CustomResourceDefinition')}
spec: {group: example.test, preserveUnknownFields: false, names: {kind: Gadget, plural: gadgets, shortNames: [b, a]}, versions: [{name: v1, served: true, storage: true}]}
status: {acceptedNames: {kind: "", plural: ""}, conditions: [], storedVersions: []}`,
      `${head('apiextensions.k8s.io/v1', 'CustomResourceDefinition')}
spec: {group: example.test, conversion: {strategy: None}, names: {kind: Gadget, listKind: GadgetList, plural: gadgets, shortNames: [a, b]}, versions: [{name: v1, served: true, storage: true}]}
status: {acceptedNames: {kind: Gadget, plural: gadgets}}`,
      [],
    ],
  ],
  Ingress: [
    [
      'another path',
      `${head('networking.k8s.io/v1', 'Ingress')}
spec: {rules: [{host: a.test, http: {paths: [{path: /b, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}`,
      `${head('networking.k8s.io/v1', 'Ingress')}
spec: {ingressClassName: nginx, rules: [{host: a.test, http: {paths: [{path: /a, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}`,
      ['change spec.rules[0].http.paths[0].path'],
    ],
  ],
  NetworkPolicy: [
    [
      'a rule that lets everything in',
      `${head('networking.k8s.io/v1', 'NetworkPolicy')}spec: {podSelector: {}, ingress: [{}]}`,
      `${head('networking.k8s.io/v1', 'NetworkPolicy')}spec: {podSelector: {}, policyTypes: [Ingress]}`,
      ['add spec.ingress'],
    ],
    [
      'an empty selector, which selects everything',
      `${head('networking.k8s.io/v1', 'NetworkPolicy')}spec: {ingress: [{from: [{namespaceSelector: {}}]}]}`,
      `${head('networking.k8s.io/v1', 'NetworkPolicy')}spec: {ingress: [{from: [{podSelector: {}}]}]}`,
      ['add spec.ingress[0].from[0].namespaceSelector', 'remove spec.ingress[0].from[0].podSelector'],
    ],
  ],
  ClusterRole: [
    [
      'no rules, and verbs in another order',
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: [{apiGroups: [""], resources: [pods], verbs: [list, get]}]`,
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]`,
      [],
    ],
    [
      'rules that are null',
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: []`,
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: null`,
      [],
    ],
    [
      'rules that a controller aggregates',
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: []`,
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get]}]`,
      [],
    ],
    [
      'rules that somebody emptied',
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: []`,
      `${head('rbac.authorization.k8s.io/v1', 'ClusterRole')}rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]`,
      ['remove rules[0]'],
    ],
  ],
  'a custom resource': [
    [
      'lists that are null, empty or not there',
      `${head('example.test/v1', 'Gadget')}spec: {a: null, b: [], c: null, template: {metadata: {labels: {}}, resources: {}}}`,
      `${head('example.test/v1', 'Gadget')}spec: {c: [], template: {}}`,
      [],
    ],
    [
      'what it says by false, 0, an empty text or object',
      `${head('example.test/v1', 'Gadget')}spec: {a: false, b: 0, c: "", selfSigned: {}}`,
      `${head('example.test/v1', 'Gadget')}spec: {d: true}`,
      ['add spec.a', 'add spec.b', 'add spec.c', 'add spec.selfSigned'],
    ],
    [
      'pod templates and durations as their controllers write them',
      `${head('example.test/v1', 'Gadget')}spec: {renewBefore: 360h, containers: [{name: a, resources: {limits: {cpu: 1000m}}}, {name: b}]}`,
      `${head('example.test/v1', 'Gadget')}spec: {renewBefore: 360h0m0s, containers: [{name: b}, {name: a, resources: {limits: {cpu: 1}}}]}`,
      [],
    ],
    [
      'a list whose key nobody knows',
      `${head('example.test/v1', 'Gadget')}spec: {steps: [{id: a}, {id: b}]}`,
      `${head('example.test/v1', 'Gadget')}spec: {steps: [{id: b}, {id: a}, {id: c}]}`,
      ['change spec.steps[0].id', 'change spec.steps[1].id', 'remove spec.steps[2]'],
    ],
    [
      'a list in place of a map',
      `${head('example.test/v1', 'Gadget')}spec: {a: {b: c}}`,
      `${head('example.test/v1', 'Gadget')}spec: {a: [b]}`,
      ['change spec.a'],
    ],
  ],
};

function object(text: string): KubeObject {
  return parseYaml(text, 'golden.yaml')[0]?.value as KubeObject;
}

function differences(desired: string, live: string): string[] {
  return diffObjects(object(desired), object(live)).map(({ change, path }) => `${change} ${path}`);
}

describe.each(Object.entries(GOLDENS))('%s', (_, goldens) => {
  it.each(goldens)('%s', (_name, desired, live, expected) => {
    expect(differences(desired, live)).toEqual(expected);
  });
});

describe('fields that Git had and has no more', () => {
  const desired = `${configMap}data: {a: "1"}`;
  const written = (manager: string, operation: string, fields: string): string =>
    `{manager: ${manager}, operation: ${operation}, fieldsType: FieldsV1, fieldsV1: {f:data: ${fields}}}`;
  const live = (managed: string, annotations = '{}'): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: team, annotations: ${annotations}, managedFields: [${managed}]}
data: {a: "1", b: "2"}`;
  const applied = `{kubectl.kubernetes.io/last-applied-configuration: '{"data":{"a":"1","b":"2"}}'}`;
  const ours = written('slipway', 'Apply', '{".": {}, f:a: {}, f:b: {}}');
  const kubectl = written('kubectl-client-side-apply', 'Update', '{f:a: {}, f:b: {}}');
  const other = written('other', 'Update', '{f:b: {}}');

  it.each<[string, string, string[]]>([
    ['nobody says who wrote them', live(''), []],
    ['Slipway applied them', live(ours), ['remove data.b']],
    ['Slipway applied them and somebody wrote them since', live(`${ours}, ${other}`), []],
    ['somebody else wrote them', live(`${written('slipway', 'Apply', '{f:a: {}}')}, ${other}`), []],
    ['kubectl applied them', live('', applied), ['remove data.b']],
    ['kubectl applied them, with managedFields', live(kubectl, applied), ['remove data.b']],
    ['kubectl applied them before Slipway did', live(written('slipway', 'Apply', '{f:a: {}}'), applied), []],
    ['kubectl applied them and somebody wrote them since', live(other, applied), []],
    ['what kubectl applied cannot be read', live('', "{kubectl.kubernetes.io/last-applied-configuration: '{\"'}"), []],
  ])('%s', (_, there, expected) => {
    expect(differences(desired, there)).toEqual(expected);
  });

  it('names the items of lists, and leaves alone what goes back to its default', () => {
    const deployment = (spec: string, metadata = ''): string =>
      `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web${metadata}}\nspec: ${spec}`;
    const fields =
      '{f:replicas: {}, f:template: {f:spec: {f:containers: {"k:{\\"name\\":\\"web\\"}": {".": {}, f:name: {}, f:ports: {"k:{\\"containerPort\\":80,\\"protocol\\":\\"TCP\\"}": {".": {}, f:containerPort: {}}}}, "k:{\\"name\\":\\"old\\"}": {".": {}, f:name: {}}}}}}';
    const managed = `, managedFields: [{manager: slipway, operation: Apply, fieldsV1: {f:spec: ${fields}}}]`;
    expect(
      differences(
        deployment('{template: {spec: {containers: [{name: web}]}}}'),
        deployment(
          '{replicas: 1, template: {spec: {containers: [{name: web, ports: [{containerPort: 80, protocol: TCP}]}, {name: old}]}}}',
          managed,
        ),
      ),
    ).toEqual([
      'remove spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP]',
      'remove spec.template.spec.containers[name=old]',
    ]);
  });
});

describe('Secrets', () => {
  it('shows that values differ, and never the values', () => {
    const annotation = JSON.stringify({ data: { old: 'b2xk' }, stringData: { plain: 'hidden' } });
    const live = `apiVersion: v1
kind: Secret
metadata: {name: web, namespace: team, annotations: {kubectl.kubernetes.io/last-applied-configuration: '${annotation}'}}
data: {a: Yg==, old: b2xk, plain: aGlkZGVu}`;
    const found = diffObjects(object(`${head('v1', 'Secret')}data: {a: YQ==}\nstringData: {b: hello}`), object(live));
    expect(found).toEqual([
      { path: 'data.a', change: 'change', live: '***', desired: '***' },
      { path: 'data.b', change: 'add', desired: '***' },
      { path: 'data.old', change: 'remove', live: '***' },
      { path: 'data.plain', change: 'remove', live: '***' },
    ]);
  });
});
