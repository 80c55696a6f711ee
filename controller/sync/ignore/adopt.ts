import { TRACKING_ANNOTATION } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import type { PathStep } from './path-expression.ts';

type Fields = Record<string, unknown>;

/**
 * `object` with the live values at the ignored paths; a value that the live object lacks is left out. Sending the value that
 * is there changes nothing, whoever owns it, also in lists that have one owner as a whole, whereas leaving out a field that
 * only we own would remove it. Items of lists are matched by their `name`, and by position where they have none; for an item
 * that is not in the cluster yet, and when there is no live object, Git's value stands. Changes neither argument.
 */
export function adoptIgnored<T extends KubeObject>(
  object: T,
  live: KubeObject | undefined,
  paths: readonly (readonly PathStep[])[],
): T {
  if (live === undefined || paths.length === 0) return object;
  return markedAs(object, paths.reduce<unknown>((result, steps) => adopt(result, live, steps), object) as T);
}

/** `changed` with the tracking annotation of `object`, which cannot be ignored. */
export function markedAs<T extends KubeObject>(object: T, changed: T): T {
  const mark = object.metadata.annotations?.[TRACKING_ANNOTATION];
  if (mark === undefined || changed.metadata.annotations?.[TRACKING_ANNOTATION] === mark) return changed;
  const annotations = { ...changed.metadata.annotations, [TRACKING_ANNOTATION]: mark };
  return { ...changed, metadata: { ...changed.metadata, annotations } };
}

/** One path of {@link adoptIgnored}, from some place in both objects on. */
export function adopt(wanted: unknown, live: unknown, steps: readonly PathStep[]): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return live;
  if (Array.isArray(wanted)) return adoptItems(wanted, Array.isArray(live) ? live : [], step, rest);
  if (step.step !== 'field') return wanted;
  if (isFields(wanted)) {
    const value = adopt(own(wanted, step.name), isFields(live) ? own(live, step.name) : undefined, rest);
    if (value === undefined && !Object.hasOwn(wanted, step.name)) return wanted;
    const others = Object.entries(wanted).filter(([name]) => name !== step.name);
    // A definition, not an assignment, so that a key called __proto__ stays a key.
    return Object.fromEntries(value === undefined ? others : [...others, [step.name, value]]);
  }
  // Git has no such parent: it is made for a value, but never a list, whose other items nobody here could know.
  if (wanted !== undefined || !isFields(live)) return wanted;
  const value = adopt(undefined, own(live, step.name), rest);
  return value === undefined ? undefined : Object.fromEntries([[step.name, value]]);
}

function adoptItems(wanted: unknown[], live: unknown[], step: PathStep, rest: readonly PathStep[]): unknown[] {
  const items = wanted.map((item, index) => {
    const there = counterpart(item, index, live, step);
    return there !== undefined && picks(step, item, index) ? adopt(item, there, rest) : item;
  });
  return items.filter((item) => item !== undefined);
}

/** Whether a step into a list means one item of it. */
export function picks(step: PathStep, item: unknown, index: number): boolean {
  switch (step.step) {
    case 'field':
      return step.name === String(index);
    case 'item':
      return step.index === index;
    case 'each': {
      const { where } = step;
      if (where === undefined) return true;
      const found = where.field.reduce<unknown>((here, name) => (isFields(here) ? own(here, name) : undefined), item);
      return found === where.equals;
    }
    case 'keyed':
      return hasKeys(item, step.keys);
  }
}

/** Whether an item of a list has these values in its key fields; one that it does not write has its default. */
export function hasKeys(item: unknown, keys: Readonly<Record<string, unknown>>): boolean {
  if (!isFields(item)) return false;
  const written = Object.entries(keys).filter(([name]) => own(item, name) !== undefined);
  return written.length > 0 && written.every(([name, value]) => own(item, name) === value);
}

function counterpart(item: unknown, index: number, live: unknown[], step: PathStep): unknown {
  if (step.step === 'keyed') return live.find((other) => hasKeys(other, step.keys));
  const name = isFields(item) ? own(item, 'name') : undefined;
  if (typeof name !== 'string') return live[index];
  return live.find((other) => isFields(other) && own(other, 'name') === name);
}

/** A field, if it is the object's own. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Whether a value has fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
