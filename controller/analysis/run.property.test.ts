import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnalysisRun, AnalysisRunSpecMetric } from '../api/generated/analysisrun.ts';
import { isDecided, type Measurement } from './measurements.ts';
import { decideAnalysisRun } from './run.ts';

const NAMES = ['a', 'b', 'c'];
const provider = { prometheus: { address: 'http://prom', query: 'q' } };
const limit = fc.option(fc.constantFrom(-1, 0, 1, 3), { nil: undefined });
const spec = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.record({ count: fc.nat(4), failureLimit: limit, nonNegative: fc.nat(2) }).map(
        ({ count, failureLimit, nonNegative }): AnalysisRunSpecMetric => ({
          name,
          provider,
          interval: '10s',
          successCondition: 'result[0] < 1',
          failureCondition: 'result[0] > 2',
          count,
          ...(failureLimit === undefined ? {} : { failureLimit }),
          inconclusiveLimit: nonNegative,
          consecutiveErrorLimit: nonNegative,
        }),
      ),
    ),
  ),
);
/** What happens: time passes, a measurement comes in (good, bad, between, nothing, error), the run is told to stop. */
const step = fc.oneof(
  fc.record({ wait: fc.nat(30_000) }),
  fc.record({ metric: fc.constantFrom(...NAMES), value: fc.constantFrom(0, 1.5, 3, Number.NaN, 'empty', 'error') }),
  fc.constant({ terminate: true }),
  fc.constant({}),
);

test('whatever comes: a verdict stays, counts add up, success has evidence, and the status is bounded', () => {
  fc.assert(
    fc.property(spec, fc.array(step, { maxLength: 60 }), (metrics, steps) => {
      let now = Date.UTC(2026, 0, 1);
      let run: AnalysisRun = {
        apiVersion: 'slipway.dev/v1alpha1',
        kind: 'AnalysisRun',
        metadata: { name: 'r', namespace: 'n', generation: 1 },
        spec: { metrics },
      };
      let handedIn = 0;
      for (const next of steps) {
        const finished: Measurement[] = [];
        now += 'wait' in next ? next.wait : 1;
        if ('terminate' in next) run = { ...run, spec: { ...run.spec, terminate: true } };
        if ('metric' in next) {
          const { value } = next;
          const outcome = value === 'error' ? { error: 'down' } : { value: value === 'empty' ? [] : [value as number] };
          finished.push({ metric: next.metric, startedAt: now - 1, finishedAt: now, outcome });
          handedIn++;
        }
        const before = run.status;
        const decision = decideAnalysisRun(run, finished, now);
        const status = decision.status;
        if (isDecided(before?.phase)) {
          expect(status).toEqual(before);
          expect(decision.measure).toEqual([]);
          expect(decision.requeueAfterMs).toBeUndefined();
        } else if (!isDecided(status.phase)) {
          // An undecided run always has something to do or to wait for.
          expect(decision.measure.length > 0 || decision.requeueAfterMs !== undefined).toBe(true);
          expect(decision.requeueAfterMs ?? 1).toBeGreaterThan(0);
        }
        for (const result of status.metricResults ?? []) {
          const old = before?.metricResults?.find(({ name }) => name === result.name);
          if (isDecided(old?.phase)) expect(result).toEqual(old);
          const { count = 0, successful = 0, failed = 0, inconclusive = 0, error = 0 } = result;
          expect(successful + failed + inconclusive).toBe(count);
          expect(count + error).toBeLessThanOrEqual(handedIn);
          expect(result.measurements?.length ?? 0).toBe(Math.min(10, count + error));
          if (result.phase === 'Successful') expect(successful).toBeGreaterThan(0);
        }
        if (status.phase === 'Successful') {
          expect(status.metricResults?.every(({ phase }) => phase === 'Successful')).toBe(true);
        }
        // Deciding again at once, with nothing new, changes nothing.
        const again = decideAnalysisRun({ ...run, status }, [], now);
        expect(again.status).toEqual(status);
        expect(again.events).toEqual([]);
        run = { ...run, status: JSON.parse(JSON.stringify(status)) };
      }
    }),
    { numRuns: 500 },
  );
});
