import { isDeepStrictEqual } from 'node:util';
import { findCondition } from '../api/conditions.ts';
import { ROLLOUT_RESOURCE, type Rollout, type RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { type EventRecorder, type KubeClient, keyOf, type ObjectKey } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { RolloutDecision } from '../rollout/decision.ts';
import type { OwnWrites } from './own-writes.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import {
  asJson,
  withoutStalled,
  withStalled,
  withUnreadableSpec,
  withWriteBack,
  writeStatus,
} from './rollout-status.ts';
import { isPressing, StatusPace } from './status-pace.ts';
import { isRefusal } from './template-refusals.ts';
import { isUnwritable } from './unwritable-status.ts';
import type { WriteBacks } from './write-backs.ts';

export interface RolloutReportOptions {
  client: KubeClient;
  caches: RolloutCaches;
  events: EventRecorder;
  clock: Clock;
  writes: OwnWrites;
  writeBacks: WriteBacks;
  /** Numbers of pods may lag behind, see status-pace.ts; programs made for Argo Rollouts compute weights from them. */
  paced: boolean;
}

/** Says in status and Events what was decided, and what stands in the way. */
export class RolloutReport {
  readonly #options: RolloutReportOptions;
  readonly #pace = new StatusPace();

  constructor(options: RolloutReportOptions) {
    this.#options = options;
  }

  /**
   * Stores the status of a decision whose commands are done, with what the registry was told, and emits its Events.
   *
   * @param read the Rollout that was decided about
   * @param current the same after the commands, which may have annotated it
   * @returns 'stale' when somebody else wrote the Rollout meanwhile, so that all has to be looked at again; `againMs` when
   *   the status says too little yet (see {@link isPressing}) and has to be looked at again by then
   */
  async decided(
    read: Rollout,
    current: Rollout,
    decision: RolloutDecision,
    signal: AbortSignal,
  ): Promise<'stale' | { againMs?: number }> {
    const { events, writeBacks } = this.#options;
    const key = keyOf(read);
    const emit = (): void => {
      for (const { type, reason, message } of decision.events) events.event(read, type, reason, message);
    };
    const status = asJson(this.#withRegistry(key, read, withoutStalled(decision.status)));
    const waitMs = this.#mayWait(key, read, status, decision);
    if (waitMs !== undefined) {
      emit();
      return { againMs: waitMs };
    }
    this.#pace.forget(key);
    const stored = await this.#write(current, status, signal);
    // The next decision finds the commands done and would not speak of them again.
    if (stored !== undefined || decision.commands.length > 0) emit();
    if (stored === undefined) return 'stale';
    writeBacks.stored(key);
    if (read.metadata.deletionTimestamp === undefined) writeBacks.start(key, stored);
    return {};
  }

  /** The Rollout is gone. */
  forget(key: ObjectKey): void {
    this.#pace.forget(key);
  }

  /** Says in a condition and an Event why nothing moves; the status stays what it was otherwise. */
  async stalled(rollout: Rollout, reason: string, message: string, signal: AbortSignal): Promise<void> {
    const { events, clock } = this.#options;
    events.event(rollout, 'Warning', reason, message);
    await this.#write(rollout, withStalled(rollout, reason, message, clock.now()), signal);
  }

  /** Says that the spec cannot be read, in conditions and once in an Event. */
  async unreadable(rollout: Rollout, problem: string, signal: AbortSignal): Promise<void> {
    const { events, clock } = this.#options;
    const before = findCondition(rollout.status?.conditions, 'InvalidSpec');
    if (before?.message !== problem) events.event(rollout, 'Warning', Reason.InvalidSpec, problem);
    await this.#write(rollout, withUnreadableSpec(rollout, problem, clock.now()), signal);
  }

  /** How long the status need not be stored; undefined when it has to be now, or says all already. */
  #mayWait(key: ObjectKey, read: Rollout, status: RolloutStatus, decision: RolloutDecision): number | undefined {
    if (
      !this.#options.paced ||
      isDeepStrictEqual(status, read.status ?? {}) ||
      isPressing(read.status, status, decision)
    )
      return undefined;
    return this.#pace.waitMs(key, this.#options.clock.monotonic());
  }

  #withRegistry(key: ObjectKey, rollout: Rollout, status: RolloutStatus): RolloutStatus {
    const { clock, writeBacks } = this.#options;
    const writtenBack = writeBacks.recorded(key, status.model?.writtenBack);
    const recorded = writtenBack === undefined ? status : { ...status, model: { ...status.model, writtenBack } };
    const told = { error: writeBacks.errorOf(key), busy: writeBacks.isBusy(key) };
    return withWriteBack(rollout, recorded, told, clock.now());
  }

  /** The Rollout as it is stored now; undefined when it is no longer the one that was read. */
  async #write(rollout: Rollout, status: RolloutStatus, signal: AbortSignal): Promise<Rollout | undefined> {
    const { client, caches, events, writes } = this.#options;
    try {
      const written = await writeStatus(client, rollout, status, signal);
      if (written.result === 'stale') return undefined;
      if (written.result === 'unchanged') return rollout;
      writes.wrote(keyOf(rollout), caches.rollouts, ROLLOUT_RESOURCE, written.rollout);
      return written.rollout;
    } catch (error) {
      if (isUnwritable(rollout, error)) return undefined;
      // What the status cannot say, an Event has to.
      if (isRefusal(error)) events.event(rollout, 'Warning', Reason.WriteRefused, messageOf(error));
      throw error;
    }
  }
}
