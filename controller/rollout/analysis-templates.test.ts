import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutSpecStrategyCanaryStepAnalysis } from '../api/generated/rollout.ts';
import { fieldAt, mergeAnalysis } from './analysis-templates.ts';
import type { TemplateState } from './snapshot.ts';

const rollout = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'ml', labels: { team: 'risk', 'a.b/c': 'dotted' } },
  spec: { replicas: 4, selector: {}, template: {}, strategy: { canary: { steps: [{ setWeight: 5 }] } } },
  status: { model: { current: { registry: 'r', name: 'fraud', version: '8' } } },
} satisfies Rollout;
const sources = { rollout, stableHash: 'old', latestHash: 'new' };

function found(metric: string, args: { name: string; value?: string }[] = []): TemplateState {
  const provider = { prometheus: { address: 'http://prometheus', query: '{{args.service}}' } };
  return { state: 'found', spec: { metrics: [{ name: metric, provider }], args } };
}

function merge(
  templates: Record<string, TemplateState>,
  args: NonNullable<RolloutSpecStrategyCanaryStepAnalysis['args']> = [],
  more: Partial<{ cluster: boolean; check: boolean; latestHash: undefined }> = {},
) {
  const names = Object.keys(templates).map((key) => ({
    templateName: key.replace('cluster/', ''),
    ...(key.startsWith('cluster/') ? { clusterScope: true } : {}),
  }));
  const from = 'latestHash' in more ? { ...sources, latestHash: undefined } : sources;
  return mergeAnalysis({ templates: names, args }, templates, from, more.check);
}

describe('the templates of an analysis step', () => {
  it('are joined', () => {
    const merged = merge({ errors: found('errors'), 'cluster/latency': found('p99') });
    expect('spec' in merged && merged.spec.metrics.map(({ name }) => name)).toEqual(['errors', 'p99']);
  });

  it('may not define the same metric', () => {
    expect(merge({ a: found('errors'), b: found('errors') })).toEqual({
      field: 'analysis.templates[1]',
      problem: 'metric "errors" is defined by both "a" and "b": rename one',
    });
  });

  it('must exist', () => {
    expect(
      mergeAnalysis({ templates: [{ templateName: 'x', clusterScope: true }] }, { x: found('m') }, sources),
    ).toEqual({
      field: 'analysis.templates[0]',
      problem: 'ClusterAnalysisTemplate "x" does not exist: create it or correct the name',
    });
    expect(merge({ x: { state: 'missing' } })).toMatchObject({ field: 'analysis.templates[0]' });
    expect(mergeAnalysis({ templates: [{ templateName: 'constructor' }] }, {}, sources)).toMatchObject({
      field: 'analysis.templates[0]',
    });
  });
});

