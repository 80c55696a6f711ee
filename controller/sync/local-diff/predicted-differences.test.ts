import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/types.ts';
import { firstDifference } from '../compare.ts';
import { predictedDifferences } from './predicted-differences.ts';

const pod = (containers: object[], metadata: object = {}, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', ...metadata },
  spec: { containers },
  ...more,
});
const [a, b] = [{ name: 'a', args: ['x', 'y'] }, { name: 'b' }];

describe('the fields in which an object is not as predicted', () => {
  it.each<[string, KubeObject, KubeObject, object[]]>([
    ['nothing', pod([a]), pod([a], { resourceVersion: '2', managedFields: [] }, { status: { phase: 'x' } }), []],
    [
      'items by their key, whatever comes before',
      pod([a, b]),
      pod([{ name: 'c' }, { name: 'b', tty: true }, { ...a, args: ['x'] }]),
      [
        { path: 'spec.containers[name=a].args[1]', change: 'remove', live: 'y' },
        { path: 'spec.containers[name=b].tty', change: 'add', desired: true },
        { path: 'spec.containers[name=c]', change: 'add', desired: { name: 'c' } },
      ],
    ],
    [
      'another order',
      pod([a, b]),
      pod([b, a]),
      [{ path: 'spec.containers (order)', change: 'change', live: 'name=a name=b', desired: 'name=b name=a' }],
    ],
    [
      'an annotation',
      pod([a], { annotations: { 'a/b': 'c' } }),
      pod([a], { annotations: { 'a/b': 'd' } }),
      [{ path: 'metadata.annotations["a/b"]', change: 'change', live: 'c', desired: 'd' }],
    ],
  ])('%s', (_, live, predicted, expected) => {
    expect(predictedDifferences(live, predicted)).toEqual(expected);
    expect(firstDifference(live, predicted) === undefined).toBe(expected.length === 0);
  });

  it('shows no value of a Secret', () => {
    const secret = (data: object): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, data });
    expect(predictedDifferences(secret({ a: 'YQ==' }), secret({ a: 'Yg==' }))).toEqual([
      { path: 'data.a', change: 'change', live: '***', desired: '***' },
    ]);
    const { data: _, ...empty } = secret({});
    expect(JSON.stringify(predictedDifferences(empty as KubeObject, secret({ a: 'Yg==' })))).not.toContain('Yg==');
  });
});
