import type { Application } from '../api/generated/application.ts';
import {
  COMPARE_OPTIONS_ANNOTATION,
  HOOK_ANNOTATION,
  HOOK_DELETE_POLICY_ANNOTATION,
  IGNORE_HEALTHCHECK_ANNOTATION,
  SYNC_OPTIONS_ANNOTATION,
  SYNC_WAVE_ANNOTATION,
} from '../api/names.ts';
import { DEFAULT_SYNC_OPTIONS, parseSyncOptions, type SyncOptions } from './sync-options.ts';

/** The phases of a sync, in order; SyncFail only runs when one of the others has failed. */
export type SyncPhase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail';

/** When a hook is deleted. One of an earlier sync always is before it is made again. */
export type HookDeletePolicy = 'HookSucceeded' | 'HookFailed' | 'BeforeHookCreation';

/** Everything that the annotations of one object, on top of the options of its Application, say about how it is synced. */
export interface ObjectOptions extends SyncOptions {
  /** Waves are applied in order, from the lowest; objects that name none are in wave 0. */
  wave: number;
  /** The phases in which the object runs as a hook; empty for an ordinary object. */
  hooks: readonly SyncPhase[];
  hookDeletePolicies: readonly HookDeletePolicy[];
  /** Hook `Skip`: the manifest is left out. */
  skip: boolean;
  /** The object does not count for the health of the Application. */
  ignoreHealth: boolean;
  /** Once it is gone from Git it does not make the Application OutOfSync. */
  ignoreExtraneous: boolean;
}

/** The options of an object without annotations, in an Application without options. */
export const DEFAULT_OBJECT_OPTIONS: ObjectOptions = {
  ...DEFAULT_SYNC_OPTIONS,
  wave: 0,
  hooks: [],
  hookDeletePolicies: [],
  skip: false,
  ignoreHealth: false,
  ignoreExtraneous: false,
};

const PHASES: ReadonlySet<string> = new Set(['PreSync', 'Sync', 'PostSync', 'SyncFail']);
const POLICIES: ReadonlySet<string> = new Set(['HookSucceeded', 'HookFailed', 'BeforeHookCreation']);

const ARGO_PREFIX = 'argocd.argoproj.io/';

/**
 * Reads the options of one object. What cannot be understood is a problem and never silently a default: `Prune=flase` would
 * delete what its author wanted to keep. A problem is one line that names the annotation and the remedy.
 */
export function objectOptions(
  object: { metadata: { annotations?: Record<string, string> } },
  application: SyncOptions,
): { options: ObjectOptions; problems: readonly string[] } {
  const own = annotation(object, SYNC_OPTIONS_ANNOTATION);
  const parsed = parseSyncOptions(splitList(own.value), 'object', application);
  const problems = parsed.problems.map((problem) => `annotation ${own.name} has ${problem}`);
  const refuse = (name: string, value: string, remedy: string): void => {
    problems.push(`annotation ${name} has "${value}": ${remedy}`);
  };
  const wave = annotation(object, SYNC_WAVE_ANNOTATION);
  const waveIsNumber = /^\s*[+-]?\d{1,9}\s*$/.test(wave.value);
  if (!waveIsNumber && wave.value !== '') refuse(wave.name, wave.value, 'write a whole number, for example "-1"');
  const hook = annotation(object, HOOK_ANNOTATION);
  const phases = splitList(hook.value);
  for (const phase of phases) {
    if (phase !== 'Skip' && !PHASES.has(phase)) {
      refuse(hook.name, phase, 'use PreSync, Sync, PostSync, SyncFail or Skip');
    }
  }
  const policy = annotation(object, HOOK_DELETE_POLICY_ANNOTATION);
  const policies = splitList(policy.value);
  for (const name of policies) {
    if (!POLICIES.has(name)) refuse(policy.name, name, 'use HookSucceeded, HookFailed or BeforeHookCreation');
  }
  const health = annotation(object, IGNORE_HEALTHCHECK_ANNOTATION);
  const compare = splitList(annotation(object, COMPARE_OPTIONS_ANNOTATION).value);
  return {
    options: {
      ...parsed.options,
      wave: waveIsNumber ? Number.parseInt(wave.value, 10) : 0,
      hooks: phases.filter((phase): phase is SyncPhase => PHASES.has(phase)),
      hookDeletePolicies: policies.filter((name): name is HookDeletePolicy => POLICIES.has(name)),
      skip: phases.includes('Skip'),
      ignoreHealth: health.value === 'true',
      ignoreExtraneous: compare.includes('IgnoreExtraneous'),
    },
    problems,
  };
}

/** The options of an Application as a whole, or the first thing wrong with them. */
export function applicationOptions({ spec }: Application): { options: SyncOptions; problem: string | undefined } {
  const { options, problems } = parseSyncOptions(spec.syncPolicy?.syncOptions ?? [], 'application');
  const [problem] = problems;
  return { options, problem: problem === undefined ? undefined : `spec.syncPolicy.syncOptions has ${problem}` };
}

/** The value of an annotation of ours, or of the same under Argo CD's prefix, and the name that it was found under. */
export function annotation(
  object: { metadata: { annotations?: Record<string, string> } },
  ours: string,
): { value: string; name: string } {
  const annotations = object.metadata.annotations ?? {};
  const theirs = `${ARGO_PREFIX}${ours.slice(ours.indexOf('/') + 1)}`;
  const name = annotations[ours] === undefined && annotations[theirs] !== undefined ? theirs : ours;
  return { value: annotations[name] ?? '', name };
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