describe('arguments', () => {
  const values = (merged: ReturnType<typeof merge>) => ('spec' in merged ? merged.spec.args : merged.problem);

  it('come from the step, else from the template; others are not passed on', () => {
    const template = found('m', [{ name: 'service' }, { name: 'limit', value: '1' }]);
    const merged = merge({ t: template }, [
      { name: 'service', value: 'fraud' },
      { name: 'unused', value: 'x' },
    ]);
    expect(values(merged)).toEqual([
      { name: 'service', value: 'fraud' },
      { name: 'limit', value: '1' },
    ]);
  });

  it('can be hashes of the versions and fields of the Rollout', () => {
    const template = found('m', [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }]);
    const merged = merge({ t: template }, [
      { name: 'a', valueFrom: { podTemplateHashValue: 'Latest' } },
      { name: 'b', valueFrom: { podTemplateHashValue: 'Stable' } },
      { name: 'c', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a.b/c']" } } },
      { name: 'd', valueFrom: { fieldRef: { fieldPath: 'status.model.current.version' } } },
    ]);
    expect(values(merged)).toEqual([
      { name: 'a', value: 'new' },
      { name: 'b', value: 'old' },
      { name: 'c', value: 'dotted' },
      { name: 'd', value: '8' },
    ]);
  });

  it('must have a value', () => {
    expect(values(merge({ t: found('m', [{ name: 'a' }]) }))).toBe(
      'argument "a" of template "t" has no value: set it here',
    );
    const missing = [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.labels.none' } } }];
    expect(values(merge({ t: found('m', [{ name: 'a' }]) }, missing))).toBe(
      'argument "a": the Rollout has no value at metadata.labels.none: correct the path or set the field',
    );
  });

  it('may not have different values in two templates unless the step decides', () => {
    const two = { a: found('m', [{ name: 'x', value: '1' }]), b: found('n', [{ name: 'x', value: '2' }]) };
    expect(values(merge(two))).toContain('different values in "a" and "b"');
    expect(values(merge(two, [{ name: 'x', value: '3' }]))).toEqual([{ name: 'x', value: '3' }]);
  });

  it('that only come to be during an update count as given when the spec is checked', () => {
    const template = found('m', [{ name: 'a' }, { name: 'b' }]);
    const args = [
      { name: 'a', valueFrom: { podTemplateHashValue: 'Latest' as const } },
      { name: 'b', valueFrom: { fieldRef: { fieldPath: 'status.model.stable.version' } } },
    ];
    expect(merge({ t: template }, args, { check: true, latestHash: undefined })).toHaveProperty('spec');
    expect(merge({ t: template }, args, { latestHash: undefined })).toMatchObject({ field: 'analysis.args' });
  });
});

it.each([
  ['metadata.name', 'fraud'],
  ['.metadata.name', 'fraud'],
  ["metadata.labels['team']", 'risk'],
  ['metadata.labels["a.b/c"]', 'dotted'],
  ['spec.strategy.canary.steps[0].setWeight', '5'],
  ['spec.replicas', '4'],
  ['metadata.labels', undefined],
  ['metadata..name', undefined],
  ['metadata.name.length', undefined],
  ['__proto__.x', undefined],
  ["metadata['name", undefined],
  ['', undefined],
])('field %s is %s', (path, value) => {
  expect(fieldAt(rollout, path)).toBe(value);
});

describe('rules and metadata', () => {
  const withRules: TemplateState = {
    state: 'found',
    spec: {
      ...(found('errors') as { spec: object }).spec,
      dryRun: [{ metricName: 'errors' }],
      measurementRetention: [{ metricName: 'errors', limit: 20 }],
    } as never,
  };
  const step = (more: object) =>
    mergeAnalysis({ templates: [{ templateName: 'a' }], ...more }, { a: withRules }, sources);

  it('come from the templates and from the step, which has the last word', () => {
    expect(step({ measurementRetention: [{ metricName: 'errors', limit: 5 }] })).toMatchObject({
      spec: { dryRun: [{ metricName: 'errors' }], measurementRetention: [{ metricName: 'errors', limit: 5 }] },
    });
    expect(step({ analysisRunMetadata: { labels: { team: 'risk' } } })).toMatchObject({
      metadata: { labels: { team: 'risk' } },
    });
  });

  it.each([
    [{ dryRun: [{ metricName: 'latency' }] }, 'analysis.dryRun', 'matches none'],
    [{ analysisRunMetadata: { labels: { 'a b': 'c' } } }, "analysis.analysisRunMetadata.labels['a b']", 'no key'],
    [{ analysisRunMetadata: { labels: { team: 'a b' } } }, "analysis.analysisRunMetadata.labels['team']", 'no value'],
    [
      { analysisRunMetadata: { annotations: { 'x/y/z': '' } } },
      "analysis.analysisRunMetadata.annotations['x/y/z']",
      'no key',
    ],
    [{ analysisRunMetadata: { annotations: { a: 1 } } }, "analysis.analysisRunMetadata.annotations['a']", 'write text'],
  ])('that cannot be followed are named: %j', (more, field, problem) => {
    expect(step(more)).toEqual({ field, problem: expect.stringContaining(problem) });
  });
});
