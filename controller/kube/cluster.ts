import type { Registry } from 'prom-client';
import { dropBadStatus } from '../api/stored-object.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Random } from '../platform/random.ts';
import { createKubeClient } from './client.ts';
import { Connection } from './connection.ts';
import { CachedDiscovery } from './discovery.ts';
import { SharedInformers } from './informers.ts';
import { createKubeMetrics, type KubeMetrics } from './kube-metrics.ts';
import type { ClusterIdentity } from './kubeconfig.ts';
import type { ReflectorTimes } from './reflector.ts';
import { type Impersonation, Transport, type TransportOptions } from './transport.ts';
import type { KubeClient } from './types.ts';

export interface ClusterOptions {
  identity: ClusterIdentity;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Where the metrics of this layer go; one cluster per registry. */
  registry: Registry;
  userAgent: string;
  rate?: TransportOptions['rate'];
  /** Waits of the watches; for tests. */
  times?: ReflectorTimes;
}

/** Everything that talks to one API server as one identity, wired together. */
export interface Cluster {
  client: KubeClient;
  transport: Transport;
  discovery: CachedDiscovery;
  informers: SharedInformers;
  metrics: KubeMetrics;
  /** A client with a rate of its own on the same sockets, for the Lease. */
  separateClient(): KubeClient;
  /** Requests as somebody else, within the same rate; for applying as an Application's own ServiceAccount. */
  clientAs(impersonate: Impersonation): KubeClient;
  /** Ends the watches and closes all sockets. */
  close(): Promise<void>;
}

/** Opens nothing yet: the first request or informer does. */
export function connectCluster(options: ClusterOptions): Cluster {
  const { identity, clock, random, logger, registry, userAgent, rate, times } = options;
  const metrics = createKubeMetrics(registry);
  const connection = new Connection({ identity, clock, logger });
  const base = { connection, clock, random, logger, metrics, userAgent };
  const transport = new Transport(rate === undefined ? base : { ...base, rate });
  const informers = new SharedInformers({
    transport,
    clock,
    random,
    logger,
    metrics,
    prepare: dropBadStatus,
    ...(times === undefined ? {} : { times }),
  });
  return {
    client: createKubeClient(transport),
    transport,
    discovery: new CachedDiscovery({ transport, clock, logger }),
    informers,
    metrics,
    separateClient: () => createKubeClient(new Transport(base)),
    clientAs: (impersonate) => createKubeClient(transport.impersonating(impersonate)),
    async close() {
      informers.stop();
      await connection.close();
    },
  };
}
