import { beforeEach, expect, test } from 'vitest';
import { type Metric, prepareMetric } from '../analysis/metric.ts';
import type { Measured, MetricProvider } from '../analysis/providers/provider.ts';
import type { AnalysisRunSpecMetricProviderPrometheus } from '../api/generated/analysisrun.ts';
import { silentLogger } from '../platform/logger.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { MeasurementRunner } from './measurement-runner.ts';

interface Asked {
  query: string;
  signal: AbortSignal | undefined;
  answer(value: number): void;
  fail(error: Error): void;
}
let asked: Asked[];
let measured: string[];
let runner: MeasurementRunner;
const clock = new ManualClock();

beforeEach(() => {
  asked = [];
  measured = [];
  const prometheus: MetricProvider<AnalysisRunSpecMetricProviderPrometheus> = {
    destination: ({ address }) => address,
    measure: ({ query }, signal) =>
      new Promise<Measured>((resolve, reject) => {
        asked.push({ query, signal, answer: (value) => resolve({ value, warnings: [] }), fail: reject });
      }),
    close: async () => {},
  };
  runner = new MeasurementRunner({ prometheus, clock, logger: silentLogger, onMeasured: (run) => measured.push(run) });
});

const metric = (name: string, address = 'http://prom'): Metric =>
  prepareMetric({ name, provider: { prometheus: { address, query: name } } }, new Map());
/** Lets what was resolved run on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a metric is measured once at a time, until its measurement is recorded', async () => {
  for (let i = 0; i < 3; i++) runner.start('ns/r', 'u', metric('m'));
  expect(asked).toHaveLength(1);
  asked[0]?.answer(0.5);
  await settle();
  expect(measured).toEqual(['ns/r']);
  runner.start('ns/r', 'u', metric('m'));
  expect(asked).toHaveLength(1);
  const taken = runner.taken('ns/r', 'u');
  expect(taken).toMatchObject([{ metric: 'm', outcome: { value: 0.5 } }]);
  runner.recorded('ns/r', taken);
  expect(runner.taken('ns/r', 'u')).toEqual([]);
  runner.start('ns/r', 'u', metric('m'));
  expect(asked).toHaveLength(2);
});

test('at most four questions at once to one destination; others go beside', async () => {
  for (let i = 0; i < 6; i++) runner.start(`ns/r${i}`, 'u', metric(`m${i}`));
  runner.start('ns/other', 'u', metric('other', 'http://other'));
  expect(asked.map(({ query }) => query)).toEqual(['m0', 'm1', 'm2', 'm3', 'other']);
  asked[1]?.fail(new Error('down'));
  await settle();
  expect(asked.at(-1)?.query).toBe('m4');
  expect(runner.taken('ns/r1', 'u')).toMatchObject([{ outcome: { error: 'down' } }]);
});

test('what is stopped is given up, in its turn too, and says nothing any more', async () => {
  for (let i = 0; i < 5; i++) runner.start(`ns/r${i}`, 'u', metric(`m${i}`));
  runner.stop('ns/r0');
  runner.stop('ns/r4');
  expect(asked[0]?.signal?.aborted).toBe(true);
  asked[0]?.answer(1);
  await settle();
  expect(measured).toEqual([]);
  expect(asked).toHaveLength(4);
});

test('a run that was deleted and made anew under its name starts from nothing', async () => {
  runner.start('ns/r', 'old', metric('m'));
  runner.start('ns/r', 'new', metric('m'));
  asked[0]?.answer(1);
  asked[1]?.answer(2);
  await settle();
  expect(runner.taken('ns/r', 'old')).toEqual([]);
  expect(runner.taken('ns/r', 'new')).toMatchObject([{ outcome: { value: 2 } }]);
});
