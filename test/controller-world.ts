import { runController } from '../controller/kube/controller.ts';
import type { EventRecorder, Informer, KubeClient, KubeObject, ReconcileResult } from '../controller/kube/types.ts';
import { keyOf } from '../controller/kube/types.ts';
import { WorkQueue } from '../controller/kube/work-queue.ts';
import type { Clock } from '../controller/platform/clock.ts';
import { silentLogger } from '../controller/platform/logger.ts';
import { seededRandom } from '../controller/platform/random.ts';
import type { RealCluster } from './setup/real-cluster.ts';

/** What {@link runReconciler} runs. */
export interface TestReconciler {
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
  close(): void;
}

/** Keeps Events in order. */
export class EventLog implements EventRecorder {
  readonly #events: { object: string; line: string }[] = [];

  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.push({ object: object.metadata.name, line: `${type} ${reason} ${message}` });
  }

  /** Events on the object of that name, as `Warning Reason message`. */
  of(name: string): string[] {
    return this.#events.filter(({ object }) => object === name).map(({ line }) => line);
  }
}

/** A client that counts the writes that go through it. */
export function countingWrites(client: KubeClient): { client: KubeClient; writes: () => number } {
  let writes = 0;
  return {
    writes: () => writes,
    client: Object.assign(Object.create(client) as KubeClient, {
      update: (...args: Parameters<KubeClient['update']>) => {
        writes += 1;
        return client.update(...args);
      },
    }),
  };
}

/**
 * Runs a reconciler against the real API server, fed by informers; returns a function that stops it as a shutdown would.
 *
 * @param isOurs which keys belong to the test: the API server is shared with others
 */
export async function runReconciler(
  cluster: RealCluster,
  clock: Clock,
  informers: readonly Informer[],
  isOurs: (key: string) => boolean,
  make: (enqueue: (key: string) => void) => TestReconciler,
): Promise<() => Promise<void>> {
  const ends = new AbortController();
  const queue = new WorkQueue({ clock, random: seededRandom(1) });
  const reconciler = make((key) => queue.add(key));
  await Promise.all(informers.map((informer) => informer.waitForSync(ends.signal)));
  const look = (key: string): void => {
    if (isOurs(key)) queue.add(key);
  };
  const removers = informers.map((informer) => informer.onEvent(({ object }) => look(keyOf(object))));
  const running = runController({
    name: 'test',
    queue,
    reconcile: (key, signal) => reconciler.reconcile(key, signal),
    workers: 2,
    clock,
    logger: silentLogger,
    metrics: cluster.metrics,
    signal: ends.signal,
  });
  return async () => {
    for (const remove of removers) remove();
    ends.abort();
    reconciler.close();
    await running;
  };
}
