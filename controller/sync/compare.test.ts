import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { firstDifference } from './compare.ts';

const live = (changes: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'team', uid: '1', resourceVersion: '5', generation: 2, ...metadata },
  spec: { ports: [{ port: 80 }, { port: 81 }], selector: { app: 'web' } },
  ...changes,
});

describe('the first difference between an object and what applying would make of it', () => {
  it.each<[string, KubeObject, string | undefined]>([
    ['equal', live(), undefined],
    [
      'another version and generation only',
      live({}, { resourceVersion: '6', generation: 3, managedFields: [{}] }),
      undefined,
    ],
    ['another status only', live({ status: { loadBalancer: { ingress: [] } } }), undefined],
    [
      'a value in a list',
      live({ spec: { ports: [{ port: 80 }, { port: 82 }], selector: { app: 'web' } } }),
      'spec.ports[1].port',
    ],
    ['a shorter list', live({ spec: { ports: [{ port: 80 }], selector: { app: 'web' } } }), 'spec.ports[1]'],
    ['a field that goes', live({ spec: { ports: [{ port: 80 }, { port: 81 }] } }), 'spec.selector'],
    ['a field that comes', live({ data: { a: 'b' } }), 'data'],
    ['an annotation with dots', live({}, { annotations: { 'slipway.dev/x': 'y' } }), 'metadata.annotations'],
    ['a label', live({}, { labels: { app: 'web' } }), 'metadata.labels'],
  ])('%s', (_, dryRun, path) => {
    expect(firstDifference(live(), dryRun)).toBe(path);
    expect(firstDifference(dryRun, live())).toBe(path);
  });

  it('writes names with dots so that they read as one step, and never shows a value', () => {
    const a = live({}, { annotations: { 'slipway.dev/x': 'secret-1' } });
    const b = live({}, { annotations: { 'slipway.dev/x': 'secret-2' } });
    expect(firstDifference(a, b)).toBe('metadata.annotations["slipway.dev/x"]');
  });

  it('takes another order for a difference only where it means something', () => {
    const binding = (subjects: object[]): KubeObject => live({ subjects }, {});
    const [ana, bo] = [
      { kind: 'User', name: 'ana' },
      { kind: 'User', name: 'bo' },
    ];
    expect(firstDifference(binding([ana, bo]), binding([bo, ana]))).toBeUndefined();
    expect(firstDifference(binding([ana, bo]), binding([ana]))).toBe('subjects');
    expect(firstDifference(binding([ana, bo]), binding([{ ...bo, apiGroup: 'x' }, ana]))).toBe(
      'subjects[kind=User,name=bo].apiGroup',
    );
    const env = (names: string[]): KubeObject => live({ env: names.map((name) => ({ name })) });
    expect(firstDifference(env(['a', 'b']), env(['b', 'a']))).toBe('env[0].name');
  });
});
