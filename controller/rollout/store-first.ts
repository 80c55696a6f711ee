import type { RolloutStatus, RolloutStatusBlueGreen, RolloutStatusCanaryWeights } from '../api/generated/rollout.ts';
import { isReleased } from './blue-green/state.ts';
import type { RolloutDecision } from './decision.ts';
import { compact } from './plain.ts';
import type { RolloutSnapshot } from './snapshot.ts';
import type { Step } from './steps.ts';

/** What the next decision starts from. Everything else in a status describes what is, and follows the commands. */
const STATE = [
  'stableRS',
  'currentPodHash',
  'currentStepHash',
  'currentStepIndex',
  'step',
  'retries',
  'abort',
  'abortedAt',
  'abortMessage',
  'promoteFull',
  'controllerPause',
  'pauseConditions',
  'model',
] as const satisfies readonly (keyof RolloutStatus)[];

/**
 * The status to store before any command of a decision is carried out; undefined when the commands come first.
 *
 * That a step is done, that a version is promoted, or that a blue-green one needs no (more) test, is concluded from what the
 * cluster looks like, and the commands of what comes next change just that: a process that died in between would leave a cluster from which the next one concludes
 * the opposite, and takes weight or pods back. So such a conclusion is stored first and acted on by the next decision. All
 * others (a new template, an abort, the end of a pause) are drawn from what commands do not change, and act at once.
 *
 * The stored status says of phase and conditions what it said before: nothing has been done yet.
 */
export function storeFirst(
  { rollout, routes }: RolloutSnapshot,
  decision: RolloutDecision,
  steps: readonly Step[] = [],
): RolloutStatus | undefined {
  const before = rollout.status;
  const after = decision.status;
  if (before === undefined || decision.commands.length === 0) return undefined;
  const sameHash = after.currentPodHash === before.currentPodHash;
  const released = isReleased(after) && !(isReleased(before) && sameHash);
  if (!released) {
    if (!sameHash || after.abortedAt !== before.abortedAt) return undefined;
    if (after.stableRS === before.stableRS && onlyPausesEnded(steps, before, after)) return undefined;
  }

  const { canary: _, ...rest } = before;
  const next: RolloutStatus = rest;
  for (const field of STATE) {
    delete next[field];
    if (after[field] !== undefined) Object.assign(next, { [field]: after[field] });
  }
  // Without a run: that of the step that is done is over, and that of the next is not there yet.
  const weights = weightsNow(before.canary?.weights, routes);
  if (after.blueGreen !== undefined) next.blueGreen = blueGreenNow(before.blueGreen, after.blueGreen);
  return { ...next, canary: weights === undefined ? {} : { weights } };
}

/** Time and people end a pause: a process that finds it over finds it over again. True also when no step ended. */
function onlyPausesEnded(steps: readonly Step[], before: RolloutStatus, after: RolloutStatus): boolean {
  const [from, to] = [before.currentStepIndex, after.currentStepIndex];
  if (from === to) return true;
  if (from === undefined || to === undefined || to < from) return false;
  return steps.slice(from, to).every(({ kind }) => kind === 'pause');
}

/** What was concluded, with what the Services had: nothing has been done yet. */
function blueGreenNow(
  before: RolloutStatusBlueGreen | undefined,
  after: RolloutStatusBlueGreen,
): RolloutStatusBlueGreen {
  return compact<RolloutStatusBlueGreen>({
    ...after,
    activeSelector: before?.activeSelector,
    previewSelector: before?.previewSelector,
    updatedAvailableReplicas: before?.updatedAvailableReplicas,
  });
}

/** The recorded split, brought up to what the routes show: what was written and not recorded must not be taken back. */
function weightsNow(
  recorded: RolloutStatusCanaryWeights | undefined,
  routes: RolloutSnapshot['routes'],
): RolloutStatusCanaryWeights | undefined {
  const shown = new Set(routes.map((route) => (route.state === 'present' ? route.canaryWeight : undefined)));
  const [weight] = shown;
  if (recorded === undefined || shown.size !== 1 || weight === undefined) return recorded;
  return {
    canary: { ...recorded.canary, weight },
    stable: { ...recorded.stable, weight: 100 - weight - shareOf(recorded) },
    ...(recorded.additional === undefined ? {} : { additional: recorded.additional }),
    verified: routes.every((route) => route.state === 'present' && route.accepted === 'yes'),
  };
}

/** Percent that Experiments have. */
function shareOf({ additional = [] }: RolloutStatusCanaryWeights): number {
  return additional.reduce((sum, { weight }) => sum + weight, 0);
}
