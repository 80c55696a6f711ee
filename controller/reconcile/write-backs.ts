import { isDeepStrictEqual } from 'node:util';
import type { Rollout, RolloutStatusModelWrittenBack } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import type { EventRecorder, ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Random } from '../platform/random.ts';
import { desiredWriteBack, recordWriteBack, type WriteBackAction } from '../registry/write-back.ts';
import { describeWriteBack, executeWriteBack } from '../registry/write-back-effect.ts';
import type { Registries } from './model-states.ts';

export interface WriteBacksOptions {
  registries: Registries;
  events: EventRecorder;
  clock: Clock;
  random: Random;
  /** Something was told, or could not be: the Rollout's status has to say so. */
  onProgress(rollout: ObjectKey): void;
}

/** The telling of one Rollout. */
interface Job {
  running: boolean;
  /** Told, and not in the status yet. */
  told: WriteBackAction[];
  /** How many of them are in the status that is being written. */
  recording: number;
  /** Why the next action could not be told. */
  error: string | undefined;
  failures: number;
  /** Failed, so perhaps done: an answer can be lost. */
  unsure: WriteBackAction[];
  cancelRetry: (() => void) | undefined;
  stop: AbortController;
}

const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 300_000;

/**
 * Tells registries about verdicts, beside the workers: no rollout ever waits for it. What is to be told follows from the
 * status that is stored, so a verdict is never told before it stands; what was told is recorded in the status. A process
 * that dies in between tells it again, which changes nothing. Order is kept: after a failure the same action is next.
 */
export class WriteBacks {
  readonly #options: WriteBacksOptions;
  readonly #jobs = new Map<ObjectKey, Job>();

  constructor(options: WriteBacksOptions) {
    this.#options = options;
  }

  /** Starts what has to be told for the stored Rollout. */
  start(key: ObjectKey, rollout: Rollout): void {
    const job = this.#jobs.get(key) ?? newJob();
    // What was told has to be recorded first, or it would be told again.
    if (job.running || job.cancelRetry !== undefined || job.told.length > 0) return;
    const actions = actionsFor(rollout, job.unsure);
    if (actions.length === 0) {
      this.#jobs.delete(key);
      return;
    }
    this.#jobs.set(key, job);
    job.running = true;
    void this.#tell(key, job, rollout, actions);
  }

  /** status.model.writtenBack with what was told since it was stored. */
  recorded(
    key: ObjectKey,
    record: RolloutStatusModelWrittenBack | undefined,
  ): RolloutStatusModelWrittenBack | undefined {
    const job = this.#jobs.get(key);
    if (job === undefined) return record;
    job.recording = job.told.length;
    return job.told.reduce<RolloutStatusModelWrittenBack | undefined>(recordWriteBack, record);
  }

  /** Why the registry could not be told; undefined when nothing failed. */
  errorOf(key: ObjectKey): string | undefined {
    return this.#jobs.get(key)?.error;
  }

  /** Whether there is something to tell, or being told, or told and not recorded. */
  isBusy(key: ObjectKey): boolean {
    return this.#jobs.has(key);
  }

  /** What {@link recorded} gave is stored. */
  stored(key: ObjectKey): void {
    const job = this.#jobs.get(key);
    job?.told.splice(0, job.recording);
  }

  /** The registry object changed: what failed is tried at once. */
  retry(rollouts: readonly ObjectKey[]): void {
    for (const key of rollouts) {
      const job = this.#jobs.get(key);
      if (job?.cancelRetry === undefined) continue;
      job.cancelRetry();
      job.cancelRetry = undefined;
      this.#options.onProgress(key);
    }
  }

  /** The Rollout is gone: its registry keeps what it was told. */
  forget(key: ObjectKey): void {
    const job = this.#jobs.get(key);
    job?.stop.abort();
    job?.cancelRetry?.();
    this.#jobs.delete(key);
  }

  stop(): void {
    for (const key of [...this.#jobs.keys()]) this.forget(key);
  }

  async #tell(key: ObjectKey, job: Job, rollout: Rollout, actions: readonly WriteBackAction[]): Promise<void> {
    const { registries, events, clock, random, onProgress } = this.#options;
    const { namespace = '', name } = rollout.metadata;
    let attempted: WriteBackAction | undefined;
    try {
      for (const action of actions) {
        const client = await registries.connect(action.target.registry, namespace);
        attempted = action;
        const result = await executeWriteBack(client, { namespace, name }, action, job.stop.signal);
        attempted = undefined;
        job.told.push(action);
        if (result === 'done') events.event(rollout, 'Normal', Reason.ModelWriteBack, describeWriteBack(action));
        else
          events.event(
            rollout,
            'Warning',
            Reason.ModelVersionGone,
            `not told, the version is gone: ${describeWriteBack(action)}`,
          );
      }
      job.failures = 0;
      job.unsure = [];
      job.error = undefined;
    } catch (error) {
      if (job.stop.signal.aborted) return;
      const again = job.unsure.some((one) => isDeepStrictEqual(one, attempted));
      if (attempted !== undefined && !again) job.unsure.push(attempted);
      job.error = messageOf(error);
      const delay = Math.min(FIRST_RETRY_MS * 2 ** job.failures, MAX_RETRY_MS) * (0.5 + random() / 2);
      job.failures += 1;
      job.cancelRetry = clock.after(delay, () => {
        job.cancelRetry = undefined;
        onProgress(key);
      });
      events.event(rollout, 'Warning', Reason.ModelWriteBackFailed, job.error);
    } finally {
      job.running = false;
    }
    onProgress(key);
  }
}

/**
 * What has to be told for the stored Rollout, also if what is unsure was done: the Rollout may have gone back meanwhile,
 * and what the record says then is not what the registry says.
 */
function actionsFor(rollout: Rollout, unsure: readonly WriteBackAction[]): readonly WriteBackAction[] {
  const actions = desiredWriteBack(rollout);
  const isNew = (one: WriteBackAction, known: readonly WriteBackAction[]): boolean =>
    !known.some((other) => isDeepStrictEqual(one, other));
  const maybeDone = unsure.filter((action) => isNew(action, actions));
  if (maybeDone.length === 0) return actions;
  const model = rollout.status?.model;
  const writtenBack = maybeDone.reduce<RolloutStatusModelWrittenBack | undefined>(recordWriteBack, model?.writtenBack);
  const ifDone = desiredWriteBack({
    ...rollout,
    status: { ...rollout.status, model: { ...model, writtenBack } },
  } as Rollout);
  return [...ifDone.filter((action) => isNew(action, actions)), ...actions];
}

function newJob(): Job {
  return {
    running: false,
    told: [],
    recording: 0,
    error: undefined,
    failures: 0,
    unsure: [],
    cancelRetry: undefined,
    stop: new AbortController(),
  };
}
