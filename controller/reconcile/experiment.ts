import { EXPERIMENT_RESOURCE, type Experiment } from '../api/generated/experiment.ts';
import { Reason } from '../api/reasons.ts';
import { specProblem } from '../api/stored-object.ts';
import { isKubeError } from '../kube/errors.ts';
import {
  type EventRecorder,
  type KubeClient,
  type KubeObject,
  keyOf,
  type ObjectKey,
  type ReconcileResult,
  type Store,
} from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { AnyCommand } from '../rollout/decision.ts';
import { execute, type Marks, type Outcome, type Write } from '../rollout/execute.ts';
import { isOver } from '../rollout/experiment/ending.ts';
import { unreadableExperiment } from '../rollout/experiment/report.ts';
import type { ExperimentDecision, ExperimentSnapshot } from '../rollout/experiment/snapshot.ts';
import { experimentSnapshot } from './experiment-snapshot.ts';
import { owningExperiment, watchForExperiments } from './experiment-watches.ts';
import { OwnWrites } from './own-writes.ts';
import { putStatus } from './put-status.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { isRefusal } from './template-refusals.ts';

export interface ExperimentReconcilerOptions {
  client: KubeClient;
  /** Synced before the first reconcile. */
  caches: RolloutCaches;
  /** Pure, see controller/rollout/experiment/decide.ts. */
  decide: (snapshot: ExperimentSnapshot, now: number) => ExperimentDecision;
  events: EventRecorder;
  clock: Clock;
  enqueue(key: ObjectKey): void;
  marks?: Pick<Marks, 'analysisRun'>;
}

/** Backstop for a change that the cache does not show yet: its event comes first, as a rule. */
const CACHE_LAG_MS = 500;
/** Something was learned that changes the decision: decide again at once. */
const AT_ONCE_MS = 1;
/** A name that an Experiment which is over still has becomes free after its scaleDownDelaySeconds. */
const NAME_TAKEN_MS = 1000;

/** Brings Experiments to their verdict: snapshot, decision, effects, status. The Rollout learns of it by its own watch. */
export class ExperimentReconciler {
  readonly #options: ExperimentReconcilerOptions;
  readonly #writes: OwnWrites;
  /** What the API server refused, by Experiment; only until the status says so. */
  readonly #refused = new Map<ObjectKey, Record<string, string>>();
  readonly #unwatch: () => void;

  constructor(options: ExperimentReconcilerOptions) {
    this.#options = options;
    this.#writes = new OwnWrites(options.client, options.clock);
    this.#unwatch = watchForExperiments(options.caches, options.enqueue);
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<ReconcileResult> {
    const { caches, clock, decide } = this.#options;
    const experiment = caches.experiments.get(key);
    if (experiment === undefined || experiment.metadata.deletionTimestamp !== undefined) {
      this.#writes.forget(key);
      this.#refused.delete(key);
      return {};
    }
    if (!(await this.#writes.caughtUp(key))) return { requeueAfterMs: CACHE_LAG_MS };
    const now = clock.now();
    const problem = specProblem(experiment);
    if (problem !== undefined) {
      await this.#store(experiment, unreadableExperiment(experiment, problem, now), signal);
      return {};
    }
    const decision = decide(experimentSnapshot(experiment, caches, this.#refused.get(key) ?? {}), now);
    const outcome = await this.#carryOut(experiment, decision.commands, signal);
    switch (outcome.outcome) {
      case 'done':
        if (!(await this.#store(experiment, decision, signal))) return { requeueAfterMs: CACHE_LAG_MS };
        this.#refused.delete(key);
        return decision.requeueAfterMs === undefined ? {} : { requeueAfterMs: decision.requeueAfterMs };
      case 'stale':
        return { requeueAfterMs: CACHE_LAG_MS };
      case 'nameTaken':
        return this.#nameTaken(experiment, outcome);
      case 'failed':
        return this.#failed(experiment, outcome, signal);
    }
  }

  close(): void {
    this.#unwatch();
  }

  #carryOut(
    experiment: Experiment,
    commands: readonly AnyCommand[],
    signal: AbortSignal,
  ): Promise<Outcome<Experiment>> {
    const { client, marks } = this.#options;
    return execute(experiment, commands, {
      client,
      // Its ReplicaSets bear nothing else.
      marks: marks && { analysisRun: marks.analysisRun },
      setWeights: () => Promise.reject(new TypeError('an Experiment writes no weights')),
      onWrite: (write) => this.#remember(experiment, write),
      signal,
    });
  }

  /** Stores the status and emits the Events; false when somebody else wrote the Experiment meanwhile. */
  async #store(
    experiment: Experiment,
    { status, events }: Pick<ExperimentDecision, 'status' | 'events'>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client, caches } = this.#options;
    const put = await putStatus(client, EXPERIMENT_RESOURCE, experiment, status, signal);
    if (put.result === 'stale') return false;
    if (put.result === 'written') {
      this.#writes.wrote(keyOf(experiment), caches.experiments, EXPERIMENT_RESOURCE, put.object);
    }
    for (const { type, reason, message } of events) this.#options.events.event(experiment, type, reason, message);
    return true;
  }

  #nameTaken(experiment: Experiment, { by }: Extract<Outcome<Experiment>, { outcome: 'nameTaken' }>): ReconcileResult {
    if (by.metadata.deletionTimestamp !== undefined || this.#isLeft(by)) return { requeueAfterMs: NAME_TAKEN_MS };
    const message = `${by.kind} ${keyOf(by)} exists and is not owned by this Experiment: delete or rename it`;
    return this.#refuse(experiment, by.metadata.name, message);
  }

  /** Whether an object is of an Experiment that is gone or over: then it is about to go too. */
  #isLeft(object: KubeObject): boolean {
    const owner = owningExperiment(object);
    if (owner === undefined) return false;
    const other = this.#options.caches.experiments.get(owner);
    const uid = object.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    return other === undefined || other.metadata.uid !== uid || isOver(other.status?.phase);
  }

  #failed(
    experiment: Experiment,
    { command, error }: Extract<Outcome<Experiment>, { outcome: 'failed' }>,
    signal: AbortSignal,
  ): ReconcileResult {
    if (signal.aborted) throw error;
    const name = createdBy(command);
    if (name !== undefined && isRefusal(error)) return this.#refuse(experiment, name, messageOf(error));
    if (isKubeError(error) && !error.retryable) {
      this.#options.events.event(experiment, 'Warning', Reason.WriteRefused, messageOf(error));
    }
    throw error;
  }

  #refuse(experiment: Experiment, name: string, message: string): ReconcileResult {
    const key = keyOf(experiment);
    this.#refused.set(key, { ...this.#refused.get(key), [name]: message });
    return { requeueAfterMs: AT_ONCE_MS };
  }

  #remember(experiment: Experiment, write: Write): void {
    const { caches } = this.#options;
    const stores: Record<string, Store> = {
      ReplicaSet: caches.replicaSets,
      Service: caches.services,
      AnalysisRun: caches.analysisRuns,
    };
    const store = stores[write.resource.kind];
    if (store === undefined) return;
    const key = keyOf(experiment);
    if (write.type === 'written') this.#writes.wrote(key, store, write.resource, write.object);
    else this.#writes.deleted(key, store, write.resource, write.key, write.uid);
  }
}

function createdBy(command: AnyCommand): string | undefined {
  switch (command.type) {
    case 'createReplicaSet':
      return command.replicaSet.metadata.name;
    case 'createService':
      return command.service.metadata.name;
    case 'createAnalysisRun':
      return command.run.metadata.name;
    default:
      return undefined;
  }
}
