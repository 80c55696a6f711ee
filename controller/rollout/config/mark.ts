import { CONFIG_ANNOTATION } from '../../api/names.ts';
import { canonicalJson } from '../../manifest/canonical.ts';
import { asObject } from '../plain.ts';
import type { ReplicaSet } from '../snapshot.ts';

/** What the containers of a version read: digests by `ConfigMap/name` and `Secret/name`. */
export type ConfigMark = Readonly<Record<string, string>>;

/** What a ReplicaSet was made with; empty when it was made without a trigger, or that cannot be read. */
export function markOf(replicaSet: ReplicaSet): ConfigMark {
  const text = replicaSet.metadata.annotations?.[CONFIG_ANNOTATION];
  if (text === undefined) return {};
  try {
    return (asObject(JSON.parse(text)) ?? {}) as ConfigMark;
  } catch {
    return {};
  }
}

/** The mark as an annotation has it; equal marks give equal texts. */
export function markText(mark: ConfigMark): string {
  return canonicalJson(mark);
}

/** Whether nothing speaks against that two marks of one template are of the same content: other schemes cannot be compared. */
export function agrees(one: ConfigMark, other: ConfigMark): boolean {
  return Object.entries(one).every(([object, digest]) => {
    const there = other[object];
    return there === undefined || schemeOf(digest) !== schemeOf(there) || digest === there;
  });
}

function schemeOf(digest: string): string {
  return String(digest).split(':')[0] ?? '';
}

/** The objects in which two marks differ, for people: `ConfigMap "app", Secret "keys"`. */
export function changedObjects(before: ConfigMark, after: ConfigMark): string {
  const changed = Object.keys(after).filter(
    (object) => before[object] !== undefined && before[object] !== after[object],
  );
  return changed.map(objectText).join(', ');
}

/** `ConfigMap/app` for people. */
export function objectText(object: string): string {
  return `${object.replace('/', ' "')}"`;
}
