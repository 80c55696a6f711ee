import { timestamp } from '../api/conditions.ts';
import type { Application, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { parseDuration } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';
import type { HookRecord } from './hooks.ts';
import { consentTo } from './prune.ts';
import type { SyncSnapshot } from './snapshot.ts';
import { type Step, stepsOf } from './waves.ts';

/**
 * A sync that goes step by step: how far it is and what is known of its hooks. It is kept in the status, so that an earlier
 * wave whose health flaps never takes a sync back.
 */
export interface Walk {
  step: Step;
  /** Since when, in milliseconds since the epoch. */
  startedAt: number;
  records: readonly HookRecord[];
}

type Fields = Pick<ApplicationStatusOperationState, 'syncPhase' | 'wave' | 'waveStartedAt' | 'hooks'>;

const DEFAULT_TIMEOUT = '10m';

/**
 * The first step of a sync that goes step by step: one with hooks, with more than one wave, or with objects to prune last. All
 * others, and those that only put drift right, apply everything at once and wait for no health.
 */
export function firstWalk({ objects, hooks, leftovers, application }: SyncSnapshot, now: number): Walk | undefined {
  const desired = objects.map((object) => object.desired);
  const steps = stepsOf(desired, hooks);
  const last = leftovers.some((leftover) => consentTo(leftover, application).last);
  const [step] = steps;
  return step !== undefined && (steps.length > 1 || hooks.length > 0 || last)
    ? { step, startedAt: now, records: [] }
    : undefined;
}

/** How far the sync of the status is; undefined when it does not go step by step. */
export function walkOf(operation: ApplicationStatusOperationState | undefined): Walk | undefined {
  if (operation?.syncPhase === undefined) return undefined;
  return {
    step: { phase: operation.syncPhase, wave: operation.wave ?? 0 },
    startedAt: Date.parse(operation.waveStartedAt ?? operation.startedAt),
    records: operation.hooks ?? [],
  };
}

/** The fields of `status.operationState` that keep a walk. */
export function walkFields({ step, startedAt, records }: Walk): Fields {
  return {
    syncPhase: step.phase,
    wave: step.wave,
    waveStartedAt: timestamp(startedAt),
    hooks: [...records],
  };
}

/** How long a step may take, in milliseconds. */
export function waveTimeout({ spec }: Application): number {
  return parseDuration(spec.syncPolicy?.waveTimeout ?? DEFAULT_TIMEOUT);
}

/** What is wrong with `spec.syncPolicy.waveTimeout` of an Application that was stored before its CRD would refuse it. */
export function waveTimeoutProblem(application: Application): string | undefined {
  try {
    waveTimeout(application);
    return undefined;
  } catch (error) {
    return `spec.syncPolicy.waveTimeout: ${messageOf(error)}`;
  }
}

/** Whether the step of a sync that failed did: a hook, or the time it had. `now` in milliseconds since the epoch. */
export function hasStepFailed(application: Application, now: number): boolean {
  const operation = application.status?.operationState;
  const walk = walkOf(operation);
  if (walk === undefined || operation?.phase !== 'Failed') return false;
  const hookFailed = walk.records.some((record) => record.hookPhase === 'Failed' && record.syncPhase !== 'SyncFail');
  return hookFailed || now - walk.startedAt >= waveTimeout(application);
}

/** Hooks are looked at this often, should no watch tell; milliseconds. */
const RELOOK_MS = 15_000;

/** When a sync that goes step by step must be looked at even if nothing tells, in milliseconds from `now`. */
export function walkDelay(
  application: Application,
  operation: ApplicationStatusOperationState | undefined,
  now: number,
): number | undefined {
  const walk = walkOf(operation);
  if (walk === undefined || operation?.phase !== 'Running') return undefined;
  return Math.min(RELOOK_MS, walk.startedAt + waveTimeout(application) - now);
}
