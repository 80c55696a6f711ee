import { timestamp } from '../api/conditions.ts';
import type { RolloutStatus } from '../api/generated/rollout.ts';
import { Reason } from '../api/reasons.ts';
import { fastTrack } from './blue-green/fast-track.ts';
import { fastTracked, settledBlueGreen, withoutBlueGreenRun } from './blue-green/state.ts';
import type { DecisionEvent } from './decision.ts';
import { inRollbackWindow, isUpdating, type Lineup } from './lineup.ts';
import { compact } from './plain.ts';
import { hashOf, revisionOf } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';

export interface TransitionInput {
  status: RolloutStatus;
  settings: Settings;
  lineup: Lineup;
  replicaSets: readonly ReplicaSet[];
  /** The lowest count for which no AnalysisRun of this revision exists. */
  freeCount: number;
  /** Nothing new is started now. */
  held: boolean;
  now: number;
}

/** The status after what the spec and people asked for, and what to say about it. */
export interface Transition {
  state: RolloutStatus;
  events: readonly DecisionEvent[];
  /** The update was started over by a retry in this decision. */
  retried: boolean;
}

/**
 * What changes before any step is looked at: another template or other steps start over; abort, retry and promote full
 * are carried out. An abort persists until a retry, another template, other steps or a full promotion.
 */
export function transition(input: TransitionInput): Transition {
  const { status, settings, lineup } = input;
  const stableHash = lineup.stable === undefined ? undefined : hashOf(lineup.stable);
  const base = compact<RolloutStatus>({ ...status, stableRS: stableHash });
  const otherTemplate = lineup.currentHash !== status.currentPodHash;
  const otherSteps = settings.stepsHash !== status.currentStepHash;
  if (otherTemplate) return startOver(input, base, input.freeCount);
  if (!isUpdating(lineup)) return settled(base, settings);
  if (otherSteps && !input.held) return startOver(input, base, nextCount(input));
  return requests(input, base);
}

/** Ends everything that belongs to the run before and puts the index to where the new run begins. */
function startOver(input: TransitionInput, base: RolloutStatus, retries: number): Transition {
  const { status, settings, lineup } = input;
  const { index, skip } = startIndex(input, status);
  const wasUpdating = status.stableRS !== undefined && status.currentPodHash !== status.stableRS;
  const returns = !isUpdating(lineup) && lineup.stable !== undefined;
  const events: DecisionEvent[] = [];
  if (skip !== undefined && (!returns || wasUpdating)) {
    events.push({ type: 'Normal', reason: Reason.SkipSteps, message: `Skipped ${skippable(settings)}: ${skip}` });
  }
  const fresh = withoutRun(base);
  const state = compact<RolloutStatus>({
    ...(settings.blueGreen !== undefined && skip !== undefined && !returns ? fastTracked(fresh) : fresh),
    currentPodHash: lineup.currentHash,
    currentStepHash: settings.stepsHash,
    currentStepIndex: index,
    retries: retries === 0 ? undefined : retries,
  });
  return { state, events, retried: false };
}

const SERVES = 'the version is the one that serves';

/** Where an update begins, and why it skips what it skips. */
function startIndex(
  { settings, lineup, replicaSets, now }: TransitionInput,
  status: RolloutStatus,
): { index: number | undefined; skip?: string } {
  const last = settings.steps.length;
  if (settings.blueGreen !== undefined) {
    if (lineup.stable === undefined) return { index: undefined };
    const skip = isUpdating(lineup) ? fastTrack(lineup, status, replicaSets, settings, now) : SERVES;
    return skip === undefined ? { index: undefined } : { index: undefined, skip };
  }
  if (last === 0) return { index: undefined };
  if (lineup.stable === undefined) return { index: last };
  if (!isUpdating(lineup)) return { index: last, skip: SERVES };
  // The window is for what served well; a version that was rejected never did, and takes its steps.
  const rejected = status.model?.rejected?.some((entry) => entry.podTemplateHash === lineup.currentHash) === true;
  if (!rejected && inRollbackWindow(lineup.current, lineup.stable, replicaSets, settings.rollbackRevisions)) {
    const revision = lineup.current === undefined ? 0 : revisionOf(lineup.current);
    return { index: last, skip: `rollback to revision ${revision} within the rollback window` };
  }
  return { index: 0 };
}

