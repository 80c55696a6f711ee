import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Prometheus, startPrometheus } from '../../e2e/cluster/services/prometheus.ts';
import { countingWrites, EventLog, runReconciler } from '../../test/controller-world.ts';
import { fastClock } from '../../test/fast-clock.ts';
import { type Answer, startTestServer, type TestServer } from '../../test/http-server.ts';
import { connectReal, createNamespace, eventually, type RealCluster } from '../../test/setup/real-cluster.ts';
import { createPrometheusProvider } from '../analysis/providers/prometheus.ts';
import { ANALYSIS_RUN_RESOURCE, type AnalysisRun, type AnalysisRunSpec } from '../api/generated/analysisrun.ts';
import type { Informer } from '../kube/types.ts';
import { silentLogger } from '../platform/logger.ts';
import { AnalysisRunReconciler } from './analysis-run.ts';

const NAMESPACE = 'analysis-run-controller';
/** The 10 s between two attempts pass in half a second. */
const clock = fastClock(20);
let stateDir: string;
let prometheus: Prometheus;
const isOurs = (key: string): boolean => key.startsWith(NAMESPACE);
let cluster: RealCluster;
let informer: Informer<AnalysisRun>;
let fake: TestServer;
let answer: () => Answer;
let events: EventLog;
let writes: () => number;
let stop: () => Promise<void>;

beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'slipway-analysis-'));
  prometheus = await startPrometheus({ stateDir, config: {} });
  cluster = connectReal();
  await createNamespace(cluster, NAMESPACE);
  informer = cluster.informers.acquire<AnalysisRun>(ANALYSIS_RUN_RESOURCE, { namespace: NAMESPACE }).informer;
});
afterAll(async () => {
  await cluster?.close();
  await prometheus?.stop();
  rmSync(stateDir, { recursive: true, force: true });
});
beforeEach(async () => {
  fake = await startTestServer(() => answer());
  await start();
});
afterEach(async () => {
  await stop();
  await fake.close();
});

/** Starts a controller that knows nothing of any before it. */
async function start(): Promise<void> {
  events = new EventLog();
  const counting = countingWrites(cluster.client);
  writes = counting.writes;
  const provider = createPrometheusProvider({ clock });
  const stopController = await runReconciler(cluster, clock, [informer], isOurs, (enqueue) => {
    return new AnalysisRunReconciler({
      client: counting.client,
      runs: informer,
      prometheus: provider,
      events,
      clock,
      logger: silentLogger,
      enqueue,
    });
  });
  stop = async () => {
    await stopController();
    await provider.close();
  };
}

type MetricOf = Partial<AnalysisRunSpec['metrics'][number]> & { query?: string; address?: string; timeout?: number };

async function create(name: string, metrics: Record<string, MetricOf>, more: object = {}): Promise<void> {
  const spec = {
    ...more,
    metrics: Object.entries(metrics).map(([metric, { query = 'vector(0.01)', address, timeout, ...rest }]) => ({
      name: metric,
      successCondition: 'result[0] < 0.05',
      ...rest,
      provider: {
        prometheus: { address: address ?? prometheus.url, query, ...(timeout === undefined ? {} : { timeout }) },
      },
    })),
  };
  const metadata = { namespace: NAMESPACE, name };
  await cluster.client.create(ANALYSIS_RUN_RESOURCE, {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'AnalysisRun',
    metadata,
    spec,
  });
}
const read = async (name: string): Promise<AnalysisRun> =>
  (await cluster.client.get(ANALYSIS_RUN_RESOURCE, `${NAMESPACE}/${name}`)) as AnalysisRun;
const decided = (name: string): Promise<AnalysisRun> =>
  eventually(async () => {
    const run = await read(name);
    expect(run.status?.completedAt).toBeDefined();
    return run;
  });
const vector = (value: number): Answer => ({
  json: { status: 'success', data: { resultType: 'vector', result: [{ metric: {}, value: [1, String(value)] }] } },
});

