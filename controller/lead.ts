import { setMaxListeners } from 'node:events';
import { createPrometheusProvider } from './analysis/providers/prometheus.ts';
import type { ArgoMetrics, MeasuredKind } from './compatibility/metrics/argo-metrics.ts';
import type { RolloutSide } from './compatibility/rollout-side.ts';
import type { GitSource } from './git/port.ts';
import type { Cluster } from './kube/cluster.ts';
import { runController } from './kube/controller.ts';
import {
  type EventRecorder,
  type Informer,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ReconcileResult,
} from './kube/types.ts';
import { WorkQueue } from './kube/work-queue.ts';
import type { Clock } from './platform/clock.ts';
import type { Logger } from './platform/logger.ts';
import type { Random } from './platform/random.ts';
import { AnalysisRunReconciler } from './reconcile/analysis-run.ts';
import { createApplicationReconciler } from './reconcile/application.ts';
import { EventDigest } from './reconcile/event-digest.ts';
import { ExperimentReconciler } from './reconcile/experiment.ts';
import { ModelRegistryReconciler } from './reconcile/model-registry.ts';
import { RolloutReconciler } from './reconcile/rollout.ts';
import { openRolloutCaches } from './reconcile/rollout-caches.ts';
import { RegistryConnections } from './registry/connections.ts';
import { decideRollout } from './rollout/decide.ts';
import { decideExperiment } from './rollout/experiment/decide.ts';

type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult>;

/** What all controllers share. */
export interface LeadOptions {
  cluster: Cluster;
  git: GitSource;
  events: EventRecorder;
  /** What the rollout half works through: the cluster itself, which is the default, or its view in compatibility mode. */
  rollouts?: RolloutSide;
  /** The metrics of Argo Rollouts, in compatibility mode. */
  argoMetrics?: ArgoMetrics;
  clock: Clock;
  random: Random;
  logger: Logger;
  gitPollIntervalMs: number;
  /** Called when a folder of Git was parsed. */
  onRender?: () => void;
  /** Called with the function that makes Applications look at a repository now, and with undefined at the end. */
  onLook(look: ((repoURL: string) => number) | undefined): void;
}

/** Keys that are worked on at the same time, by controller. Waits hold none of them, so these only bound bursts. */
const WORKERS = { application: 16, rollout: 8, experiment: 4, analysisRun: 8, modelRegistry: 2 };

/**
 * Runs all controllers while this process leads; resolves when the signal aborted and the last reconcile has ended.
 * Everything it starts it also ends: leadership may be won again.
 */
export async function lead(options: LeadOptions, signal: AbortSignal): Promise<void> {
  // Every cache waits with it: that many listeners are no leak.
  setMaxListeners(0, signal);
  const { cluster, clock, random, logger, events } = options;
  const { client, discovery, informers, metrics } = cluster;
  const closers: (() => void)[] = [];
  const queue = (): WorkQueue => new WorkQueue({ clock, random });
  const queues = {
    application: queue(),
    rollout: queue(),
    experiment: queue(),
    analysisRun: queue(),
    modelRegistry: queue(),
  };
  const enqueueTo = (name: keyof typeof queues) => (key: ObjectKey) => queues[name].add(key);
  const follow = <T extends KubeObject>(informer: Informer<T>, name: keyof typeof queues): void => {
    closers.push(informer.onEvent(({ object }) => queues[name].add(keyOf(object))));
  };
  const common = { client, discovery, informers, events, clock, random, logger };

  const rolloutSide = { ...common, ...options.rollouts };
  const caches = openRolloutCaches(rolloutSide.informers);
  closers.push(caches.release);
  const { argoMetrics } = options;
  if (argoMetrics !== undefined) closers.push(argoMetrics.follow(caches.caches));
  const registries = new RegistryConnections({ kube: client, clock, ...caches.caches });
  closers.push(() => registries.close());

  const applications = createApplicationReconciler({
    ...common,
    git: options.git,
    rolloutInformers: rolloutSide.informers,
    pollIntervalMs: options.gitPollIntervalMs,
    ...(options.onRender === undefined ? {} : { onRender: options.onRender }),
    enqueue: enqueueTo('application'),
    enqueueAfter: (key, ms) => queues.application.addAfter(key, ms),
  });
  closers.push(() => applications.close());

  // In compatibility mode there is an Event for each of those of Argo Rollouts.
  const digest = new EventDigest(events, clock);
  closers.push(() => digest.flush());
  const rollouts = new RolloutReconciler({
    ...rolloutSide,
    events: rolloutSide.marks === undefined ? digest : events,
    caches: caches.caches,
    decide: decideRollout,
    registries,
    enqueue: enqueueTo('rollout'),
  });
  closers.push(() => rollouts.close());

  const experiments = new ExperimentReconciler({
    ...rolloutSide,
    caches: caches.caches,
    decide: decideExperiment,
    enqueue: enqueueTo('experiment'),
  });
  closers.push(() => experiments.close());

  const prometheus = createPrometheusProvider({ clock });
  closers.push(() => void prometheus.close());
  const analysisRuns = new AnalysisRunReconciler({
    ...rolloutSide,
    runs: caches.caches.analysisRuns,
    prometheus,
    enqueue: enqueueTo('analysisRun'),
  });
  closers.push(() => analysisRuns.close());

  const modelRegistries = new ModelRegistryReconciler({
    ...common,
    ...caches.caches,
    connections: registries,
    enqueue: enqueueTo('modelRegistry'),
  });
  closers.push(() => modelRegistries.close());
  follow(caches.caches.analysisRuns, 'analysisRun');
  follow(caches.caches.modelRegistries, 'modelRegistry');
  follow(caches.caches.clusterModelRegistries, 'modelRegistry');

  const run = (name: keyof typeof queues, reconcile: Reconcile): Promise<void> =>
    runController({ name, queue: queues[name], reconcile, workers: WORKERS[name], clock, logger, metrics, signal });
  const measured = (kind: MeasuredKind, reconcile: Reconcile): Reconcile =>
    argoMetrics?.measuring(kind, reconcile) ?? reconcile;
  try {
    await Promise.all([caches.waitForSync(signal), applications.waitForSync(signal)]);
    options.onLook((repoURL) => applications.look(repoURL));
    await Promise.all([
      run('application', (key, ends) => applications.reconcile(key, ends)),
      run(
        'rollout',
        measured('rollout', (key, ends) => rollouts.reconcile(key, ends)),
      ),
      run(
        'experiment',
        measured('experiment', (key, ends) => experiments.reconcile(key, ends)),
      ),
      run(
        'analysisRun',
        measured('analysis_run', (key, ends) => analysisRuns.reconcile(key, ends)),
      ),
      run('modelRegistry', (key, ends) => modelRegistries.reconcile(key, ends)),
    ]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    options.onLook(undefined);
    for (const close of closers.reverse()) close();
  }
}
