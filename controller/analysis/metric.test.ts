import { describe, expect, test } from 'vitest';
import type { AnalysisRunSpecMetric } from '../api/generated/analysisrun.ts';
import { prepareMetric } from './metric.ts';

const provider = { prometheus: { address: 'http://{{args.host}}:9090', query: 'up{job="{{ args.job }}"}' } };
const args = new Map([
  ['host', 'prom'],
  ['job', 'a{{args.host}}'],
  ['max', '0.05'],
  ['count', '3'],
]);
const metric = (more: Partial<AnalysisRunSpecMetric>) => prepareMetric({ name: 'm', provider, ...more }, args);

test('arguments reach every text, and are not looked at twice', () => {
  const ready = metric({ successCondition: 'result[0] < {{args.max}}', count: '{{args.count}}', interval: '1m' });
  expect(ready.provider.prometheus).toEqual({ address: 'http://prom:9090', query: 'up{job="a{{args.host}}"}' });
  expect(ready.conditions.success?.text).toBe('result[0] < 0.05');
  expect(ready.count).toBe(3);
});

test('defaults', () => {
  expect(metric({})).toMatchObject({ count: 1, failureLimit: 0, inconclusiveLimit: 0, consecutiveErrorLimit: 4 });
  expect(metric({ interval: '30s' }).count).toBe(Number.POSITIVE_INFINITY);
  expect(metric({ count: 0 }).count).toBe(1);
  expect(metric({ failureLimit: -1 }).failureLimit).toBe(Number.POSITIVE_INFINITY);
});

describe('what makes no sense names the metric, the field and the remedy', () => {
  test.each<[Partial<AnalysisRunSpecMetric>, string]>([
    [{ interval: '5' }, 'metric "m": interval: "5" is not a duration: write for example 30s, 5m, 1h30m'],
    [{ initialDelay: '-5s' }, 'metric "m": initialDelay: -5s is negative'],
    [{ count: 'many' }, 'metric "m": count: "many" is not an integer'],
    [{ count: '1.5' }, 'metric "m": count: "1.5" is not an integer'],
    [{ count: '5' }, 'metric "m": count: 5 measurements need an interval'],
    [{ failureLimit: -2 }, 'metric "m": failureLimit: -2 is below -1'],
    [{ inconclusiveLimit: '-1' }, 'metric "m": inconclusiveLimit: -1 is below 0'],
    [{ successCondition: 'result[0] <' }, 'metric "m": successCondition: the expression ends at column 12'],
    [
      { failureCondition: 'result > {{args.nope}}' },
      'metric "m": failureCondition: {{args.nope}} has no value (args: count, host, job, max): ' +
        'give it in spec.args of the template or in the args of the analysis step',
    ],
    [{ successCondition: '{{inputs.x}} > 1' }, '{{inputs.x}} is not known: write {{args.NAME}}'],
  ])('%j', (spec, message) => {
    expect(() => metric(spec)).toThrow(message);
  });
});
