import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { recordingLogger, until } from '../../test/fake-apiserver/harness.ts';
import { ManualClock } from '../platform/manual-clock.ts';
import { runController } from './controller.ts';
import { KubeError } from './errors.ts';
import { createKubeMetrics } from './kube-metrics.ts';
import type { ReconcileResult } from './types.ts';
import { WorkQueue } from './work-queue.ts';

const start = (reconcile: (key: string, signal: AbortSignal) => Promise<ReconcileResult>, workers = 1) => {
  const clock = new ManualClock();
  const queue = new WorkQueue({ clock, random: () => 1 });
  const registry = new Registry();
  const stop = new AbortController();
  const lines: { level: string; message: string; fields: object }[] = [];
  const ended = runController({
    name: 'test',
    queue,
    reconcile,
    workers,
    clock,
    logger: recordingLogger(lines),
    metrics: createKubeMetrics(registry),
    signal: stop.signal,
  });
  return { clock, queue, registry, stop, ended, lines };
};

describe('a controller', () => {
  it('looks again when asked to, and not otherwise', async () => {
    const runs: string[] = [];
    const c = start(async (key) => {
      runs.push(key);
      return runs.length === 1 ? { requeueAfterMs: 5000 } : {};
    });
    c.queue.add('a');
    await until(() => c.clock.nextTimerIn() === 5000);
    c.clock.advance(5000);
    await until(() => runs.length === 2);
    expect(c.clock.nextTimerIn()).toBeUndefined();
    c.stop.abort();
    await c.ended;
  });

  it('tries a failed key again with growing delays, while other keys go on', async () => {
    const runs: string[] = [];
    const c = start(async (key) => {
      runs.push(key);
      if (key === 'bad' && runs.filter((k) => k === 'bad').length < 3) throw new Error('defect');
      return {};
    });
    c.queue.add('bad');
    await until(() => c.clock.nextTimerIn() === 5);
    c.queue.add('good');
    await until(() => runs.includes('good'));
    c.clock.advance(5);
    await until(() => c.clock.nextTimerIn() === 10);
    c.clock.advance(10);
    await until(() => runs.length === 4);
    expect(c.queue.failures('bad')).toBe(0);
    expect(c.lines.filter((l) => l.level === 'error')).toHaveLength(2);
    const metrics = await c.registry.getSingleMetricAsString('slipway_reconciles_total');
    expect(metrics).toContain('result="error"} 2');
    expect(metrics).toContain('result="success"} 2');
    c.stop.abort();
    await c.ended;
  });

  it('survives a reconcile that throws before it returns a promise', async () => {
    const c = start(() => {
      throw new TypeError('x is undefined');
    });
    c.queue.add('a');
    await until(() => c.queue.failures('a') === 1);
    c.stop.abort();
    await c.ended;
  });

  it('waits as long as the API server asked', async () => {
    const c = start(async () => {
      throw new KubeError('KubeTooManyRequests', 'slow down', {
        status: 429,
        reason: 'TooManyRequests',
        retryable: true,
        retryAfterMs: 7000,
      });
    });
    c.queue.add('a');
    await until(() => c.clock.nextTimerIn() === 7000);
    c.stop.abort();
    await c.ended;
  });

  it('makes no noise about a lost race', async () => {
    const c = start(async () => {
      throw new KubeError('KubeConflict', 'modified', { status: 409, reason: 'Conflict', retryable: true });
    });
    c.queue.add('a');
    await until(() => c.lines.length === 1);
    expect(c.lines[0]?.level).toBe('debug');
    c.stop.abort();
    await c.ended;
  });

  it('ends after the work in hand, which is told to end', async () => {
    let told = false;
    let started = false;
    let release = (): void => {};
    const c = start(async (_key, signal) => {
      started = true;
      signal.addEventListener('abort', () => {
        told = true;
      });
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return {};
    });
    let ended = false;
    void c.ended.then(() => {
      ended = true;
    });
    c.queue.add('a');
    await until(() => started);
    c.stop.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, ended]).toEqual([true, false]);
    release();
    await c.ended;
  });
});