/** No update is under way: nothing to abort, to promote or to wait for. */
function settled(base: RolloutStatus, settings: Settings): Transition {
  const state = compact<RolloutStatus>({
    ...withoutRun(base),
    blueGreen: settledBlueGreen(base).blueGreen,
    currentStepHash: settings.stepsHash,
    currentStepIndex: lastIndex(settings),
    retries: undefined,
  });
  return { state, events: [], retried: false };
}

function requests(input: TransitionInput, base: RolloutStatus): Transition {
  const { settings, lineup, held, now } = input;
  const aborted = base.abortedAt !== undefined;
  if (base.abort === true && !aborted) return { ...abortUpdate(base, settings, 'by request', now), retried: false };
  if (base.promoteFull === true && !held) {
    const { blueGreen } = settings;
    const begun = blueGreen === undefined ? base.currentStepIndex === lastIndex(settings) : isFastTracked(base);
    const started = aborted || !begun;
    const fresh = withoutRun(base);
    const state = compact<RolloutStatus>({
      ...(blueGreen === undefined ? fresh : fastTracked(fresh)),
      promoteFull: true,
      currentStepIndex: lastIndex(settings),
    });
    const message = `Skipped ${skippable(settings)}: promoted in full by request`;
    return {
      state,
      events: started ? [{ type: 'Normal', reason: Reason.SkipSteps, message }] : [],
      retried: false,
    };
  }
  if (base.abort !== true && aborted && !held) {
    const { index, skip } = startIndex(input, base);
    const fresh = withoutRun(base);
    const state = compact<RolloutStatus>({
      ...(settings.blueGreen !== undefined && skip !== undefined ? fastTracked(fresh) : fresh),
      currentStepIndex: index,
      retries: nextCount(input),
    });
    const message = `Update of revision ${lineup.current === undefined ? '?' : revisionOf(lineup.current)} started over`;
    return { state, events: [{ type: 'Normal', reason: Reason.RolloutRetry, message }], retried: true };
  }
  return { state: base, events: [], retried: false };
}

/** Ends the update: the requests go back to the version that serves. */
export function abortUpdate(
  state: RolloutStatus,
  settings: Settings,
  why: string,
  now: number,
): { state: RolloutStatus; events: readonly DecisionEvent[] } {
  const message = `Rollout aborted ${why}`;
  return {
    state: compact<RolloutStatus>({
      ...withoutRun(state),
      abort: true,
      abortedAt: timestamp(now),
      abortMessage: message,
      currentStepIndex: settings.steps.length === 0 ? undefined : 0,
    }),
    events: [{ type: 'Warning', reason: Reason.RolloutAborted, message }],
  };
}

/** The state without pauses, abort, promotion and the run of the step. */
function withoutRun(state: RolloutStatus): RolloutStatus {
  const { abort, abortedAt, abortMessage, promoteFull, controllerPause, pauseConditions, canary, ...rest } =
    withoutBlueGreenRun(state);
  return { ...rest, ...(canary?.weights === undefined ? {} : { canary: { weights: canary.weights } }) };
}

/** What an update that is not tested leaves out. */
function skippable({ blueGreen }: Settings): string {
  return blueGreen === undefined ? 'all steps' : 'pause and analysis';
}

function isFastTracked(state: RolloutStatus): boolean {
  return state.blueGreen?.fastTracked === true;
}

function lastIndex(settings: Settings): number | undefined {
  return settings.steps.length === 0 ? undefined : settings.steps.length;
}

/** What is started over within a revision gets AnalysisRuns of its own. */
function nextCount({ status, freeCount }: TransitionInput): number {
  return Math.max((status.retries ?? 0) + 1, freeCount);
}
