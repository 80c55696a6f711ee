import { FIELD_MANAGER } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { type FieldSet, isEmpty, itemKeys, managedFieldsOf, union } from '../managed-fields.ts';
import { adopt, adoptIgnored, hasKeys, isFields, markedAs, own, picks } from './adopt.ts';
import type { PathStep } from './path-expression.ts';

/** What is sent of an object of which fields are ignored. */
export interface Leaving<T> {
  object: T;
  /** Fields, as steps into managedFields, that were left out: they must not be ours, or leaving them out removes them. */
  left: readonly (readonly string[])[];
}

/**
 * `object` without the ignored fields: whose they are is then for others to settle, and an apply by somebody else that does
 * not force meets no conflict with us. Where a list or map has one owner as a whole, leaving out a part of it would remove
 * that part: there the live value is taken, as by {@link adoptIgnored}. That holds for all paths when the live object has
 * no managedFields, or ours are in another API version. For a new object, and for a new item of a list, Git's value stands.
 */
export function leaveIgnored<T extends KubeObject>(
  object: T,
  live: KubeObject | undefined,
  paths: readonly (readonly PathStep[])[],
): Leaving<T> {
  if (live === undefined || paths.length === 0) return { object, left: [] };
  const entries = managedFieldsOf(live);
  if (entries.some(({ manager, apiVersion }) => manager === FIELD_MANAGER && apiVersion !== object.apiVersion)) {
    return { object: adoptIgnored(object, live, paths), left: [] };
  }
  const owned = entries
    .filter(({ apiVersion }) => apiVersion === object.apiVersion)
    .map(({ fieldsV1 }) => fieldsV1)
    .reduce(union, {});
  const left: (readonly string[])[] = [];
  const leave = leaver(left);
  const sent = paths.reduce<unknown>((result, steps) => leave(result, live, steps, owned, []), object) as T;
  return { object: markedAs(object, sent), left };
}

type Leave = (
  wanted: unknown,
  live: unknown,
  steps: readonly PathStep[],
  owned: FieldSet | undefined,
  at: readonly string[],
) => unknown;

function leaver(left: (readonly string[])[]): Leave {
  const leave: Leave = (wanted, live, steps, owned, at) => {
    const [step, ...rest] = steps;
    if (step === undefined) {
      left.push(at);
      return undefined;
    }
    // One owner as a whole. What Git does not have of it is not sent in part.
    if (owned !== undefined && isEmpty(owned)) return wanted === undefined ? undefined : adopt(wanted, live, steps);
    if (Array.isArray(wanted)) return leaveInItems(wanted, live, steps, owned, at);
    if (step.step !== 'field' || (wanted !== undefined && !isFields(wanted))) return wanted;
    const others = Object.entries(wanted ?? {}).filter(([name]) => name !== step.name);
    // Nobody owns anything here yet, so whether it is one whole is not known; it is after the first apply.
    if (owned === undefined && others.length > 0) return adopt(wanted, live, steps);
    if (itemKeys(at.at(-1) ?? '')?.[step.name] !== undefined) return wanted;
    const there = isFields(live) ? own(live, step.name) : undefined;
    const inside = wanted === undefined ? undefined : own(wanted, step.name);
    const value = leave(inside, there, rest, owned?.[`f:${step.name}`], [...at, `f:${step.name}`]);
    if (value !== undefined) return Object.fromEntries([...others, [step.name, value]]);
    if (inside === undefined) return wanted;
    // A parent of nothing would be owned as a whole.
    return others.length > 0 ? Object.fromEntries(others) : undefined;
  };

  const leaveInItems = (
    wanted: unknown[],
    live: unknown,
    steps: readonly PathStep[],
    owned: FieldSet | undefined,
    at: readonly string[],
  ): unknown => {
    const [step, ...rest] = steps;
    const known = Object.entries(owned ?? {}).flatMap(([text, below]) => {
      const keys = itemKeys(text);
      return keys === undefined ? [] : [{ text, keys, below }];
    });
    if (step === undefined || known.length === 0) return adopt(wanted, live, steps);
    const items = wanted.map((item, index) => {
      const entry = picks(step, item, index) ? known.find(({ keys }) => hasKeys(item, keys)) : undefined;
      if (entry === undefined) return item;
      const there = Array.isArray(live) ? live.find((other) => hasKeys(other, entry.keys)) : undefined;
      return leave(item, there, rest, entry.below, [...at, entry.text]);
    });
    return items.filter((item) => item !== undefined);
  };
  return leave;
}
