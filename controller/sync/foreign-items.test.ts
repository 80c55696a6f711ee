import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { foreignItems } from './foreign-items.ts';

const wanted = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels: { a: 'b' } },
  spec: { ports: [{ port: 80 }], template: { containers: [{ name: 'main', env: [{ name: 'A' }] }] } },
} as unknown as KubeObject;
const live = (manager: string, fieldsV1: object, more: object = {}): KubeObject => {
  const entry = { manager, operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1, ...more };
  return { ...wanted, metadata: { ...wanted.metadata, managedFields: [entry] } as KubeObject['metadata'] };
};
const port = (n: number, child: object = { '.': {}, 'f:port': {} }): object => ({
  'f:spec': { 'f:ports': { '.': {}, [`k:{"port":${n},"protocol":"TCP"}`]: child } },
});

describe('items that others have put beside those of Git', () => {
  it.each<[string, KubeObject, string[]]>([
    ['an item that Git lacks', live('dashboard', port(81)), ['spec.ports[port=81,protocol="TCP"]']],
    ['an item of Git, with a default that is part of its key', live('dashboard', port(80)), []],
    ['a part of an item', live('dashboard', port(81, { 'f:nodePort': {} })), []],
    ['what we wrote', live('slipway', port(81), { operation: 'Apply' }), []],
    ['a status', live('dashboard', port(81), { subresource: 'status' }), []],
    [
      'an item of a list that Git does not have',
      live('x', { 'f:metadata': { 'f:ownerReferences': { 'k:{"uid":"1"}': {} } } }),
      [],
    ],
    [
      'an item within an item of Git',
      live('x', {
        'f:spec': {
          'f:template': { 'f:containers': { 'k:{"name":"main"}': { 'f:env': { 'k:{"name":"B"}': { '.': {} } } } } },
        },
      }),
      ['spec.template.containers[name="main"].env[name="B"]'],
    ],
    ['a key that cannot be read', live('x', { 'f:spec': { 'f:ports': { 'k:{': { '.': {} } } } }), []],
  ])('%s', (_, object, paths) => {
    expect(foreignItems(object, wanted).map(({ path }) => path)).toEqual(paths);
  });
});
