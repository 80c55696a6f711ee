import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGitSource } from '../../controller/git/isomorphic-source.ts';
import { ApiEventRecorder } from '../../controller/kube/events.ts';
import type { SharedInformers } from '../../controller/kube/informers.ts';
import { lead } from '../../controller/lead.ts';
import type { Clock } from '../../controller/platform/clock.ts';
import { type Logger, silentLogger } from '../../controller/platform/logger.ts';
import { seededRandom } from '../../controller/platform/random.ts';
import type { RealCluster } from '../setup/real-cluster.ts';

/** All controllers of one process, as `lead` wires them. */
export interface WholeController {
  /** What was logged as an error: a defect of ours, in every test. */
  readonly errors: string[];
  /** Makes the Applications of a repository look at it, as a webhook does. */
  look(repoURL: string): number;
  /** Ends it as SIGTERM does; resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

export interface WholeControllerOptions {
  clock: Clock;
  /**
   * Keeps it to one namespace of a cluster that others use as well, and of the kinds without namespace to nothing. Without
   * it works on the whole cluster.
   */
  namespace?: string;
  /** Milliseconds of `clock` between two looks at a branch. */
  gitPollIntervalMs?: number;
}

/** Starts all controllers; resolves when their caches are read. */
export async function startWholeController(
  cluster: RealCluster,
  { clock, namespace, gitPollIntervalMs = 3_600_000 }: WholeControllerOptions,
): Promise<WholeController> {
  const { client, metrics } = cluster;
  const stop = new AbortController();
  const cacheDir = mkdtempSync(join(tmpdir(), 'slipway-cache-'));
  const git = createGitSource({ cacheDir, clock, logger: silentLogger });
  const errors: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (fields, message) => errors.push(`${message} ${JSON.stringify(fields)}`),
    child: () => logger,
  };
  const events = new ApiEventRecorder({ client, clock, logger, metrics, signal: stop.signal });
  const scoped = namespace === undefined ? cluster : { ...cluster, informers: within(cluster.informers, namespace) };
  let look = (_: string): number => 0;
  let running = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    const onLook = (next: typeof look | undefined): void => {
      look = next ?? (() => 0);
      resolve();
    };
    const random = seededRandom(1);
    running = lead({ cluster: scoped, git, events, clock, random, logger, gitPollIntervalMs, onLook }, stop.signal);
    running.catch(reject);
  });
  return {
    errors,
    look: (repoURL) => look(repoURL),
    stop: async () => {
      await events.flush();
      stop.abort();
      await running;
      await git.close();
      rmSync(cacheDir, { recursive: true, force: true });
    },
  };
}

/** The informers, seeing one namespace, and no object of ours that has none. */
function within(informers: SharedInformers, namespace: string): SharedInformers {
  const acquire: SharedInformers['acquire'] = (resource, options = {}) => {
    if (resource.namespaced) return informers.acquire(resource, { ...options, namespace });
    const nothing = resource.group === 'slipway.dev' ? { labelSelector: 'test.slipway.dev/none' } : {};
    return informers.acquire(resource, { ...options, ...nothing });
  };
  return Object.create(informers, { acquire: { value: acquire } }) as SharedInformers;
}
