import type { KubeObject } from '../../kube/types.ts';
import { describeId, idOf } from '../../manifest/identity.ts';
import type { FieldDifference } from '../../sync/local-diff/difference.ts';
import type { Tone } from './symbols.ts';
import type { Paint } from './table.ts';
import { WIDTH, wrap } from './wrap.ts';

/** How an object of Git stands beside the cluster, or one of the cluster beside Git. */
export type ObjectState =
  | 'same'
  | 'different'
  /** In Git only: applying creates it. */
  | 'missing'
  /** In the cluster only, and applied by an Application: pruning deletes it. */
  | 'leftover'
  /** It could not be compared. */
  | 'failed';

/** One object with what applying would change in it: a line of `-o json`. */
export interface ComparedObject {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  state: ObjectState;
  /** Why it could not be compared, or what is to be known besides. */
  message?: string;
  differences: readonly FieldDifference[];
}

/** What is printed of an object. */
export function comparedObject(
  { apiVersion, kind, metadata: { namespace, name } }: KubeObject,
  state: ObjectState,
  differences: readonly FieldDifference[] = [],
  message?: string,
): ComparedObject {
  return {
    apiVersion,
    kind,
    ...(namespace !== undefined && { namespace }),
    name,
    state,
    ...(message !== undefined && { message }),
    differences,
  };
}

/** A list of objects with their different fields below them, and a last line that counts. */
export function renderDifferences(objects: readonly ComparedObject[], paint: Paint): string {
  const lines = objects
    .filter(({ state }) => state !== 'same')
    .flatMap((one) => [
      headline(one, paint),
      ...(one.message === undefined ? [] : wrap(one.message, WIDTH - 2).map((line) => `  ${line}`)),
      ...one.differences.flatMap((difference) => fieldLines(difference, paint)),
    ]);
  return [...lines, summary(objects)].join('\n');
}

function headline(one: ComparedObject, paint: Paint): string {
  const { words, tone } = wordsFor(one);
  return `${describeId(idOf({ ...one, metadata: one }))}: ${paint(words, tone)}`;
}

function wordsFor({ state, differences, message }: ComparedObject): { words: string; tone: Tone } {
  const n = differences.length;
  switch (state) {
    case 'same':
      return { words: 'same', tone: 'good' };
    case 'different':
      return { words: n === 0 ? 'different' : `${n} ${n === 1 ? 'field differs' : 'fields differ'}`, tone: 'busy' };
    case 'missing':
      return { words: 'not in the cluster, would be created', tone: 'good' };
    case 'leftover':
      return { words: message === undefined ? 'not in Git, would be pruned' : 'not in Git', tone: 'bad' };
    case 'failed':
      return { words: 'cannot be compared', tone: 'bad' };
  }
}

/** `path: live -> desired` in one line where that fits, and below each other where it does not. */
function fieldLines(difference: FieldDifference, paint: Paint): string[] {
  const { path, change } = difference;
  const [live, desired] = texts(difference);
  const [from, to] = [paint(live, 'bad'), paint(desired, 'good')];
  if (`  ${path}: ${live} -> ${desired}`.length <= WIDTH) return [`  ${path}: ${from} -> ${to}`];
  const below = [...(change === 'add' ? [] : [`    - ${from}`]), ...(change === 'remove' ? [] : [`    + ${to}`])];
  return [`  ${path}`, ...below];
}

/** Both values as JSON, which shows types and no control characters, cut to a line; of texts the part that differs. */
function texts({ change, live, desired }: FieldDifference): [string, string] {
  const room = WIDTH - 6;
  if (change === 'change' && typeof live === 'string' && typeof desired === 'string') {
    const at = commonStart(live, desired);
    if (Math.max(live.length, desired.length) > room) return [excerpt(live, at, room), excerpt(desired, at, room)];
  }
  return [
    change === 'add' ? '(none)' : cut(JSON.stringify(live) ?? 'null', room),
    change === 'remove' ? '(none)' : cut(JSON.stringify(desired) ?? 'null', room),
  ];
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function excerpt(text: string, at: number, room: number): string {
  const start = Math.max(0, at - 20);
  const shown = cut(JSON.stringify(text.slice(start, start + room)), room - 2);
  return `${start > 0 ? '…' : ''}${shown}${start + room < text.length && !shown.endsWith('…') ? '…' : ''}`;
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

/** `2 same, 1 different`. */
function summary(objects: readonly ComparedObject[]): string {
  const states: readonly [ObjectState, string][] = [
    ['same', 'same'],
    ['different', 'different'],
    ['missing', 'to create'],
    ['leftover', 'not in Git'],
    ['failed', 'not compared'],
  ];
  const parts = states.flatMap(([state, words]) => {
    const n = objects.filter((one) => one.state === state).length;
    return n === 0 ? [] : [`${n} ${words}`];
  });
  return parts.length === 0 ? 'no objects' : parts.join(', ');
}
