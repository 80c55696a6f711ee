import type { ObjectId } from '../manifest/identity.ts';
import type { DesiredObject } from './desired.ts';
import { textAt } from './health/read.ts';
import { isCustomResourceDefinition } from './kinds.ts';
import type { SyncPhase } from './object-options.ts';

/** How far a sync is: within a phase, waves come one after another. */
export interface Step {
  phase: Exclude<SyncPhase, 'SyncFail'>;
  wave: number;
}

const PHASES: readonly SyncPhase[] = ['PreSync', 'Sync', 'PostSync'];

/**
 * Gives a Namespace or a CustomResourceDefinition the wave of the first object that needs it, if that is earlier: what they
 * are for could not be applied otherwise, and would wait for a wave that waits for it.
 */
export function withEarlyWaves(objects: readonly DesiredObject[]): readonly DesiredObject[] {
  const first = new Map<string, number>();
  for (const { id, options } of objects) {
    for (const needed of neededBy(id)) first.set(needed, Math.min(first.get(needed) ?? Infinity, options.wave));
  }
  return objects.map((desired) => {
    const wave = Math.min(desired.options.wave, first.get(providedBy(desired)) ?? Infinity);
    return wave === desired.options.wave ? desired : { ...desired, options: { ...desired.options, wave } };
  });
}

function neededBy({ group, kind, namespace }: ObjectId): string[] {
  return [...(namespace === '' ? [] : [`namespace ${namespace}`]), ...(group === '' ? [] : [`kind ${group}/${kind}`])];
}

function providedBy({ id, object }: DesiredObject): string {
  if (id.group === '' && id.kind === 'Namespace') return `namespace ${id.name}`;
  if (!isCustomResourceDefinition(object)) return '';
  return `kind ${textAt(object, 'spec', 'group')}/${textAt(object, 'spec', 'names', 'kind')}`;
}

/** Every step of a sync, in order: there is always one of phase Sync, in which also what is gone from Git is pruned. */
export function stepsOf(objects: readonly DesiredObject[], hooks: readonly DesiredObject[]): readonly Step[] {
  const found = new Map<string, Step>();
  const add = (step: Step): void => {
    found.set(`${step.phase} ${step.wave}`, step);
  };
  for (const { options } of objects) add({ phase: 'Sync', wave: options.wave });
  for (const { options } of hooks) {
    for (const phase of options.hooks) if (phase !== 'SyncFail') add({ phase, wave: options.wave });
  }
  if (![...found.values()].some(({ phase }) => phase === 'Sync')) add({ phase: 'Sync', wave: 0 });
  return [...found.values()].sort(compareSteps);
}

/** Negative when `a` comes before `b`. */
export function compareSteps(a: Step, b: Step): number {
  return PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || a.wave - b.wave;
}

/** The first step after `step`; also when a new commit no longer has that one. */
export function stepAfter(steps: readonly Step[], step: Step): Step | undefined {
  return steps.find((other) => compareSteps(other, step) > 0);
}

/** Whether an object is applied in a step: what earlier steps applied is kept as it shall be. */
export function isDueIn(step: Step, { options }: DesiredObject): boolean {
  return step.phase === 'PostSync' || (step.phase === 'Sync' && options.wave <= step.wave);
}

/** `PreSync`, `wave 2`, `PostSync wave 1`. */
export function describeStep({ phase, wave }: Step): string {
  if (phase === 'Sync') return `wave ${wave}`;
  return wave === 0 ? phase : `${phase} wave ${wave}`;
}
