import type { KubeObject } from '../../kube/types.ts';
import type { Subject } from './compare-fields.ts';
import { isDefault } from './defaults.ts';
import { type FieldDifference, fieldOf, isFields, itemOf, memberOf, type Place } from './difference.ts';
import { type ListRule, listRule } from './list-rules.ts';
import { hasKeys, keyValue, type OwnedStep, type Ownership, ownsPath } from './managed-fields.ts';
import { saysSomething } from './values.ts';

/**
 * What Git had and has no more, and the cluster still has: fields that Slipway or kubectl applied, that are not in `desired`
 * and that nobody else has written since. Applying removes them.
 */
export function removedFields(
  subject: Subject,
  root: Place,
  desired: KubeObject,
  live: KubeObject,
  owned: Ownership,
): FieldDifference[] {
  const found = new Map<string, FieldDifference>();
  const add = (place: Place, steps: readonly OwnedStep[], value: unknown): void => {
    if (isOfServer(place) || !saysSomething(value, place, subject.builtIn)) return;
    if (isDefault(place, value, subject.builtIn)) return;
    if (owned.others.some((set) => ownsPath(set, steps))) return;
    found.set(place.text, { path: place.text, change: 'remove', live: value });
  };
  for (const set of owned.ours) ownedIn(set, desired, live, root, [], add);
  appliedIn(subject, owned.lastApplied, desired, live, root, [], add);
  return [...found.values()];
}

type Add = (place: Place, steps: readonly OwnedStep[], value: unknown) => void;

/** Walks a set of fields (FieldsV1). */
function ownedIn(
  set: unknown,
  desired: unknown,
  live: unknown,
  place: Place,
  steps: readonly OwnedStep[],
  add: Add,
): void {
  if (!isFields(set) || live === undefined || live === null) return;
  for (const [key, inner] of Object.entries(set)) {
    if (key.startsWith('f:')) {
      const field = key.slice(2);
      const [wanted, there] = [memberOf(desired, field), memberOf(live, field)];
      const [here, path] = [fieldOf(place, field), [...steps, { field }]];
      if ((wanted !== undefined && wanted !== null) || hasParts(inner)) ownedIn(inner, wanted, there, here, path, add);
      else if (there !== undefined) add(here, path, there);
    } else if (key.startsWith('k:') && Array.isArray(live)) {
      const keys = keyValue(key, 'k:');
      const item = live.find((one) => hasKeys(one, keys));
      if (item === undefined) continue;
      const wanted = Array.isArray(desired) ? desired.find((one) => hasKeys(one, keys)) : undefined;
      const label = Object.entries(keys as object).map(([name, value]) => `${name}=${String(value)}`);
      const [here, path] = [itemOf(place, label.join(',')), [...steps, { item }]];
      if (wanted === undefined) add(here, path, item);
      else ownedIn(inner, wanted, item, here, path, add);
    } else if (key.startsWith('v:') && Array.isArray(live)) {
      const value = keyValue(key, 'v:');
      const wanted = Array.isArray(desired) && desired.includes(value);
      if (!wanted && live.includes(value)) add(itemOf(place, String(value)), [...steps, { value }], value);
    }
  }
}

/** Walks what kubectl applied last. A list that is written as a whole is compared as a whole, and not looked at here. */
function appliedIn(
  subject: Subject,
  was: unknown,
  desired: unknown,
  live: unknown,
  place: Place,
  steps: readonly OwnedStep[],
  add: Add,
): void {
  if (isFields(was) && isFields(live)) {
    for (const [field, before] of Object.entries(was)) {
      const [wanted, there] = [memberOf(desired, field), memberOf(live, field)];
      const [here, path] = [fieldOf(place, field), [...steps, { field }]];
      if (there === undefined) continue;
      if ((wanted === undefined || wanted === null) && !isFields(before)) add(here, path, there);
      else appliedIn(subject, before, wanted, there, here, path, add);
    }
  } else if (Array.isArray(was) && Array.isArray(live) && Array.isArray(desired)) {
    const rule = listRule(place, subject.kind, [was, live, desired]);
    if (!rule.keyed || rule.whole) return;
    for (const before of was) {
      const label = rule.labelOf(before);
      const item = itemLabelled(rule, live, label);
      if (item === undefined || label === undefined) continue;
      const [here, path] = [itemOf(place, label), [...steps, isFields(item) ? { item } : { value: item }]];
      const wanted = itemLabelled(rule, desired, label);
      if (wanted === undefined) add(here, path, item);
      else appliedIn(subject, before, wanted, item, here, path, add);
    }
  }
}

function itemLabelled(rule: ListRule & { keyed: true }, items: readonly unknown[], label: string | undefined): unknown {
  return items.find((item) => rule.labelOf(item) === label);
}

/** Whether a set of fields is one of parts, each with its own owner. */
function hasParts(set: unknown): boolean {
  return isFields(set) && Object.keys(set).some((key) => key !== '.');
}

/** What says which object it is, or is the API server's. */
function isOfServer({ fields }: Place): boolean {
  const [first, second] = fields;
  if (first === 'status' || first === 'apiVersion' || first === 'kind') return true;
  return first === 'metadata' && (second === 'name' || second === 'namespace' || second === 'creationTimestamp');
}
