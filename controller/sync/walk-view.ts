import type { ApplicationStatusOperationState } from '../api/generated/application.ts';
import { userRules } from './health/user-rules.ts';
import { hooksOf } from './hooks.ts';
import { consentTo } from './prune.ts';
import type { SyncSnapshot } from './snapshot.ts';
import { type StepProgress, stepProgress } from './step-progress.ts';
import { type Walk, waveTimeout } from './walk.ts';
import { compareSteps, isDueIn, type Step, stepAfter, stepsOf } from './waves.ts';

/** A walk seen in the light of a snapshot. */
export interface WalkView {
  progress: StepProgress;
  /** The next step; undefined after the last one. */
  next: Step | undefined;
  /** Everything of Git is applied as soon as this step is done, so that pruning may be thought about. */
  mayPrune: boolean;
}

/** How the step stands. `now` in milliseconds since the epoch. */
export function viewWalk(
  snapshot: SyncSnapshot,
  operation: ApplicationStatusOperationState,
  walk: Walk,
  now: number,
): WalkView {
  const { application, objects, hooks, leftovers } = snapshot;
  const steps = stepsOf(
    objects.map(({ desired }) => desired),
    hooks,
  );
  const next = stepAfter(steps, walk.step);
  const mayPrune = !steps.some((step) => step.phase === 'Sync' && compareSteps(step, walk.step) > 0);
  const last = mayPrune && leftovers.some((leftover) => consentTo(leftover, application).last);
  const progress = stepProgress(
    {
      step: walk.step,
      objects: objects.filter(({ desired }) => isDueIn(walk.step, desired)),
      hooks: hooksOf(hooks, walk.step, operation),
      records: walk.records,
      rules: userRules(application),
      more: next !== undefined || last,
      startedAt: walk.startedAt,
      timeoutMs: waveTimeout(application),
    },
    now,
  );
  return { progress, next, mayPrune };
}
