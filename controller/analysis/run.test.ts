import { describe, expect, test } from 'vitest';
import type { AnalysisRun, AnalysisRunSpec, AnalysisRunSpecMetric } from '../api/generated/analysisrun.ts';
import type { MeasuredValue } from './judge.ts';
import { type AnalysisDecision, decideAnalysisRun } from './run.ts';

const T0 = Date.UTC(2026, 0, 1);
const provider = { prometheus: { address: 'http://prom', query: 'q' } };

function metric(name: string, more: Partial<AnalysisRunSpecMetric> = {}): AnalysisRunSpecMetric {
  return { name, provider, successCondition: 'result[0] < 0.05', ...more };
}

/** Lives through a run: hands in measurements, moves time, keeps the status as the API server would. */
class Life {
  run: AnalysisRun;
  now = T0;
  events: string[] = [];

  constructor(spec: AnalysisRunSpec) {
    this.run = {
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'r', namespace: 'n', uid: 'u', generation: 1 },
      spec,
    };
  }

  look(measured: Record<string, MeasuredValue | Error> = {}): AnalysisDecision {
    const finished = Object.entries(measured).map(([name, value]) => ({
      metric: name,
      startedAt: this.now - 5,
      finishedAt: this.now,
      outcome: value instanceof Error ? { error: value.message } : { value },
    }));
    const decision = decideAnalysisRun(this.run, finished, this.now);
    this.run = { ...this.run, status: JSON.parse(JSON.stringify(decision.status)) };
    this.events.push(...decision.events.map((event) => `${event.type} ${event.reason} ${event.message}`));
    return decision;
  }

  due(): string[] {
    return this.look().measure.map(({ name }) => name);
  }

  /** Moves time to when the decision wants to look again. */
  wait(): void {
    const { requeueAfterMs } = this.look();
    if (requeueAfterMs === undefined) throw new Error('nothing to wait for');
    this.now += requeueAfterMs;
  }

  get status() {
    return this.run.status ?? {};
  }
}

test('one measurement decides a metric without count and interval', () => {
  const life = new Life({ metrics: [metric('error-rate')] });
  expect(life.due()).toEqual(['error-rate']);
  expect(life.status).toMatchObject({ phase: 'Running', startedAt: '2026-01-01T00:00:00Z', observedGeneration: 1 });
  life.look({ 'error-rate': [0.01] });
  expect(life.status).toMatchObject({
    phase: 'Successful',
    message: 'metric "error-rate" held: 1 of 1 measurements good',
    runSummary: { count: 1, successful: 1, failed: 0, inconclusive: 0, error: 0 },
    metricResults: [{ name: 'error-rate', phase: 'Successful', count: 1, successful: 1 }],
    conditions: [{ type: 'Complete', status: 'True', reason: 'AnalysisRunSuccessful' }],
  });
  expect(life.status.metricResults?.[0]?.measurements).toEqual([
    {
      phase: 'Successful',
      value: '[0.01]',
      startedAt: '2025-12-31T23:59:59.995Z',
      finishedAt: '2026-01-01T00:00:00.000Z',
    },
  ]);
});

test('more failures than failureLimit end the run, with the numbers, and stop the other metrics', () => {
  const life = new Life({
    metrics: [
      metric('error-rate', { interval: '10s', count: 5, failureLimit: 1 }),
      metric('latency', { interval: '1m', count: 5 }),
    ],
  });
  life.look({ 'error-rate': [0.2], latency: [0.01] });
  expect(life.status.phase).toBe('Running');
  life.now += 10_000;
  expect(life.due()).toEqual(['error-rate']);
  life.look({ 'error-rate': [0.31] });
  expect(life.status.phase).toBe('Failed');
  expect(life.status.message).toBe(
    'metric "error-rate" failed: 2 failed measurements exceed failureLimit 1; ' +
      'last value [0.31] does not satisfy result[0] < 0.05',
  );
  expect(life.status.metricResults?.map(({ phase }) => phase)).toEqual(['Failed', 'Successful']);
  expect(life.events).toEqual([
    expect.stringMatching(/^Warning MetricFailed metric "error-rate" failed: 2 failed/),
    'Normal MetricSuccessful metric "latency" held: 1 of 1 measurements good',
    expect.stringMatching(/^Warning AnalysisRunFailed metric "error-rate" failed: 2 failed/),
  ]);
});

