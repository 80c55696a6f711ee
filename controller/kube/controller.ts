import { setMaxListeners } from 'node:events';
import type { Clock } from '../platform/clock.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { isConflict, isKubeError } from './errors.ts';
import type { KubeMetrics } from './kube-metrics.ts';
import type { ObjectKey, ReconcileResult } from './types.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ControllerOptions {
  /** Name in logs and metrics, for example `rollout`. */
  name: string;
  queue: WorkQueue;
  /**
   * Brings one object closer to what it should be. Level-triggered: it must look at the state, not at what changed. The
   * signal aborts when the controller stops; work that is under way should then end at the next safe point.
   */
  reconcile: (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult>;
  /** Keys worked on at the same time. */
  workers: number;
  clock: Clock;
  logger: Logger;
  metrics: KubeMetrics;
  /** Ends the controller: loss of leadership, shutdown. */
  signal: AbortSignal;
}

/**
 * Works on keys until the signal aborts, then shuts the queue down and resolves when the last reconcile has ended. An
 * error of one key delays that key only.
 */
export async function runController(options: ControllerOptions): Promise<void> {
  const { queue, workers, signal } = options;
  // Every reconcile in hand may listen to it, more than once.
  setMaxListeners(0, signal);
  const stop = (): void => queue.shutDown();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(Array.from({ length: workers }, () => work(options)));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function work(options: ControllerOptions): Promise<void> {
  const { name, queue, metrics } = options;
  for (;;) {
    const key = await queue.get();
    if (key === undefined) return;
    metrics.queueDepth.set({ controller: name }, queue.depth);
    try {
      await reconcileOnce(options, key);
    } finally {
      queue.done(key);
    }
  }
}

async function reconcileOnce(options: ControllerOptions, key: ObjectKey): Promise<void> {
  const { name, queue, reconcile, clock, metrics, signal } = options;
  const started = clock.monotonic();
  try {
    const { requeueAfterMs, first } = await reconcile(key, signal);
    queue.forget(key);
    if (requeueAfterMs !== undefined) queue.addAfter(key, requeueAfterMs, first ? 'first' : 'last');
    metrics.reconciles.inc({ controller: name, result: requeueAfterMs === undefined ? 'success' : 'requeue' });
  } catch (error) {
    if (signal.aborted) return;
    metrics.reconciles.inc({ controller: name, result: 'error' });
    queue.addRateLimited(key, isKubeError(error) ? error.retryAfterMs : undefined);
    logFailure(options, key, error);
  } finally {
    metrics.reconcileSeconds.observe({ controller: name }, (clock.monotonic() - started) / 1000);
  }
}

/** A lost race is part of the normal course. What no layer turned into one of our errors is a defect: with its stack. */
function logFailure(options: ControllerOptions, key: ObjectKey, error: unknown): void {
  const { name, queue, logger } = options;
  const fields = { controller: name, key, failures: queue.failures(key), reason: messageOf(error) };
  if (isConflict(error)) logger.debug(fields, 'reconcile lost a race, trying again');
  else if (error instanceof SlipwayError) logger.warn({ ...fields, code: error.code }, 'reconcile failed');
  else logger.error({ ...fields, err: error }, 'reconcile threw');
}
