import { Registry } from 'prom-client';
import { type Cluster, connectCluster } from '../../controller/kube/cluster.ts';
import type { ClusterIdentity } from '../../controller/kube/kubeconfig.ts';
import type { ReflectorTimes } from '../../controller/kube/reflector.ts';
import type { ResourceInfo } from '../../controller/kube/types.ts';
import { type Clock, systemClock } from '../../controller/platform/clock.ts';
import { type Logger, silentLogger } from '../../controller/platform/logger.ts';
import { seededRandom } from '../../controller/platform/random.ts';

/** A kind that needs no discovery. */
export const CONFIGMAPS: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
  subresources: [],
};

/** Waits as short as they can be without becoming busy loops. */
export const FAST: ReflectorTimes = { inactivityMs: 60_000, backoffBaseMs: 1, backoffMaxMs: 10 };

/** A client of a (fake or real) API server, as the controller builds it. */
export function connect(
  identity: ClusterIdentity,
  options: { clock?: Clock; logger?: Logger; times?: ReflectorTimes } = {},
): Cluster & { registry: Registry } {
  const { clock = systemClock, logger = silentLogger } = options;
  const registry = new Registry();
  const random = seededRandom(1);
  const times = options.times === undefined ? {} : { times: options.times };
  const cluster = connectCluster({ identity, clock, random, logger, registry, userAgent: 'slipway/test', ...times });
  return { ...cluster, registry };
}

/**
 * Resolves once `condition` holds, looking again whenever the event loop has done something. No time limit of its own: a
 * condition that never holds ends at the test's, which is then a failure with the condition's name in the stack.
 */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Collects warnings. */
export function recordingLogger(lines: { level: string; message: string; fields: object }[]): Logger {
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}