test('initialDelay, then one measurement for each interval, until count', () => {
  const life = new Life({ metrics: [metric('m', { initialDelay: '1m', interval: '30s', count: 3 })] });
  expect(life.look()).toMatchObject({ measure: [], requeueAfterMs: 60_000 });
  life.now += 59_000;
  expect(life.look()).toMatchObject({ measure: [], requeueAfterMs: 1000 });
  for (let taken = 0; taken < 3; taken++) {
    life.wait();
    expect(life.due()).toEqual(['m']);
    life.look({ m: [0] });
  }
  expect(life.status).toMatchObject({ phase: 'Successful', completedAt: '2026-01-01T00:02:00Z' });
});

test('a metric with an interval only is measured until it is stopped; the status stays small', () => {
  const life = new Life({ metrics: [metric('m', { interval: '10s' })] });
  for (let taken = 0; taken < 25; taken++) {
    expect(life.due()).toEqual(['m']);
    life.look({ m: [0] });
    life.wait();
  }
  expect(life.status.metricResults?.[0]).toMatchObject({ phase: 'Running', count: 25, successful: 25 });
  expect(life.status.metricResults?.[0]?.measurements).toHaveLength(10);
  life.run = { ...life.run, spec: { ...life.run.spec, terminate: true } };
  life.look();
  expect(life.status).toMatchObject({
    phase: 'Successful',
    message: 'terminated; metric "m" held: 25 of 25 measurements good',
  });
});

describe('technical errors', () => {
  test('are tried again after 10 s and do not count as measurements', () => {
    const life = new Life({ metrics: [metric('m')] });
    life.look({ m: new Error('prometheus is down') });
    expect(life.status.conditions).toMatchObject([
      {
        type: 'Complete',
        status: 'False',
        reason: 'MeasurementError',
        message: 'metric "m": attempt 1 of 5 failed: prometheus is down',
      },
    ]);
    expect(life.look()).toMatchObject({ measure: [], requeueAfterMs: 10_000 });
    life.wait();
    expect(life.due()).toEqual(['m']);
    life.look({ m: [0.01] });
    expect(life.status.phase).toBe('Successful');
    expect(life.status.metricResults?.[0]).toMatchObject({ count: 1, error: 1, consecutiveError: 0 });
  });

  test('end the run when five come in a row', () => {
    const life = new Life({ metrics: [metric('m', { interval: '10s', count: 9 })] });
    for (let attempt = 0; attempt < 4; attempt++) {
      life.look({ m: new Error('down') });
      life.wait();
    }
    expect(life.status.phase).toBe('Running');
    life.look({ m: new Error('down') });
    expect(life.status).toMatchObject({
      phase: 'Error',
      message: 'metric "m" could not be measured: 5 consecutive failed attempts exceed consecutiveErrorLimit 4; down',
    });
  });
});

describe('without evidence there is no success', () => {
  test('no data', () => {
    const life = new Life({ metrics: [metric('m')] });
    life.look({ m: [] });
    expect(life.status.phase).toBe('Inconclusive');
    expect(life.status.message).toMatch(
      /^metric "m" is inconclusive: 1 inconclusive measurement exceeds inconclusiveLimit 0; no data/,
    );
  });

  test('all measurements bad, but within failureLimit', () => {
    const life = new Life({ metrics: [metric('m', { interval: '1s', count: 2, failureLimit: 5 })] });
    life.look({ m: [1] });
    life.wait();
    life.look({ m: [1] });
    expect(life.status).toMatchObject({
      phase: 'Inconclusive',
      message: 'metric "m" is inconclusive: 0 of 2 measurements good: that is no evidence of a good version',
    });
  });

  test('terminated before anything was measured', () => {
    const life = new Life({ metrics: [metric('m')], terminate: true });
    expect(life.look().measure).toEqual([]);
    expect(life.status).toMatchObject({
      phase: 'Inconclusive',
      message: 'terminated; metric "m" is inconclusive: 0 of 0 measurements good: stopped before any was',
    });
    expect(life.events).toEqual([expect.stringMatching(/^Normal AnalysisRunInconclusive terminated; /)]);
  });
});

test('a metric that makes no sense ends the run before anything is asked', () => {
  const life = new Life({ metrics: [metric('good'), metric('bad', { successCondition: 'result[0] <' })] });
  expect(life.look().measure).toEqual([]);
  expect(life.status).toMatchObject({
    phase: 'Error',
    message: 'metric "bad" could not be measured: successCondition: the expression ends at column 12',
  });
});

test('a measurement that comes after the verdict, or twice, changes nothing', () => {
  const life = new Life({ metrics: [metric('m', { interval: '10s', count: 2 })] });
  life.look({ m: [0] });
  const once = life.run;
  life.look({ m: [0] });
  expect(life.run).toEqual(once);
  life.wait();
  life.look({ m: [0] });
  const done = life.run;
  life.now += 1000;
  expect(life.look({ m: [1] })).toMatchObject({ measure: [], events: [] });
  expect(life.run).toEqual(done);
});

