import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Prometheus, startPrometheus } from '../../../e2e/cluster/services/prometheus.ts';
import { systemClock } from '../../platform/clock.ts';
import { createPrometheusProvider } from './prometheus.ts';

const provider = createPrometheusProvider({ clock: systemClock });
let stateDir: string;
let prometheus: Prometheus;
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'slipway-prometheus-'));
  prometheus = await startPrometheus({ stateDir, config: {} });
});
afterAll(async () => {
  await provider.close();
  await prometheus?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

const measure = (query: string) => provider.measure({ address: prometheus.url, query });

describe('the real Prometheus', () => {
  test.each([
    ['1 / 4', 0.25],
    ['vector(2)', [2]],
    ['vector(1) or label_replace(vector(3), "a", "b", "", "")', [1, 3]],
    ['absent_metric', []],
    ['0 / 0', Number.NaN],
    ['vector(0) / 0', [Number.NaN]],
    ['1 / 0', Number.POSITIVE_INFINITY],
    ['-1 / 0', Number.NEGATIVE_INFINITY],
  ])('%s is %j', async (query, value) => {
    expect(await measure(query)).toEqual({ value, warnings: [] });
  });

  test.each([
    ['sum(rate(x[1m]', 'ProviderBadQuery', /the query is refused: bad_data: .*parse error/],
    ['vector(1)[1m:10s]', 'ProviderResultUnsupported', /range vector/],
    ['"text"', 'ProviderResultUnsupported', /gives a string/],
    [
      'vector(1) * on(x) group_left() (vector(1) or label_replace(vector(3), "a", "b", "", ""))',
      'ProviderBadQuery',
      /execution/,
    ],
  ])('%s is refused', async (query, code, message) => {
    await expect(measure(query)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('an address that is not its base URL says so', async () => {
    const wrong = provider.measure({ address: `${prometheus.url}/graph`, query: 'up' });
    await expect(wrong).rejects.toMatchObject({ code: 'ProviderBadAnswer' });
  });
});
