import { createLogUpdate } from 'log-update';
import { connectCluster } from '../kube/cluster.ts';
import { loadClusterIdentity } from '../kube/kubeconfig.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { systemRandom } from '../platform/random.ts';
import { VERSION } from '../platform/version.ts';
import { painter } from './render/table.ts';
import { WIDTH, wrap } from './render/wrap.ts';
import type { Session } from './session.ts';

/** The flags that every command has. */
export interface ConnectionFlags {
  namespace?: string;
  context?: string;
  kubeconfig?: string;
  color: boolean;
}

/** Connects as kubectl would and ties the session to this process's output and to Ctrl-C. */
export function openSession(flags: ConnectionFlags): { session: Session; close(): Promise<void> } {
  const identity = loadClusterIdentity({
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
  });
  const cluster = connectCluster({
    identity,
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    registry: createMetrics(),
    userAgent: `kubectl-slipway/${VERSION}`,
  });
  const namespace = flags.namespace ?? identity.namespace;
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new DOMException('interrupted', 'AbortError'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const screen = createLogUpdate(process.stdout);
  let shown = '';
  const progressScreen = createLogUpdate(process.stderr);
  let progressed = '';
  // What stays must not stand below what is replaced or taken away.
  const write = (line: (text: string) => void, text: string): void => {
    if (progressed !== '' && process.stderr.isTTY) progressScreen.clear();
    line(text);
  };
  const session: Session = {
    client: cluster.client,
    discovery: cluster.discovery,
    identity,
    namespace,
    clock: systemClock,
    paint: painter(flags.color && process.stdout.isTTY === true),
    print: (text) => write(console.log, text),
    redraw(text) {
      if (process.stdout.isTTY) screen(text);
      else if (text !== shown) console.log(`${text}\n`);
      shown = text;
    },
    note: (text) => write(console.error, text),
    progress(text) {
      if (process.stderr.isTTY) progressScreen(wrap(text, process.stderr.columns || WIDTH).join('\n'));
      else if (text !== progressed) console.error(text);
      progressed = text;
    },
    async onChange(resources, callback, signal, name) {
      const scope = { namespace, ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }) };
      const leases = resources.map((resource) => cluster.informers.acquire(resource, scope));
      try {
        await Promise.all(leases.map(({ informer }) => informer.waitForSync(signal)));
        for (const { informer } of leases) informer.onEvent(() => callback());
        callback();
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        for (const lease of leases) lease.release();
      }
    },
    signal: interrupted.signal,
  };
  return {
    session,
    async close() {
      process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
      screen.done();
      if (process.stderr.isTTY) progressScreen.clear();
      progressScreen.done();
      await cluster.close();
    },
  };
}
