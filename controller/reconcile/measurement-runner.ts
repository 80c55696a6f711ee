import type { Measurement } from '../analysis/measurements.ts';
import type { Metric } from '../analysis/metric.ts';
import type { Measured, MetricProvider } from '../analysis/providers/provider.ts';
import type { AnalysisRunSpecMetricProviderPrometheus } from '../api/generated/analysisrun.ts';
import type { ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';

export interface MeasurementRunnerOptions {
  prometheus: MetricProvider<AnalysisRunSpecMetricProviderPrometheus>;
  clock: Clock;
  logger: Logger;
  /** A measurement is there, and the run has to look at it. */
  onMeasured(run: ObjectKey): void;
}

/** Questions to one destination at the same time. */
const MAX_AT_ONCE = 4;

interface RunMeasurements {
  uid: string;
  stop: AbortController;
  /** Names of the metrics that are being measured, or wait for their turn. */
  busy: Set<string>;
  /** Taken, and not in the run's status yet. */
  taken: Measurement[];
}

/**
 * Takes measurements beside the workers, a few at a time for each destination: a metrics server that hangs delays the runs that
 * ask it and nobody else. What is under way is known only here; after a crash it is due again and simply taken anew.
 */
export class MeasurementRunner {
  readonly #options: MeasurementRunnerOptions;
  readonly #runs = new Map<ObjectKey, RunMeasurements>();
  readonly #lanes = new Map<string, { active: number; waiting: (() => void)[] }>();

  constructor(options: MeasurementRunnerOptions) {
    this.#options = options;
  }

  /** Measures, unless this metric of the run is being measured already or its measurement waits to be recorded. */
  start(key: ObjectKey, uid: string, metric: Metric): void {
    const run = this.#runFor(key, uid);
    if (run.busy.has(metric.name) || run.taken.some((measurement) => measurement.metric === metric.name)) return;
    run.busy.add(metric.name);
    const lane = this.#options.prometheus.destination(metric.provider.prometheus);
    this.#enter(lane, () => {
      void this.#measure(key, run, metric).finally(() => this.#leave(lane));
    });
  }

  /** Measurements that were taken for this very run and are not recorded yet. */
  taken(key: ObjectKey, uid: string): readonly Measurement[] {
    const run = this.#runs.get(key);
    return run?.uid === uid ? [...run.taken] : [];
  }

  /** These are in the status now, or came too late to count. */
  recorded(key: ObjectKey, measurements: readonly Measurement[]): void {
    const run = this.#runs.get(key);
    if (run !== undefined) run.taken = run.taken.filter((measurement) => !measurements.includes(measurement));
  }

  /** The run is decided or gone. */
  stop(key: ObjectKey): void {
    this.#runs.get(key)?.stop.abort();
    this.#runs.delete(key);
  }

  close(): void {
    for (const key of [...this.#runs.keys()]) this.stop(key);
  }

  #runFor(key: ObjectKey, uid: string): RunMeasurements {
    const known = this.#runs.get(key);
    if (known?.uid === uid) return known;
    this.stop(key);
    const run: RunMeasurements = { uid, stop: new AbortController(), busy: new Set(), taken: [] };
    this.#runs.set(key, run);
    return run;
  }

  async #measure(key: ObjectKey, run: RunMeasurements, metric: Metric): Promise<void> {
    const { clock, onMeasured } = this.#options;
    if (run.stop.signal.aborted) return;
    const startedAt = clock.now();
    const outcome = await this.#ask(metric, run.stop.signal);
    run.busy.delete(metric.name);
    if (run.stop.signal.aborted) return;
    run.taken.push({ metric: metric.name, startedAt, finishedAt: clock.now(), outcome });
    onMeasured(key);
  }

  async #ask(metric: Metric, signal: AbortSignal): Promise<Measured | { error: string }> {
    try {
      return await this.#options.prometheus.measure(metric.provider.prometheus, signal);
    } catch (error) {
      if (!(error instanceof SlipwayError) && !signal.aborted) {
        this.#options.logger.error({ metric: metric.name, err: error }, 'a measurement threw');
      }
      return { error: messageOf(error) };
    }
  }

  #enter(name: string, work: () => void): void {
    const lane = this.#lanes.get(name) ?? { active: 0, waiting: [] };
    this.#lanes.set(name, lane);
    if (lane.active >= MAX_AT_ONCE) {
      lane.waiting.push(work);
      return;
    }
    lane.active += 1;
    work();
  }

  #leave(name: string): void {
    const lane = this.#lanes.get(name);
    if (lane === undefined) return;
    const next = lane.waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    lane.active -= 1;
    if (lane.active === 0) this.#lanes.delete(name);
  }
}
