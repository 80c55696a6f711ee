import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { ArgoMetrics } from './compatibility/metrics/argo-metrics.ts';
import { rolloutSide } from './compatibility/rollout-side.ts';
import { parseConfig, splitListen } from './config.ts';
import { createGitSource } from './git/isomorphic-source.ts';
import { connectCluster } from './kube/cluster.ts';
import { ApiEventRecorder } from './kube/events.ts';
import { loadClusterIdentity } from './kube/kubeconfig.ts';
import { LeaderElection } from './kube/leader-election.ts';
import { stuckWatches, unsyncedWatches } from './kube/watch-health.ts';
import { lead } from './lead.ts';
import { systemClock as clock, sleep } from './platform/clock.ts';
import { messageOf } from './platform/errors.ts';
import { createLogger } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { systemRandom as random } from './platform/random.ts';
import { VERSION } from './platform/version.ts';
import { createApplicationMetrics } from './reconcile/application-metrics.ts';
import { createMetricsServer, createProbeServer } from './server/probes.ts';
import { createWebhookServer } from './server/webhook.ts';

/** For the last Events at the end, in milliseconds. */
const EVENTS_GRACE_MS = 2000;

const config = parseConfig(process.argv.slice(2));
const logger = createLogger(config.logLevel);
const registry = createMetrics();

// What nobody expected is one JSON line as well: log collectors parse all that a container prints.
process.removeAllListeners('warning');
process.on('warning', (warning) => logger.warn({ err: warning }, 'Node.js warns'));
process.on('uncaughtException', (error) => {
  logger.error({ err: error }, 'the controller cannot go on');
  process.exit(1);
});

// The default actions do not apply to PID 1, which is what a container runs.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    logger.info({ signal }, 'stopping');
    stopping.abort(new DOMException(signal, 'AbortError'));
  });
}

const cluster = connectCluster({
  identity: loadClusterIdentity(config.kubeconfig === undefined ? {} : { path: config.kubeconfig }),
  clock,
  random,
  logger,
  registry,
  userAgent: `slipway/${VERSION}`,
  rate: { perSecond: config.kubeQps, burst: 2 * config.kubeQps },
});
const applicationMetrics = createApplicationMetrics(registry);
const git = createGitSource({ cacheDir: config.gitCacheDir, clock, logger: logger.child({ part: 'git' }) });
/** Outlives the controllers by a moment, so that what they said last is still written. */
const recording = new AbortController();
const { metrics } = cluster;
const rollouts = rolloutSide(cluster, config);
const argoMetrics =
  config.apiGroup === 'argoproj.io' ? new ArgoMetrics(registry, clock, `slipway ${VERSION}`) : undefined;
const events = new ApiEventRecorder({ client: rollouts.client, clock, logger, metrics, signal: recording.signal });

/** Set while this process leads. */
let look: ((repoURL: string) => number) | undefined;
let started = false;

const servers: Server[] = [];
const serve = (server: Server, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    servers.push(server);
    const { host, port } = splitListen(address);
    server.once('error', reject).listen(port, host, () => resolve());
  });

const probes = createProbeServer({
  registry,
  live: () => stuckWatches(cluster.informers.health(), clock.monotonic()).map((kind) => `watch of ${kind} is stuck`),
  // A standby is ready: there is nothing that it waits for but the Lease.
  ready: () =>
    started ? unsyncedWatches(cluster.informers.health()).map((kind) => `${kind} not yet read`) : ['not started'],
  logger,
});

const webhook = createWebhookServer({
  secrets: () => {
    try {
      return readFileSync(config.webhookSecretFile ?? '', 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'the webhook secrets cannot be read, all calls are refused');
      return [];
    }
  },
  onPush: (repoUrl, ref) => {
    const woken = look?.(repoUrl) ?? 0;
    logger.debug({ repoUrl, ref, woken }, 'a forge reported a push');
  },
  logger,
});

const runControllers = (signal: AbortSignal): Promise<void> =>
  lead(
    {
      cluster,
      git,
      events: argoMetrics?.counting(events) ?? events,
      rollouts,
      ...(argoMetrics === undefined ? {} : { argoMetrics }),
      clock,
      random,
      logger,
      onRender: () => applicationMetrics.renders.inc(),
      gitPollIntervalMs: config.gitPollIntervalMs,
      onLook: (next) => {
        look = next;
        if (next !== undefined) logger.info({ version: VERSION }, 'controllers are running');
      },
    },
    signal,
  );

try {
  await serve(probes, config.probeListen);
  if (config.metricsListen !== undefined) await serve(createMetricsServer(registry, logger), config.metricsListen);
  if (config.webhookListen !== undefined) await serve(webhook, config.webhookListen);
  started = true;
  if (config.leaderElect) {
    const election = new LeaderElection({
      client: cluster.separateClient(),
      namespace: config.leaseNamespace,
      name: config.leaseName,
      identity: `${hostname()}_${randomUUID()}`,
      clock,
      random,
      logger,
      lead: runControllers,
      signal: stopping.signal,
    });
    await election.run();
  } else {
    await runControllers(stopping.signal);
  }
} catch (error) {
  logger.error({ err: error }, 'the controller cannot go on');
  process.exitCode = 1;
} finally {
  for (const server of servers) server.close();
  await Promise.race([events.flush(), sleep(clock, EVENTS_GRACE_MS)]);
  recording.abort();
  await Promise.allSettled([git.close(), cluster.close()]);
}
// Sockets that a server or a forge keeps open must not keep the process.
process.exit();