describe('with the real Prometheus', () => {
  test('a bad metric that is a dry run decides nothing, and as many measurements stay as the rule says', async () => {
    const metrics = { 'error-rate': { interval: '1s', count: 3 }, latency: { query: 'vector(0.9)' } };
    const measurementRetention = [{ metricName: 'error', limit: 2 }];
    await create('dry', metrics, { dryRun: [{ metricName: 'lat.*' }], measurementRetention });
    const { status } = await decided('dry');
    expect(status).toMatchObject({
      phase: 'Successful',
      runSummary: { count: 1, successful: 1 },
      dryRunSummary: { count: 1, failed: 1 },
    });
    expect(status?.metricResults).toMatchObject([{ count: 3 }, { name: 'latency', phase: 'Failed', dryRun: true }]);
    expect(status?.metricResults?.[0]?.measurements).toHaveLength(2);
  });

  test('good metrics end Successful, and then nothing is written any more', async () => {
    await create('good', { 'error-rate': { interval: '1s', count: 3 }, latency: {} });
    expect((await decided('good')).status).toMatchObject({
      phase: 'Successful',
      message: 'metric "error-rate" held: 3 of 3 measurements good; metric "latency" held: 1 of 1 measurements good',
      observedGeneration: 1,
      conditions: [{ type: 'Complete', status: 'True', reason: 'AnalysisRunSuccessful' }],
    });
    await eventually(() => expect(events.of('good').at(-1)).toMatch(/^Normal AnalysisRunSuccessful /));
    const before = writes();
    await create('later', { m: {} });
    await decided('later');
    // One write to begin and one to end it; none for the run that was decided.
    expect(writes() - before).toBe(2);
  });

  test('a bad metric ends Failed with the numbers', async () => {
    await create('bad', { 'error-rate': { query: 'vector(0.31)', interval: '1s', count: 5, failureLimit: 1 } });
    expect((await decided('bad')).status).toMatchObject({
      phase: 'Failed',
      message:
        'metric "error-rate" failed: 2 failed measurements exceed failureLimit 1; ' +
        'last value [0.31] does not satisfy result[0] < 0.05',
    });
  });

  test('no data is Inconclusive', async () => {
    await create('empty', { m: { query: 'absent_metric' } });
    expect((await decided('empty')).status).toMatchObject({
      phase: 'Inconclusive',
      message: expect.stringContaining('no data'),
    });
  });

  test('a query that is no PromQL ends in an error that repeats what Prometheus says', async () => {
    await create('no-promql', { m: { query: 'sum(', consecutiveErrorLimit: 0 } });
    expect((await decided('no-promql')).status).toMatchObject({
      phase: 'Error',
      message: expect.stringMatching(/Prometheus at .*, query sum\(: the query is refused: bad_data: .*parse error/),
    });
  });

  test('a condition that is none ends in an error before anything is asked', async () => {
    await create('no-expression', { m: { successCondition: 'result[0] <' } });
    expect((await decided('no-expression')).status).toMatchObject({
      phase: 'Error',
      message: 'metric "m" could not be measured: successCondition: the expression ends at column 12',
    });
  });
});

test('a Prometheus that is down is said, and the run goes on when it is back', async () => {
  answer = () => ({ status: 503, text: 'starting' });
  await create('down', { m: { address: fake.url } });
  await eventually(async () => {
    expect((await read('down')).status?.conditions?.[0]).toMatchObject({
      status: 'False',
      reason: 'MeasurementError',
      message: expect.stringMatching(/^metric "m": attempt 1 of 5 failed: .*the server failed \(503\)$/),
    });
  });
  await eventually(() => {
    expect(events.of('down')[0]).toMatch(/^Warning MeasurementError metric "m": attempt 1 of 5 failed: /);
  });
  answer = () => vector(0.01);
  expect((await decided('down')).status?.phase).toBe('Successful');
});

test('a Prometheus that hangs holds up nobody, and is given up', async () => {
  answer = () => () => {};
  const hanging = Array.from({ length: 6 }, (_, index) => `hanging-${index}`);
  for (const name of hanging) await create(name, { m: { address: fake.url, timeout: 60, consecutiveErrorLimit: 0 } });
  await eventually(() => expect(fake.seen.length).toBeGreaterThan(0));
  await create('beside', { m: {} });
  expect((await decided('beside')).status?.phase).toBe('Successful');
  for (const name of hanging) {
    expect((await decided(name)).status).toMatchObject({
      phase: 'Error',
      message: expect.stringContaining('no answer within 60000 ms'),
    });
  }
});

test('a controller that is replaced in the middle goes on where the status is', async () => {
  answer = () => vector(0.01);
  await create('replaced', { m: { address: fake.url, interval: '20s', count: 4 } });
  await eventually(async () => expect((await read('replaced')).status?.metricResults?.[0]?.count).toBe(2));
  await stop();
  answer = () => vector(0.02);
  await start();
  const [result] = (await decided('replaced')).status?.metricResults ?? [];
  expect(result).toMatchObject({ phase: 'Successful', count: 4, successful: 4 });
  expect(result?.measurements?.map(({ value }) => value)).toEqual(['[0.01]', '[0.01]', '[0.02]', '[0.02]']);
});

test('terminate stops an endless run', async () => {
  await create('endless', { m: { interval: '5s' } });
  await eventually(async () => expect((await read('endless')).status?.metricResults?.[0]?.count).toBeGreaterThan(1));
  await cluster.client.patch(ANALYSIS_RUN_RESOURCE, `${NAMESPACE}/endless`, 'application/merge-patch+json', {
    spec: { terminate: true },
  });
  expect((await decided('endless')).status).toMatchObject({
    phase: 'Successful',
    message: expect.stringMatching(/^terminated; metric "m" held: \d+ of \d+ measurements good$/),
  });
});

test('a run that is deleted is not measured any more', async () => {
  let gone = false;
  answer = () => (response) => {
    response.on('close', () => {
      gone = true;
    });
  };
  await create('deleted', { m: { address: fake.url, timeout: 600 } });
  await eventually(() => expect(fake.seen).toHaveLength(1));
  await cluster.client.delete(ANALYSIS_RUN_RESOURCE, `${NAMESPACE}/deleted`);
  await eventually(() => expect(gone).toBe(true));
});
