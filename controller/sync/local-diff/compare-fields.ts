import { isDefault } from './defaults.ts';
import { type FieldDifference, type Fields, fieldOf, isFields, itemOf, memberOf, type Place } from './difference.ts';
import { type ListRule, listRule } from './list-rules.ts';
import { isAllotted, sameScalar, saysSomething } from './values.ts';

/** Of what object fields are compared. */
export interface Subject {
  kind: string;
  builtIn: boolean;
}

/**
 * What of `desired` the live value lacks or has otherwise. A field that only the live value has is a default, or another
 * writer's, and no difference; so is an item of a list that several writers may share.
 */
export function compareFields(subject: Subject, desired: unknown, live: unknown, place: Place): FieldDifference[] {
  const { kind, builtIn } = subject;
  if (desired === undefined || isLeftOpen(subject, desired, live, place)) return [];
  if (desired === null) return isShared(subject, live, place) ? [] : [{ path: place.text, change: 'remove', live }];
  if (isFields(desired) && isFields(live)) {
    const inGit = Object.keys(desired).flatMap((name) =>
      compareFields(subject, memberOf(desired, name), memberOf(live, name), fieldOf(place, name)),
    );
    return place.merge?.whole === true ? [...inGit, ...gone(subject, desired, live, place)] : inGit;
  }
  if (isFields(desired) && live !== undefined && live !== null)
    return [{ path: place.text, change: 'change', live, desired }];
  if (Array.isArray(desired) && Array.isArray(live)) return compareLists(subject, desired, live, place);
  if (!saysSomething(live, place, builtIn)) return [{ path: place.text, change: 'add', desired }];
  if (sameScalar(desired, live, place, kind, builtIn)) return [];
  return [{ path: place.text, change: 'change', live, desired }];
}

/** What Git does not say of something that it says as a whole, and that nobody fills in. */
function gone(subject: Subject, desired: Fields, live: Fields, place: Place): FieldDifference[] {
  return Object.entries(live).flatMap(([name, value]): FieldDifference[] => {
    const here = fieldOf(place, name);
    if (Object.hasOwn(desired, name) || isLeftOpen(subject, undefined, value, here)) return [];
    return [{ path: here.text, change: 'remove', live: value }];
  });
}

/** Whether an empty value asks for what is there: nothing, or what the API server fills in. */
function isLeftOpen({ builtIn }: Subject, desired: unknown, live: unknown, place: Place): boolean {
  if (saysSomething(desired, place, builtIn)) return false;
  return !saysSomething(live, place, builtIn) || (builtIn && isAllotted(place)) || isDefault(place, live, builtIn);
}

/** Whether a live value is one of parts with several writers, of which a null takes nothing away. */
function isShared({ kind }: Subject, live: unknown, place: Place): boolean {
  if (place.merge?.whole === true) return false;
  if (!Array.isArray(live)) return isFields(live);
  const rule = listRule(place, kind, [live]);
  return rule.keyed && !rule.whole;
}

function compareLists(
  subject: Subject,
  desired: readonly unknown[],
  live: readonly unknown[],
  place: Place,
): FieldDifference[] {
  const rule = listRule(place, subject.kind, [desired, live]);
  if (!rule.keyed) return compareByIndex(subject, desired, live, place);
  const unmatched = new Map(live.map((item) => [rule.labelOf(item), item]));
  const differences: FieldDifference[] = [];
  for (const item of desired) {
    const label = rule.labelOf(item) ?? '';
    const here = itemOf(place, label);
    if (!unmatched.has(label)) differences.push({ path: here.text, change: 'add', desired: item });
    else differences.push(...compareItems(subject, item, unmatched.get(label), here));
    unmatched.delete(label);
  }
  if (rule.whole) {
    for (const [label, item] of unmatched) {
      differences.push({ path: itemOf(place, label ?? '').text, change: 'remove', live: item });
    }
  }
  return rule.ordered ? [...differences, ...compareOrder(rule, desired, live, place)] : differences;
}

function compareByIndex(
  subject: Subject,
  desired: readonly unknown[],
  live: readonly unknown[],
  place: Place,
): FieldDifference[] {
  const differences = desired.flatMap((item, i): FieldDifference[] =>
    i < live.length
      ? compareItems(subject, item, live[i], itemOf(place, i))
      : [{ path: itemOf(place, i).text, change: 'add', desired: item }],
  );
  const gone = live.slice(desired.length).map((item, i): FieldDifference => {
    return { path: itemOf(place, desired.length + i).text, change: 'remove', live: item };
  });
  return [...differences, ...gone];
}

/** An item is there or not, however little it says: `ingress: [{}]` lets everything in. */
function compareItems(subject: Subject, desired: unknown, live: unknown, place: Place): FieldDifference[] {
  if (isFields(desired) !== isFields(live)) return [{ path: place.text, change: 'change', live, desired }];
  return compareFields(subject, desired, live, place);
}

function compareOrder(
  rule: ListRule & { keyed: true },
  desired: readonly unknown[],
  live: readonly unknown[],
  place: Place,
): FieldDifference[] {
  const [wanted, there] = [desired.map(rule.labelOf), live.map(rule.labelOf)];
  const inOrder = (labels: (string | undefined)[], other: (string | undefined)[]): string =>
    labels.filter((label) => other.includes(label)).join(' ');
  const [a, b] = [inOrder(there, wanted), inOrder(wanted, there)];
  return a === b ? [] : [{ path: `${place.text} (order)`, change: 'change', live: a, desired: b }];
}
