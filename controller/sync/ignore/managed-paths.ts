import type { KubeObject } from '../../kube/types.ts';
import { type FieldSet, isEmpty, itemKeys, managedFieldsOf } from '../managed-fields.ts';
import type { PathStep } from './path-expression.ts';
import { isReachable } from './rules.ts';

/**
 * The fields that managers have written into a live object, as paths. Their reports (`status`) do not count, and neither do
 * fields by which an item of a list is found, nor what says which object it is.
 *
 * @param apiVersion in which the paths are meant; entries in another are passed over
 */
export function pathsOfManagers(
  live: KubeObject,
  managers: readonly string[],
  apiVersion: string,
): readonly (readonly PathStep[])[] {
  return managedFieldsOf(live)
    .filter((entry) => managers.includes(entry.manager) && entry.apiVersion === apiVersion)
    .filter((entry) => entry.subresource !== 'status')
    .flatMap((entry) => leaves(entry.fieldsV1, []))
    .filter(isReachable);
}

function leaves(node: FieldSet, at: readonly PathStep[]): (readonly PathStep[])[] {
  const found: (readonly PathStep[])[] = [];
  const last = at.at(-1);
  for (const [text, child] of Object.entries(node)) {
    const step = stepOf(text);
    const isKey = step?.step === 'field' && last?.step === 'keyed' && Object.hasOwn(last.keys, step.name);
    if (step === undefined || isKey) continue;
    if (!isEmpty(child)) found.push(...leaves(child, [...at, step]));
    else if (step.step === 'field') found.push([...at, step]);
  }
  return found;
}

function stepOf(text: string): PathStep | undefined {
  if (text.startsWith('f:')) return { step: 'field', name: text.slice(2) };
  const keys = itemKeys(text);
  return keys === undefined ? undefined : { step: 'keyed', keys };
}
