import { isDecided } from '../analysis/measurements.ts';
import { decideAnalysisRun } from '../analysis/run.ts';
import { ANALYSIS_RUN_RESOURCE, type AnalysisRun } from '../api/generated/analysisrun.ts';
import type { EventRecorder, Informer, KubeClient, ObjectKey, ReconcileResult } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { MeasurementRunner, type MeasurementRunnerOptions } from './measurement-runner.ts';
import { OwnWrites } from './own-writes.ts';
import { putStatus } from './put-status.ts';

export interface AnalysisRunReconcilerOptions extends Omit<MeasurementRunnerOptions, 'onMeasured'> {
  client: KubeClient;
  /** Synced before the first reconcile. */
  runs: Informer<AnalysisRun>;
  events: EventRecorder;
  clock: Clock;
  enqueue(key: ObjectKey): void;
}

/** Backstop for a change that the cache does not show yet: its event comes first, as a rule. */
const CACHE_LAG_MS = 500;

/** Brings AnalysisRuns to a verdict. The Rollout learns of it by its own watch. */
export class AnalysisRunReconciler {
  readonly #options: AnalysisRunReconcilerOptions;
  readonly #writes: OwnWrites;
  readonly #measurements: MeasurementRunner;

  constructor(options: AnalysisRunReconcilerOptions) {
    this.#options = options;
    this.#writes = new OwnWrites(options.client, options.clock);
    this.#measurements = new MeasurementRunner({ ...options, onMeasured: options.enqueue });
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { client, runs, events, clock } = this.#options;
    const run = runs.get(key);
    if (run === undefined || run.metadata.deletionTimestamp !== undefined) {
      this.#measurements.stop(key);
      this.#writes.forget(key);
      return {};
    }
    if (isDecided(run.status?.phase)) {
      this.#measurements.stop(key);
      return {};
    }
    if (!(await this.#writes.caughtUp(key))) return { requeueAfterMs: CACHE_LAG_MS };

    const uid = run.metadata.uid ?? '';
    const taken = this.#measurements.taken(key, uid);
    const decision = decideAnalysisRun(run, taken, clock.now());
    const put = await putStatus(client, ANALYSIS_RUN_RESOURCE, run, decision.status, signal);
    if (put.result === 'stale') return { requeueAfterMs: CACHE_LAG_MS };
    if (put.result === 'written') this.#writes.wrote(key, runs, ANALYSIS_RUN_RESOURCE, put.object);
    this.#measurements.recorded(key, taken);
    for (const { type, reason, message } of decision.events) events.event(run, type, reason, message);
    if (isDecided(decision.status.phase)) this.#measurements.stop(key);
    for (const metric of decision.measure) this.#measurements.start(key, uid, metric);
    return decision.requeueAfterMs === undefined ? {} : { requeueAfterMs: decision.requeueAfterMs };
  }

  /** Gives up what is being measured. */
  close(): void {
    this.#measurements.close();
  }
}
