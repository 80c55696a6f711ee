import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Experiment } from '../../api/generated/experiment.ts';
import type { Rollout } from '../../api/generated/rollout.ts';
import type { EventRecorder, Informer, KubeObject, ObjectKey, ReconcileResult } from '../../kube/types.ts';
import { splitKey } from '../../kube/types.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  ANALYSIS_RUN_METRICS,
  EXPERIMENT_METRICS,
  ROLLOUT_METRICS,
  type StateMetric,
  TEMPLATE_METRICS,
} from './state.ts';

/** The caches that the metrics speak of. */
export interface MetricSources {
  rollouts: Informer<Rollout>;
  analysisRuns: Informer<AnalysisRun>;
  experiments: Informer<Experiment>;
  analysisTemplates: Informer;
  clusterAnalysisTemplates: Informer;
}

/** Kinds whose reconciles are measured, as the metrics call them. */
export type MeasuredKind = 'rollout' | 'analysis_run' | 'experiment';
type Reconcile = (key: ObjectKey, signal: AbortSignal) => Promise<ReconcileResult>;
type ObjectLabel = 'namespace' | 'name';

const OBJECT_LABELS = ['namespace', 'name'] as const;
const BUCKETS = [0.01, 0.15, 0.25, 0.5, 1];

/**
 * The metrics of Argo Rollouts beside ours, for the dashboards and alerts that are there. What an object is like is read from
 * the caches when somebody asks; what happened is counted, and forgotten with the object.
 */
export class ArgoMetrics {
  readonly #clock: Clock;
  readonly #events: Counter<ObjectLabel | 'type' | 'reason'>;
  /** Labels that were used for an object, so that they can be taken away. */
  readonly #counted = new Map<ObjectKey, Map<string, { type: string; reason: string }>>();
  readonly #reconciles: Readonly<Record<MeasuredKind, [Histogram<ObjectLabel>, Counter<ObjectLabel>]>>;
  #sources: MetricSources | undefined;

  constructor(registry: Registry, clock: Clock, version: string) {
    const registers = [registry];
    this.#clock = clock;
    this.#events = new Counter({
      name: 'rollout_events_total',
      help: 'Count of rollout events',
      labelNames: [...OBJECT_LABELS, 'type', 'reason'],
      registers,
    });
    const measured = (name: string, what: string): [Histogram<ObjectLabel>, Counter<ObjectLabel>] => [
      new Histogram({
        name: `${name}_reconcile`,
        help: `${what} reconciliation performance.`,
        labelNames: OBJECT_LABELS,
        buckets: BUCKETS,
        registers,
      }),
      new Counter({
        name: `${name}_reconcile_error`,
        help: `Error occurring during the ${what.toLowerCase()}`,
        labelNames: OBJECT_LABELS,
        registers,
      }),
    ];
    this.#reconciles = {
      rollout: measured('rollout', 'Rollout'),
      analysis_run: measured('analysis_run', 'Analysis Run'),
      experiment: measured('experiment', 'Experiment'),
    };
    const info = { name: 'argo_rollouts_controller_info', help: 'Running version', labelNames: ['version'], registers };
    new Gauge(info).set({ version }, 1);
    const show = <T extends KubeObject>(
      metrics: readonly StateMetric<T>[],
      objects: (sources: MetricSources) => readonly T[],
    ): void => {
      for (const metric of metrics) this.#show(metric, objects, registry);
    };
    show(ROLLOUT_METRICS, ({ rollouts }) => rollouts.list());
    show(ANALYSIS_RUN_METRICS, ({ analysisRuns }) => analysisRuns.list());
    show(EXPERIMENT_METRICS, ({ experiments }) => experiments.list());
    show(TEMPLATE_METRICS, ({ analysisTemplates, clusterAnalysisTemplates }) => [
      ...analysisTemplates.list(),
      ...clusterAnalysisTemplates.list(),
    ]);
  }

  /** Speaks of these caches from now on; the function that is returned ends it. Only who leads has any. */
  follow(sources: MetricSources): () => void {
    this.#sources = sources;
    const kinds: [MeasuredKind, Informer][] = [
      ['rollout', sources.rollouts],
      ['analysis_run', sources.analysisRuns],
      ['experiment', sources.experiments],
    ];
    const removers = kinds.map(([kind, informer]) =>
      informer.onEvent(({ type, object: { metadata } }) => {
        if (type === 'deleted') this.#forget(kind, { namespace: metadata.namespace ?? '', name: metadata.name });
      }),
    );
    return () => {
      for (const remove of removers) remove();
      this.#sources = undefined;
    };
  }

  /** A recorder that counts the Events of Rollouts. */
  counting(recorder: EventRecorder): EventRecorder {
    return {
      event: (object, type, reason, message) => {
        if (object.kind === 'Rollout') this.#count(object, { type, reason });
        recorder.event(object, type, reason, message);
      },
    };
  }

  /** The reconcile, measured. */
  measuring(kind: MeasuredKind, reconcile: Reconcile): Reconcile {
    const [seconds, errors] = this.#reconciles[kind];
    return async (key, signal) => {
      const started = this.#clock.monotonic();
      const labels = splitKey(key);
      try {
        return await reconcile(key, signal);
      } catch (error) {
        errors.inc(labels);
        throw error;
      } finally {
        // What is gone has no metrics any more.
        if (this.#isThere(kind, key)) seconds.observe(labels, (this.#clock.monotonic() - started) / 1000);
      }
    };
  }

  #isThere(kind: MeasuredKind, key: ObjectKey): boolean {
    const { rollouts, analysisRuns, experiments } = this.#sources ?? {};
    const informer: Informer | undefined = { rollout: rollouts, analysis_run: analysisRuns, experiment: experiments }[
      kind
    ];
    return informer?.get(key) !== undefined;
  }

  #count({ metadata }: KubeObject, event: { type: string; reason: string }): void {
    const labels = { namespace: metadata.namespace ?? '', name: metadata.name };
    const key = `${labels.namespace}/${labels.name}`;
    const counted = this.#counted.get(key) ?? new Map<string, { type: string; reason: string }>();
    this.#counted.set(key, counted.set(`${event.type}/${event.reason}`, event));
    this.#events.inc({ ...labels, ...event });
  }

  #forget(kind: MeasuredKind, labels: { namespace: string; name: string }): void {
    for (const metric of this.#reconciles[kind]) metric.remove(labels);
    if (kind !== 'rollout') return;
    const key = `${labels.namespace}/${labels.name}`;
    for (const event of this.#counted.get(key)?.values() ?? []) this.#events.remove({ ...labels, ...event });
    this.#counted.delete(key);
  }

  #show<T extends KubeObject>(
    { name, help, labels, samples }: StateMetric<T>,
    objects: (sources: MetricSources) => readonly T[],
    registry: Registry,
  ): void {
    const sources = (): MetricSources | undefined => this.#sources;
    new Gauge({
      name,
      help,
      labelNames: [...OBJECT_LABELS, ...labels],
      registers: [registry],
      collect() {
        this.reset();
        const now = sources();
        for (const object of now === undefined ? [] : objects(now)) {
          const { namespace = '', name: objectName } = object.metadata;
          for (const [more, value] of samples(object)) this.set({ namespace, name: objectName, ...more }, value);
        }
      },
    });
  }
}
