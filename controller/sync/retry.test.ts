import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { application, idNamed, NOW, REVISION } from '../../test/applications.ts';
import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { nextOperation, type PassOutcome } from './operation.ts';
import { syncMode } from './plan.ts';
import { isGivenUp, nextRetryAt, retryDue, retryPolicy, retryProblem } from './retry.ts';
import { specHash } from './spec-hash.ts';

function withRetry(retry?: object, operation?: Partial<ApplicationStatusOperationState>): Application {
  const app = application();
  const spec = { ...app.spec, syncPolicy: { ...app.spec.syncPolicy, ...(retry && { retry }) } } as Application['spec'];
  const operationState = {
    phase: 'Failed' as const,
    revision: REVISION,
    specHash: specHash(app),
    startedAt: timestamp(NOW),
    ...operation,
  };
  return { ...app, spec, ...(operation && { status: { operationState } }) };
}

const waits = (policy: object | undefined, count: number): number[] =>
  Array.from({ length: count }, (_, retries) => {
    const at = nextRetryAt(retryPolicy(withRetry(policy)), retries, NOW);
    return at === undefined ? -1 : (Date.parse(at) - NOW) / 1000;
  });

describe('when a sync that failed is tried again', () => {
  it.each([
    ['without a word', undefined, [5, 10, 20, 40, 80, 160, 180, 180]],
    ['an empty word', { limit: -1, backoff: {} }, [5, 10, 20, 40, 80, 160, 180, 180]],
    ['a limit', { limit: 2 }, [5, 10, -1, -1]],
    ['never', { limit: 0 }, [-1, -1]],
    ['other times', { backoff: { duration: '1m', factor: 3, maxDuration: '1h' } }, [60, 180, 540, 1620, 3600, 3600]],
    ['always the same', { backoff: { duration: '1m', factor: 1, maxDuration: '1h' } }, [60, 60, 60]],
    ['less than a second', { backoff: { duration: '1ms', factor: 1, maxDuration: '1ms' } }, [1, 1]],
  ])('%s', (_, policy, seconds) => {
    expect(waits(policy, seconds.length)).toEqual(seconds);
  });

  it('is never before its time, and never more than a second after it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.nat(2000),
        fc.integer({ min: 1, max: 100 }),
        (ms, n, factor) => {
          const policy = { limit: -1, firstMs: 5000, factor, maxMs: 180_000 };
          const wait = Date.parse(nextRetryAt(policy, n, NOW + ms) ?? '') - NOW - ms;
          const exact = Math.min(180_000, 5000 * factor ** n);
          expect(wait).toBeGreaterThanOrEqual(exact);
          expect(wait).toBeLessThan(exact + 1000);
        },
      ),
    );
  });

  it('a duration that is none is named', () => {
    expect(retryProblem(withRetry({ backoff: { duration: 'soon' } }))).toMatch(
      /^spec\.syncPolicy\.retry\.backoff: "soon" is not a duration/,
    );
    expect(retryProblem(withRetry())).toBeUndefined();
  });

  it('waits for its time, and for nothing when nothing has failed', () => {
    const app = withRetry(undefined, { nextRetryAt: timestamp(NOW + 5000) });
    expect([retryDue(app, NOW + 4999), retryDue(app, NOW + 5000)]).toEqual([false, true]);
    expect(retryDue(withRetry(undefined, { phase: 'Running' }), NOW)).toBe(true);
  });
});

describe('a sync that fails again and again', () => {
  const failing: PassOutcome = {
    mode: 'continue',
    retry: true,
    revision: REVISION,
    objects: [{ id: idNamed('a'), verdict: { state: 'failed', reason: 'x', message: 'no', permanent: false } }],
    prune: { type: 'nothing' },
    pruneFailures: [],
    unconfirmed: [],
    attempts: 1,
    pruned: 0,
  };

  it('counts, waits longer each time, and ends at the limit', () => {
    const app = withRetry({ limit: 2 }, { phase: 'Running' });
    const policy = retryPolicy(app);
    let operation = app.status?.operationState;
    const told: unknown[] = [];
    for (let now = NOW, i = 0; i < 3; i++) {
      operation = nextOperation(operation, failing, policy, now);
      told.push([operation?.retryCount, operation?.nextRetryAt]);
      now = Date.parse(operation?.nextRetryAt ?? '');
    }
    expect(told).toEqual([
      [undefined, '2026-01-01T00:00:05Z'],
      [1, '2026-01-01T00:00:15Z'],
      [2, undefined],
    ]);
    expect(operation?.message).toBe('ConfigMap team/a: no; given up after 2 retries');
    const given = { ...app, status: { operationState: operation } } as Application;
    expect([isGivenUp(given), syncMode(given, REVISION), syncMode(given, 'newer')]).toEqual([true, 'compare', 'start']);
    const more = { ...given, spec: withRetry({ limit: 3 }).spec };
    expect([isGivenUp(more), retryDue(more, NOW)]).toEqual([false, true]);
  });

  it('a pass on the way to the next try counts nothing and moves nothing', () => {
    const app = withRetry(undefined, { retryCount: 3, nextRetryAt: timestamp(NOW + 5000), finishedAt: timestamp(NOW) });
    const next = nextOperation(
      app.status?.operationState,
      { ...failing, retry: false, attempts: 0 },
      retryPolicy(app),
      NOW + 1000,
    );
    expect(next).toMatchObject({ retryCount: 3, nextRetryAt: timestamp(NOW + 5000), finishedAt: timestamp(NOW) });
  });

  it('an object that belongs to another Application is not tried: it changes hands when that one lets go', () => {
    const owned = {
      ...failing,
      objects: [{ id: idNamed('a'), verdict: { state: 'owned' as const, by: 'team/other', where: 'a.yaml:1' } }],
    };
    const app = withRetry(undefined, { phase: 'Running' });
    expect(nextOperation(app.status?.operationState, owned, retryPolicy(app), NOW)?.nextRetryAt).toBeUndefined();
  });
});
