import type { KubeObject } from '../../kube/types.ts';
import { canonicalJson } from '../../manifest/canonical.ts';
import { managedFieldsOf } from '../managed-fields.ts';
import { isMine, isPredecessor, LAST_APPLIED_ANNOTATION } from '../takeover.ts';
import { isFields, memberOf } from './difference.ts';

/** The field manager of `kubectl apply` without `--server-side`. */
const KUBECTL = 'kubectl-client-side-apply';

/** One step into a set of fields: a member of a map, the item of a list with these keys, or a value of a set. */
export type OwnedStep = { field: string } | { item: unknown } | { value: unknown };

/** Who wrote which fields, as far as the live object tells. */
export interface Ownership {
  /** Sets of fields (FieldsV1) that Slipway applied, or kubectl and others before it. */
  ours: readonly unknown[];
  /** Sets of fields of everybody else. */
  others: readonly unknown[];
  /** What kubectl applied last, where only that tells: without managedFields, and where kubectl is among them. */
  lastApplied: unknown;
}

/** Reads managedFields, which `kubectl get` hides unless it is told `--show-managed-fields`, and kubectl's annotation. */
export function ownershipOf(live: KubeObject): Ownership {
  const entries = managedFieldsOf(live).filter(({ subresource = '' }) => subresource === '');
  const isOurs = (entry: (typeof entries)[number]): boolean => isMine(entry) || isPredecessor(entry);
  const ours = entries.filter(isOurs);
  const tells = ours.length === 0 || entries.some(({ manager }) => manager === KUBECTL);
  return {
    ours: ours.map(({ fieldsV1 }) => fieldsV1),
    others: entries.filter((entry) => !isOurs(entry)).map(({ fieldsV1 }) => fieldsV1),
    lastApplied: tells ? parsed(live.metadata.annotations?.[LAST_APPLIED_ANNOTATION]) : undefined,
  };
}

/** Whether a set of fields has the field at the end of `steps`, or has it as part of a field that is one piece. */
export function ownsPath(set: unknown, steps: readonly OwnedStep[]): boolean {
  let here = set;
  for (const step of steps) {
    if (!isFields(here)) return false;
    const next = stepInto(here, step);
    if (next === undefined) return Object.keys(here).length === 0;
    here = next;
  }
  return true;
}

/** Whether the list item has all these keys; the API server lists defaulted ones, which the item may lack. */
export function hasKeys(item: unknown, keys: unknown): boolean {
  return (
    isFields(item) &&
    isFields(keys) &&
    Object.entries(keys).every(([name, value]) => {
      const there = item[name] ?? (name === 'protocol' ? 'TCP' : undefined);
      return canonicalJson(there) === canonicalJson(value);
    })
  );
}

/** The JSON behind `k:` or `v:` of a FieldsV1 key; undefined for other keys and for rubbish. */
export function keyValue(key: string, prefix: 'k:' | 'v:'): unknown {
  return key.startsWith(prefix) ? parsed(key.slice(2)) : undefined;
}

function stepInto(set: Readonly<Record<string, unknown>>, step: OwnedStep): unknown {
  if ('field' in step) return memberOf(set, `f:${step.field}`);
  const key = Object.keys(set).find((name) =>
    'item' in step
      ? hasKeys(step.item, keyValue(name, 'k:'))
      : name.startsWith('v:') && canonicalJson(keyValue(name, 'v:')) === canonicalJson(step.value),
  );
  return key === undefined ? undefined : set[key];
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
