import { describe, expect, it } from 'vitest';
import { parseMetrics, sumBy, valueOfMetric } from './metrics.ts';

const TEXT = `# HELP requests_total Requests
# TYPE requests_total counter
requests_total{verb="get",resource="a",code="200"} 3
requests_total{verb="get",resource="b",code="404"} 2
requests_total{verb="apply",resource="a",code="200"} 7
lag_seconds 0.0125
lag_max 1.5e-3
`;

describe('metrics of a process', () => {
  it('are read and summed by a label', () => {
    const samples = parseMetrics(TEXT);
    expect([...sumBy(samples, 'requests_total', 'verb')]).toEqual([
      ['get', 5],
      ['apply', 7],
    ]);
    expect(valueOfMetric(samples, 'requests_total')).toBe(12);
    expect(valueOfMetric(samples, 'lag_seconds')).toBe(0.0125);
    expect(valueOfMetric(samples, 'lag_max')).toBe(0.0015);
  });

  it('that are not there are 0', () => {
    expect(valueOfMetric(parseMetrics(TEXT), 'nothing')).toBe(0);
  });
});
