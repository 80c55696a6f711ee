import type { Application, ApplicationStatusOperationState } from '../api/generated/application.ts';
import { Reason } from '../api/reasons.ts';
import type { EventRecorder } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { counted, listed } from '../sync/describe.ts';
import { userRules } from '../sync/health/user-rules.ts';
import { type Hook, type HookRecord, hooksOf } from '../sync/hooks.ts';
import type { Kinds } from '../sync/kinds.ts';
import type { PassOutcome } from '../sync/operation.ts';
import { onlyIn, planSync, type SyncPlan, verdictOf } from '../sync/plan.ts';
import { consentTo, type PrunePlan, planPrune } from '../sync/prune.ts';
import { inScope } from '../sync/scope.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import type { StepProgress } from '../sync/step-progress.ts';
import { type Walk, walkOf } from '../sync/walk.ts';
import { viewWalk } from '../sync/walk-view.ts';
import { type HookPlace, runHooks, tidyHooks } from './application-hooks.ts';
import { executePlan, executePrune, type PassDeps } from './application-pass.ts';
import type { ApplicationSiblings } from './application-siblings.ts';

export interface StepsDeps extends PassDeps, HookPlace {
  events: EventRecorder;
  siblings: Pick<ApplicationSiblings, 'wantedBy' | 'unread'>;
  kinds: Kinds;
  /** A snapshot of how it is now. */
  snap: (application: Application) => SyncSnapshot;
}

/** What a pass did. */
export type StepsDone = Pick<PassOutcome, 'prune' | 'attempts' | 'pruned' | 'walk'> & { after: SyncSnapshot };

type Operation = ApplicationStatusOperationState;

const NO_PRUNE: PrunePlan = { type: 'nothing' };

/**
 * Applies or compares, and then, knowing how that went, prunes. A sync that goes step by step takes as many steps as are done
 * at once; what takes longer is waited for by coming back.
 */
export async function executeSteps(deps: StepsDeps, before: SyncSnapshot, plan: SyncPlan): Promise<StepsDone> {
  const { application } = before;
  const operation = application.status?.operationState;
  if (operation !== undefined) await tidyHooks(deps, operation, everyHook(before, operation));
  const walk = plan.mode === 'compare' ? undefined : walkOf(operation);
  if (walk !== undefined && operation !== undefined) return await executeWalk(deps, before, plan, operation, walk);
  const attempts = await executePlan(deps, plan);
  const applied = attempts > 0 || plan.compare.length > 0 ? deps.snap(application) : before;
  return { ...(await prune(deps, applied, plan, true)), attempts, walk: undefined };
}

async function executeWalk(
  deps: StepsDeps,
  before: SyncSnapshot,
  plan: SyncPlan,
  operation: Operation,
  start: Walk,
): Promise<StepsDone> {
  let step = await takeStep(deps, before.application, plan, operation, start);
  let { attempts, pruned } = step;
  while (step.next !== undefined && deps.isCurrent()) {
    step = await takeStep(deps, before.application, planSync(step.after, deps.clock.now()), operation, step.next);
    attempts += step.attempts;
    pruned += step.pruned;
  }
  const records = await runSyncFail(deps, step.after, operation, step.walk.records);
  // A newer revision was fetched: this sync ends here, whatever it has reached.
  const progress: StepProgress = step.next === undefined ? step.progress : { state: 'applying' };
  return {
    attempts,
    pruned,
    prune: step.prune,
    after: step.after,
    walk: { walk: { ...step.walk, records }, progress },
  };
}

interface StepTaken extends Omit<StepsDone, 'walk'> {
  walk: Walk;
  progress: StepProgress;
  /** The walk in the step that comes now; undefined when this one is not done, or was the last. */
  next: Walk | undefined;
}

