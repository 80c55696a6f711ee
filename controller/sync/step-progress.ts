import { GROUP } from '../api/names.ts';
import { Reason } from '../api/reasons.ts';
import type { KubeObject } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { listed } from './describe.ts';
import { assess } from './health/assess.ts';
import { at } from './health/read.ts';
import type { UserRules } from './health/user-rules.ts';
import { type Hook, type HookRecord, recordOf } from './hooks.ts';
import { verdictOf } from './plan.ts';
import type { PairedObject } from './snapshot.ts';
import { describeStep, type Step } from './waves.ts';

/** How one step of a sync stands. */
export type StepProgress =
  | { state: 'done' }
  /** The API server has not accepted everything yet; the verdicts of the objects say why. */
  | { state: 'applying' }
  | { state: 'waiting'; message: string }
  | { state: 'failed'; reason: string; message: string };

export interface StepView {
  step: Step;
  /** Everything that was applied up to this step. */
  objects: readonly PairedObject[];
  hooks: readonly Hook[];
  records: readonly HookRecord[];
  /** Whether something follows: only then the health of the objects matters. */
  more: boolean;
  /** Health rules of the Application. */
  rules: UserRules;
  /** Since when the step is under way, and how long it may take, in milliseconds. */
  startedAt: number;
  timeoutMs: number;
}

/**
 * Whether a step is done: its objects are accepted and, if something follows, healthy; its hooks have succeeded. An object
 * that is Degraded may recover and has the whole time; a hook that failed does not.
 *
 * @param now milliseconds since the epoch
 */
export function stepProgress(view: StepView, now: number): StepProgress {
  const { step, objects, hooks, records, more, rules, startedAt, timeoutMs } = view;
  if (objects.some((object) => verdictOf(object).state !== 'synced')) return { state: 'applying' };
  const name = describeStep(step);
  const failed = hooks.filter((hook) => recordOf(records, hook)?.hookPhase === 'Failed');
  if (failed.length > 0) {
    const texts = failed.map((hook) => textOf(hook, recordOf(records, hook)));
    return { state: 'failed', reason: Reason.HookFailed, message: `${name}: hook ${listed(texts)}` };
  }
  const running = hooks.filter((hook) => recordOf(records, hook)?.hookPhase !== 'Succeeded');
  const wave = objects.filter(({ desired }) => step.phase === 'Sync' && desired.options.wave === step.wave);
  const unhealthy = more ? wave.flatMap((object) => whyNotDone(object, rules)) : [];
  const awaited = [...unhealthy, ...running.map((hook) => `hook ${textOf(hook, recordOf(records, hook))}`)];
  if (awaited.length === 0) return { state: 'done' };
  if (now - startedAt < timeoutMs) return { state: 'waiting', message: `${name} waits for ${listed(awaited)}` };
  const message = `${name} took longer than ${timeoutMs / 1000} s (spec.syncPolicy.waveTimeout), still waiting for ${listed(awaited)}`;
  return { state: 'failed', reason: Reason.WaveTimeout, message };
}

/** Whose status says by observedGeneration that a spec was taken up. */
const ROLLOUTS: ReadonlySet<string> = new Set([`${GROUP}/Rollout`, 'argoproj.io/Rollout']);

function textOf({ desired }: Hook, record: HookRecord | undefined): string {
  const why = record?.message ?? record?.hookPhase.toLowerCase() ?? 'not started';
  return `${describeId(desired.id)} (${why})`;
}

/**
 * Why a wave waits for an object, if it does. A Rollout may take hours and is judged by itself: the wave goes on when its spec
 * was taken up.
 */
function whyNotDone({ desired, live }: PairedObject, rules: UserRules): string[] {
  if (desired.options.ignoreHealth || live.state === 'unknown') return [];
  const name = describeId(desired.id);
  if (live.state === 'absent') return [`${name} (is not in the cluster)`];
  if (ROLLOUTS.has(`${desired.id.group}/${desired.id.kind}`))
    return isTakenUp(live.object) ? [] : [`${name} (not taken up by its controller)`];
  const health = assess(live.object, rules);
  const done = health === undefined || health.status === 'Healthy' || health.status === 'Suspended';
  return done ? [] : [`${name} (${health.message ?? health.status})`];
}

function isTakenUp(rollout: KubeObject): boolean {
  // Argo Rollouts writes the number as text.
  return Number(at(rollout, 'status', 'observedGeneration')) >= (rollout.metadata.generation ?? 0);
}
