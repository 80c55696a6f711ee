import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodTemplate } from '../snapshot.ts';
import { type ConfigReference, configReferences } from './references.ts';

const of = (spec: Record<string, unknown>): readonly ConfigReference[] => configReferences({ spec });
const container = (fields: object): Record<string, unknown> => ({ containers: [{ name: 'c', image: 'i', ...fields }] });
const ref = (kind: 'ConfigMap' | 'Secret', name: string, change: Partial<ConfigReference> = {}): ConfigReference => ({
  kind,
  name,
  keys: undefined,
  required: true,
  requiredKeys: [],
  ...change,
});

describe('what a pod template reads', () => {
  it.each<[string, Record<string, unknown>, ConfigReference[]]>([
    [
      'a variable',
      container({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'app', key: 'a' } } }] }),
      [ref('ConfigMap', 'app', { keys: ['a'], requiredKeys: ['a'] })],
    ],
    [
      'a variable that may be missing',
      container({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a', optional: true } } }] }),
      [ref('Secret', 'keys', { keys: ['a'], required: false })],
    ],
    [
      'all variables of an object',
      container({ envFrom: [{ configMapRef: { name: 'app' } }, { secretRef: { name: 'keys', optional: true } }] }),
      [ref('ConfigMap', 'app'), ref('Secret', 'keys', { required: false })],
    ],
    ['a volume', { volumes: [{ name: 'v', configMap: { name: 'app' } }] }, [ref('ConfigMap', 'app')]],
    [
      'chosen files of a volume',
      { volumes: [{ name: 'v', secret: { secretName: 'keys', items: [{ key: 'b' }, { key: 'a' }] } }] },
      [ref('Secret', 'keys', { keys: ['a', 'b'], requiredKeys: ['a', 'b'] })],
    ],
    [
      'a projected volume',
      {
        volumes: [
          { name: 'v', projected: { sources: [{ configMap: { name: 'app' } }, { secret: { name: 'keys' } }, {}] } },
        ],
      },
      [ref('ConfigMap', 'app'), ref('Secret', 'keys')],
    ],
    [
      'containers that run before',
      { initContainers: [{ name: 'c', envFrom: [{ configMapRef: { name: 'app' } }] }] },
      [ref('ConfigMap', 'app')],
    ],
    [
      'one object in two places: all that either reads, needed where either needs it',
      {
        ...container({
          env: [
            { name: 'A', valueFrom: { configMapKeyRef: { name: 'app', key: 'b' } } },
            { name: 'B', valueFrom: { configMapKeyRef: { name: 'app', key: 'a', optional: true } } },
          ],
        }),
      },
      [ref('ConfigMap', 'app', { keys: ['a', 'b'], requiredKeys: ['b'] })],
    ],
    [
      'not what only the kubelet or a driver reads',
      {
        imagePullSecrets: [{ name: 'registry' }],
        volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 'driver' } } }],
      },
      [],
    ],
  ])('%s', (_what, spec, expected) => {
    expect(of(spec)).toEqual(expected);
  });

  it('is nothing in rubbish', () => {
    fc.assert(
      fc.property(
        fc.record({ containers: fc.anything(), volumes: fc.anything(), initContainers: fc.anything() }),
        (spec) => {
          expect(Array.isArray(configReferences({ spec } as PodTemplate))).toBe(true);
        },
      ),
    );
  });
});
