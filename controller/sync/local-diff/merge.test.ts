import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import { parseYaml } from '../../manifest/yaml-profile.ts';
import { diffObjects } from './diff-objects.ts';
import { mergeOfField, mergeOfItem, mergeOfKind } from './merge.ts';

function object(apiVersion: string, kind: string, fields: string): KubeObject {
  const text = `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a, namespace: b}, ${fields}}`;
  return parseYaml(text, 'golden.yaml')[0]?.value as KubeObject;
}

const pods = (fields: string): string => `spec: {template: {spec: {${fields}}}}`;
const claim = (more = ''): string =>
  `spec: {volumeClaimTemplates: [{${more} metadata: {name: d}, spec: {accessModes: [ReadWriteOnce]}}]}`;
const limits = (more: string): string => `spec: {limits: [{type: Container, max: {cpu: 2}${more}}]}`;
const policy = (types: string, egress = '[{}]'): string => `spec: {podSelector: {}, egress: ${egress}${types}}`;
const NETWORKING = 'networking.k8s.io/v1';
const RBAC = 'rbac.authorization.k8s.io/v1';

describe('what Git says as a whole', () => {
  it.each<[string, string, string, string, string, readonly string[]]>([
    [
      'a key of a selector',
      'v1',
      'Service',
      'spec: {selector: {a: b}}',
      'spec: {selector: {a: b, c: d}}',
      ['spec.selector.c'],
    ],
    ['all of a selector', 'v1', 'Service', 'spec: {selector: {}}', 'spec: {selector: {a: b}}', ['spec.selector.a']],
    [
      'a part of a label selector',
      'policy/v1',
      'PodDisruptionBudget',
      'spec: {selector: {matchLabels: {a: b}}}',
      'spec: {selector: {matchLabels: {a: b}, matchExpressions: [{key: c, operator: Exists}]}}',
      ['spec.selector.matchExpressions'],
    ],
    [
      'what narrows a rule',
      RBAC,
      'Role',
      'rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]',
      'rules: [{apiGroups: [""], resources: [secrets], resourceNames: [a], verbs: [get]}]',
      ['rules[0].resourceNames'],
    ],
    [
      'what narrows a policy',
      NETWORKING,
      'NetworkPolicy',
      'spec: {ingress: [{from: [{podSelector: {}}]}]}',
      'spec: {ingress: [{from: [{podSelector: {}, namespaceSelector: {}}], ports: [{port: 80, protocol: TCP}]}]}',
      ['spec.ingress[0].from[0].namespaceSelector', 'spec.ingress[0].ports'],
    ],
    [
      'a Secret of a ServiceAccount',
      'v1',
      'ServiceAccount',
      'imagePullSecrets: [{name: a}]',
      'imagePullSecrets: [{name: a}, {name: b}]',
      ['imagePullSecrets[name=b]'],
    ],
    [
      'a Secret of pods',
      'apps/v1',
      'Deployment',
      pods('imagePullSecrets: [{name: a}]'),
      pods('imagePullSecrets: [{name: b}, {name: a}]'),
      [],
    ],
    [
      'a reference that is optional',
      'apps/v1',
      'Deployment',
      pods('containers: [{name: m, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]'),
      pods('containers: [{name: m, env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]}]'),
      ['spec.template.spec.containers[name=m].env[name=A].valueFrom.secretKeyRef.optional'],
    ],
    [
      'what the API server fills in',
      'apps/v1',
      'StatefulSet',
      claim(),
      claim('apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending},'),
      [],
    ],
    [
      'limits that follow from others',
      'v1',
      'LimitRange',
      limits(''),
      limits(', default: {cpu: 2}, defaultRequest: {cpu: 2}'),
      [],
    ],
    [
      'a limit that follows from none',
      'v1',
      'LimitRange',
      limits(''),
      limits(', default: {cpu: 2}, defaultRequest: {cpu: 2, memory: 1}'),
      ['spec.limits[0].defaultRequest.memory'],
    ],
    [
      'types that follow from rules',
      NETWORKING,
      'NetworkPolicy',
      policy(', policyTypes: null'),
      policy(', policyTypes: [Ingress, Egress]'),
      [],
    ],
    [
      'types that do not',
      NETWORKING,
      'NetworkPolicy',
      policy(', policyTypes: null', '[]'),
      policy(', policyTypes: [Ingress, Egress]', '[]'),
      ['spec.policyTypes[Egress]'],
    ],
    [
      'types that somebody chose',
      NETWORKING,
      'NetworkPolicy',
      policy('', '[]'),
      policy(', policyTypes: [Ingress, Egress]', '[]'),
      [],
    ],
    ['a null for an empty text', 'v1', 'ConfigMap', 'data: {a: null}', 'data: {a: ""}', []],
    [
      'the old name of a ServiceAccount',
      'apps/v1',
      'Deployment',
      pods('serviceAccountName: null'),
      pods('serviceAccountName: a, serviceAccount: a'),
      [],
    ],
  ])('%s', (_, apiVersion, kind, desired, live, removed) => {
    const found = diffObjects(object(apiVersion, kind, desired), object(apiVersion, kind, live));
    expect(found.map(({ change, path }) => `${change} ${path}`)).toEqual(removed.map((path) => `remove ${path}`));
  });
});

describe('how fields are merged', () => {
  const at = (kind: readonly [string, string, string], ...path: readonly (string | number)[]): unknown =>
    path.reduce(
      (merge, step) => merge && (typeof step === 'number' ? mergeOfItem(merge) : mergeOfField(merge, step)),
      mergeOfKind(...kind),
    );
  const web = ['apps', 'v1', 'Deployment'] as const;

  it.each<[string, unknown, object | undefined]>([
    ['a list with keys', at(web, 'spec', 'template', 'spec', 'containers'), { whole: false, keys: { name: null } }],
    [
      'with a key that is filled in',
      at(['', 'v1', 'Service'], 'spec', 'ports'),
      { keys: { port: null, protocol: 'TCP' } },
    ],
    ['a set', at(web, 'metadata', 'finalizers'), { whole: false, set: true }],
    ['a list with one owner', at(web, 'spec', 'template', 'spec', 'containers', 0, 'args', 0), { whole: true }],
    ['all in it', at(['', 'v1', 'ServiceAccount'], 'imagePullSecrets', 0, 'name'), { whole: true }],
    ['a struct with one owner', at(web, 'spec', 'selector', 'matchLabels'), { whole: true }],
    ['a map', at(web, 'metadata', 'labels'), { whole: false }],
    ['a field that nobody knows', at(web, 'spec', 'constructor'), { whole: false }],
    ['a kind that nobody knows', at(['example.test', 'v1', 'Gadget'], 'spec'), undefined],
  ])('%s', (_, found, expected) => {
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});