test('a status of an older version, with little in it, is continued', () => {
  const life = new Life({ metrics: [metric('m', { interval: '10s', count: 2 })] });
  life.run = {
    ...life.run,
    status: {
      phase: 'Running',
      metricResults: [{ name: 'm', phase: 'Running', measurements: [{ phase: 'Successful' }] }],
    },
  };
  expect(life.due()).toEqual(['m']);
  life.look({ m: [0] });
  life.wait();
  life.look({ m: [0] });
  expect(life.status.phase).toBe('Successful');
});

test('a clock that was set back does not stop a run', () => {
  const life = new Life({ metrics: [metric('m', { interval: '10s', count: 2 })] });
  life.look({ m: [0] });
  life.now -= 3_600_000;
  expect(life.due()).toEqual(['m']);
  life.look({ m: [0] });
  expect(life.status.phase).toBe('Successful');
});

test('the clock of another replica may be a little ahead', () => {
  const life = new Life({ metrics: [metric('m', { interval: '10s', count: 2 })] });
  life.look({ m: [0] });
  life.now -= 1000;
  expect(life.look().requeueAfterMs).toBe(11_000);
  life.wait();
  expect(life.due()).toEqual(['m']);
});

test('an initial delay is over one day, though the run was started by a clock that was set back', () => {
  const life = new Life({ metrics: [metric('m', { initialDelay: '1m' })] });
  life.look();
  life.now -= 3_600_000;
  expect(life.look().requeueAfterMs).toBe(60_000);
  life.wait();
  expect(life.due()).toEqual(['m']);
});

describe('dry runs', () => {
  const dry = (more: Partial<AnalysisRunSpec> = {}): Life =>
    new Life({ metrics: [metric('errors'), metric('latency')], dryRun: [{ metricName: '^lat' }], ...more });

  test('a bad one ends neither the run nor the other metrics', () => {
    const life = dry();
    life.look({ latency: [0.9] });
    expect(life.status).toMatchObject({ phase: 'Running', runSummary: { count: 1 }, dryRunSummary: { failed: 1 } });
    life.look({ errors: [0.01] });
    expect(life.status).toMatchObject({
      phase: 'Successful',
      message: 'metric "errors" held: 1 of 1 measurements good',
      runSummary: { count: 1, successful: 1, failed: 0 },
      dryRunSummary: { count: 1, failed: 1 },
    });
    expect(life.status.metricResults?.map(({ name, dryRun }) => [name, dryRun])).toEqual([
      ['errors', undefined],
      ['latency', true],
    ]);
    expect(life.events.filter((event) => event.startsWith('Warning'))).toEqual([]);
    expect(life.events[0]).toContain('Normal MetricFailed dry run of metric "latency"');
  });

  test('the run waits for one that has a number, and stops one without end', () => {
    const finite = dry({ metrics: [metric('errors'), metric('latency', { count: 2, interval: '1m' })] });
    finite.look({ errors: [0.01], latency: [0.01] });
    expect(finite.status.phase).toBe('Running');
    const endless = dry({ metrics: [metric('errors'), metric('latency', { interval: '1m' })] });
    endless.look({ latency: [0.01] });
    endless.look({ errors: [0.01] });
    expect(endless.status.phase).toBe('Successful');
  });

  test('with nothing else the run is good, whatever they say', () => {
    const life = dry({ dryRun: [{ metricName: '.*' }] });
    life.look({ errors: [0.9], latency: [0.9] });
    expect(life.status).toMatchObject({
      phase: 'Successful',
      message: 'no metric decides, all are dry runs',
      dryRunSummary: { count: 2, failed: 2 },
    });
  });

  test('a rule that matches no metric is an error of the run, not a metric that suddenly decides', () => {
    const life = dry({ dryRun: [{ metricName: 'lag' }] });
    expect(life.due()).toEqual([]);
    expect(life.status).toMatchObject({
      phase: 'Error',
      message: 'spec.dryRun[0].metricName: "lag" matches none of the metrics errors, latency: correct or remove it',
    });
  });
});

test('as many measurements are kept as the rules say', () => {
  const life = new Life({
    metrics: [metric('errors', { interval: '1s' }), metric('latency', { interval: '1s' })],
    measurementRetention: [{ metricName: 'errors', limit: 12 }],
  });
  for (let i = 0; i < 15; i += 1) {
    life.now += 1000;
    life.look({ errors: [0.01], latency: [0.01] });
  }
  expect(life.status.metricResults?.map(({ count, measurements }) => [count, measurements?.length])).toEqual([
    [15, 12],
    [15, 10],
  ]);
});
