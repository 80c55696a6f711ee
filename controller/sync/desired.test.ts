import { describe, expect, it } from 'vitest';
import { CONFIG_MAP } from '../../test/applications.ts';
import type { KubeObject } from '../kube/types.ts';
import type { LoadedObject } from '../manifest/load.ts';
import { desiredObjects } from './desired.ts';
import { type Kinds, kindsDefinedBy, kindsOf } from './kinds.ts';

const NAMESPACE = { ...CONFIG_MAP, kind: 'Namespace', plural: 'namespaces', namespaced: false };
const KINDS: Kinds = new Map([
  ['/v1/ConfigMap', { state: 'served', resource: CONFIG_MAP }],
  ['/v1/Namespace', { state: 'served', resource: NAMESPACE }],
]);
const manifest = (metadata: object, kind = 'ConfigMap', line = 1): LoadedObject => ({
  object: { apiVersion: 'v1', kind, metadata: metadata as KubeObject['metadata'] },
  file: 'a.yaml',
  line,
});

describe('the objects of an Application', () => {
  it('get its namespace when they name none, and the tracking annotation', () => {
    const { objects } = desiredObjects([manifest({ name: 'a', labels: { x: 'y' } })], KINDS, 'team/app', 'prod');
    expect(objects[0]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'prod',
        labels: { x: 'y' },
        annotations: { 'slipway.dev/tracking-id': 'team_app:/ConfigMap:prod/a' },
      },
    });
  });

  it('keep a namespace of their own; without a destination it is that of the Application', () => {
    const { objects } = desiredObjects(
      [manifest({ name: 'a', namespace: 'own' }), manifest({ name: 'b' })],
      KINDS,
      'team/app',
    );
    expect(objects.map(({ id }) => id.namespace)).toEqual(['own', 'team']);
  });

  it('lose the namespace when they are cluster-scoped', () => {
    const { objects } = desiredObjects([manifest({ name: 'a', namespace: 'wrong' }, 'Namespace')], KINDS, 'team/app');
    expect(objects[0]?.object.metadata).not.toHaveProperty('namespace');
    expect(objects[0]?.key).toBe('/Namespace//a');
  });

  it('leave out what a server wrote into an exported manifest', () => {
    const exported = {
      name: 'a',
      uid: 'u',
      resourceVersion: '1',
      generation: 3,
      creationTimestamp: null,
      managedFields: [],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' },
    };
    const { objects } = desiredObjects([manifest(exported)], KINDS, 'team/app');
    const metadata = objects[0]?.object.metadata;
    expect(Object.keys(metadata ?? {}).sort()).toEqual(['annotations', 'name', 'namespace']);
    expect(Object.keys(metadata?.annotations ?? {})).toEqual(['slipway.dev/tracking-id']);
  });

  it('are the same text for the same content, whatever the order of keys', () => {
    const digest = (object: LoadedObject): string | undefined =>
      desiredObjects([object], KINDS, 'team/app').objects[0]?.digest;
    expect(digest(manifest({ name: 'a', labels: { x: '1', y: '2' } }))).toBe(
      digest(manifest({ labels: { y: '2', x: '1' }, name: 'a' })),
    );
    expect(digest(manifest({ name: 'a', labels: { x: '1' } }))).not.toBe(
      digest(manifest({ name: 'a', labels: { x: '2' } })),
    );
  });

  it('the same object by two spellings of its namespace is a duplicate, with both places', () => {
    const twice = [manifest({ name: 'a' }, 'ConfigMap', 1), manifest({ name: 'a', namespace: 'team' }, 'ConfigMap', 9)];
    expect(desiredObjects(twice, KINDS, 'team/app').duplicates).toMatchObject([{ where: ['a.yaml:1', 'a.yaml:9'] }]);
    const scoped = [manifest({ name: 'a' }, 'Namespace', 1), manifest({ name: 'a', namespace: 'x' }, 'Namespace', 2)];
    expect(desiredObjects(scoped, KINDS, 'team/app').duplicates).toHaveLength(1);
  });
});

describe('kinds', () => {
  it('of manifests are asked for once each', () => {
    expect(kindsOf([manifest({ name: 'a' }).object, manifest({ name: 'b' }).object])).toEqual([
      { group: '', version: 'v1', kind: 'ConfigMap' },
    ]);
  });

  it('that a CRD defines are known in each served version; a malformed CRD defines none', () => {
    const definition = (spec: unknown): KubeObject => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gadgets.example.test' },
      spec,
    });
    const versions = [
      { name: 'v1', served: true },
      { name: 'v2', served: false },
    ];
    const names = { kind: 'Gadget', plural: 'gadgets' };
    const defined = kindsDefinedBy([
      definition({ group: 'example.test', scope: 'Cluster', names, versions }),
      definition(null),
    ]);
    expect([...defined.keys()]).toEqual(['example.test/v1/Gadget']);
    expect(defined.get('example.test/v1/Gadget')).toMatchObject({
      resource: { plural: 'gadgets', namespaced: false },
      definition: 'gadgets.example.test',
    });
  });
});

describe('hooks', () => {
  const hooks = (count: number, phases: string): LoadedObject[] =>
    Array.from({ length: count }, (_, i) => manifest({ name: `h${i}`, annotations: { 'slipway.dev/hook': phases } }));

  it('are as many as the status can hold, counted once for each phase', () => {
    expect(desiredObjects(hooks(50, 'PreSync,PostSync'), KINDS, 'team/app').problems).toEqual([]);
    expect(desiredObjects(hooks(51, 'PreSync,PostSync'), KINDS, 'team/app').problems).toEqual([
      '102 hooks, counted once for each phase, are more than 100: make one Job of several',
    ]);
  });
});