async function takeStep(
  deps: StepsDeps,
  application: Application,
  plan: SyncPlan,
  operation: Operation,
  start: Walk,
): Promise<StepTaken> {
  const now = deps.clock.now();
  let attempts = await executePlan(deps, onlyIn(start.step, plan));
  const applied = deps.snap(application);
  // A step that is tried again has the whole time again.
  const again = plan.retry && operation.phase === 'Failed';
  let walk = again ? { ...start, startedAt: now } : start;
  let view = viewWalk(applied, operation, walk, now);
  if (view.progress.state !== 'applying') {
    const hooks = hooksOf(applied.hooks, walk.step, operation);
    const { records, started } = await runHooks(deps, hooks, operation, walk.records, again, userRules(application));
    deps.memory.hooks = records;
    attempts += started;
    walk = { ...walk, records, startedAt: started > 0 ? now : walk.startedAt };
    view = viewWalk(applied, operation, walk, now);
  }
  const done = view.progress.state === 'done';
  const pruning = view.mayPrune
    ? await prune(deps, applied, plan, done)
    : { prune: NO_PRUNE, pruned: 0, after: applied };
  const left = done && view.next !== undefined ? toBeGone(pruning.after, pruning.prune) : [];
  const progress: StepProgress =
    left.length > 0 ? { state: 'waiting', message: `waits until ${listed(left)} is gone` } : view.progress;
  const refused = pruning.prune.type === 'emptyRefused' || pruning.prune.type === 'doubtful';
  const goesOn = progress.state === 'done' && !refused;
  const next =
    goesOn && view.next !== undefined ? { step: view.next, startedAt: now, records: walk.records } : undefined;
  return { ...pruning, attempts, walk, progress, next };
}

/** Hooks of phase SyncFail run once when a sync has failed; how they go changes nothing about it. */
async function runSyncFail(
  deps: StepsDeps,
  { application, hooks }: SyncSnapshot,
  operation: Operation,
  records: readonly HookRecord[],
): Promise<readonly HookRecord[]> {
  if (operation.phase !== 'Failed') return records;
  return (
    await runHooks(
      deps,
      hooksOf(hooks, { phase: 'SyncFail' }, operation),
      operation,
      records,
      false,
      userRules(application),
    )
  ).records;
}

async function prune(
  deps: StepsDeps,
  applied: SyncSnapshot,
  { mode, retry }: SyncPlan,
  healthy: boolean,
): Promise<Pick<StepsDone, 'prune' | 'pruned' | 'after'>> {
  const { application } = applied;
  const { leftovers, objects } = inScope(applied);
  const plan = planPrune(application, mode, leftovers, objects.map(verdictOf), retry, healthy);
  if (plan.type !== 'delete' || plan.stages.length === 0) return { prune: plan, pruned: 0, after: applied };
  const unread = deps.siblings.unread(application, applied.revision);
  if (unread !== undefined) {
    const count = counted(applied.leftovers.length, 'object');
    const message = `${count} gone from Git, which Application ${unread} may have now: its path was not read yet`;
    return { prune: { type: 'unsure', message }, pruned: 0, after: applied };
  }
  const { deleted, left } = await executePrune(deps, application, plan.stages, deps.kinds);
  if (left.length > 0) {
    deps.events.event(application, 'Normal', Reason.Released, `left to the Application named: ${listed(left)}`);
  }
  if (deleted.length > 0) {
    deps.events.event(application, 'Normal', Reason.Pruned, `deleted, since gone from Git: ${listed(deleted)}`);
  }
  return { prune: plan, pruned: deleted.length, after: deps.snap(application) };
}

/** What has to be gone before something else may happen. */
function toBeGone({ application, leftovers }: SyncSnapshot, plan: PrunePlan): string[] {
  if (plan.type === 'off') return [];
  return leftovers
    .filter((leftover) => consentTo(leftover, application).type !== 'refused')
    .map(({ id }) => describeId(id));
}

function everyHook({ hooks }: SyncSnapshot, operation: Operation): readonly Hook[] {
  const phases = ['PreSync', 'Sync', 'PostSync', 'SyncFail'] as const;
  return phases.flatMap((phase) => hooksOf(hooks, { phase }, operation));
}
