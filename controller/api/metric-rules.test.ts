import { describe, expect, test } from 'vitest';
import { applyRules, joinRules, type MetricRules } from './metric-rules.ts';

const NAMES = ['error-rate', 'latency-p50', 'latency-p99'];

function applied(rules: MetricRules): unknown {
  const result = applyRules(rules, NAMES);
  return 'problem' in result ? result : { dryRun: [...result.dryRun], kept: Object.fromEntries(result.kept) };
}

describe('rules about metrics', () => {
  test.each<[string, MetricRules, unknown]>([
    ['none', {}, { dryRun: [], kept: {} }],
    ['a name', { dryRun: [{ metricName: 'error-rate' }] }, { dryRun: ['error-rate'], kept: {} }],
    ['a part of names', { dryRun: [{ metricName: 'latency' }] }, { dryRun: ['latency-p50', 'latency-p99'], kept: {} }],
    ['all', { dryRun: [{ metricName: '.*' }] }, { dryRun: NAMES, kept: {} }],
    ['anchors', { dryRun: [{ metricName: 'p99$' }] }, { dryRun: ['latency-p99'], kept: {} }],
    [
      'the last rule that matches counts',
      {
        measurementRetention: [
          { metricName: 'latency', limit: 20 },
          { metricName: 'p99', limit: 30 },
        ],
      },
      { dryRun: [], kept: { 'latency-p50': 20, 'latency-p99': 30 } },
    ],
    [
      'no more than a status can hold',
      { measurementRetention: [{ metricName: 'p50', limit: 1e6 }] },
      { dryRun: [], kept: { 'latency-p50': 100 } },
    ],
    ['a limit below 1 is none', { measurementRetention: [{ metricName: '.*', limit: 0 }] }, { dryRun: [], kept: {} }],
  ])('%s', (_, rules, expected) => {
    expect(applied(rules)).toEqual(expected);
  });

  test('a rule that matches nothing, and one that cannot be read, name their field', () => {
    expect(applied({ dryRun: [{ metricName: '.*' }, { metricName: 'eror-rate' }] })).toEqual({
      field: 'dryRun[1].metricName',
      problem: '"eror-rate" matches none of the metrics error-rate, latency-p50, latency-p99: correct or remove it',
    });
    expect(applied({ measurementRetention: [{ metricName: '*', limit: 3 }] })).toMatchObject({
      field: 'measurementRetention[0].metricName',
      problem: expect.stringContaining('"*" is no regular expression'),
    });
  });

  test('a pattern that hangs a backtracking matcher is answered', () => {
    const name = 'a'.repeat(253);
    expect(applyRules({ dryRun: [{ metricName: '(a+)+$' }] }, [name])).toMatchObject({ dryRun: new Set([name]) });
    expect(applyRules({ dryRun: [{ metricName: '(a+)+b' }] }, [name])).toHaveProperty('problem');
  });

  test('what refers to a template has the last word, and each pattern is there once', () => {
    const template = { dryRun: [{ metricName: 'a' }], measurementRetention: [{ metricName: 'b', limit: 5 }] };
    const step = {
      dryRun: [{ metricName: 'a' }, { metricName: 'c' }],
      measurementRetention: [{ metricName: 'b', limit: 7 }],
    };
    expect(joinRules([template, step])).toEqual({
      dryRun: [{ metricName: 'a' }, { metricName: 'c' }],
      measurementRetention: [{ metricName: 'b', limit: 7 }],
    });
    expect(joinRules([{}, {}])).toEqual({});
  });
});
