import { isKubeError, type StatusCause } from '../kube/errors.ts';
import type { KubeObject } from '../kube/types.ts';
import { listed } from './describe.ts';
import type { DesiredObject } from './desired.ts';
import { refusedVerdict } from './immutable.ts';
import { fieldOf, isFields, itemOf, memberOf, type Place, ROOT } from './local-diff/difference.ts';
import { hasKeys } from './local-diff/managed-fields.ts';
import { type FieldSet, isEmpty, itemKeys, managedFieldsOf } from './managed-fields.ts';
import { isMine } from './takeover.ts';
import type { Verdict } from './verdict.ts';

/** An item of a list that several may write, which the cluster has beside those of Git. */
export interface ForeignItem {
  /** `spec.ports[port=81,protocol="TCP"]` */
  path: string;
  manager: string;
}

/**
 * The verdict for a request that failed. An item whose key somebody has changed by hand is another item, and stays beside
 * Git's: if that is why the API server refuses the object, its words alone would not tell, for they speak of Git's item.
 *
 * @param live the object with its managedFields, so not from a cache
 */
export function refusalOf(error: unknown, desired: DesiredObject, live: KubeObject | undefined): Verdict {
  const verdict = refusedVerdict(error, desired, live);
  if (verdict.state !== 'failed' || live === undefined || !isKubeError(error)) return verdict;
  const { object, where } = desired;
  const items = foreignItems(live, object).filter(({ path }) => isBehind(path, error.causes));
  if (items.length === 0) return verdict;
  const named = listed(items.map(({ path, manager }) => `${path}, which ${manager} wrote`));
  const hint = `the cluster also has ${named} and Git lacks: if they do not go together, remove what Git lacks`;
  const end = ` (${where})`;
  const text = verdict.message.endsWith(end) ? verdict.message.slice(0, -end.length) : verdict.message;
  return { ...verdict, message: `${text}; ${hint}${end}` };
}

/** Items with keys that others have put into lists of Git. */
export function foreignItems(live: KubeObject, wanted: KubeObject): ForeignItem[] {
  const found: ForeignItem[] = [];
  for (const entry of managedFieldsOf(live)) {
    if (isMine(entry) || (entry.subresource ?? '') !== '') continue;
    for (const path of beside(entry.fieldsV1, wanted, ROOT)) found.push({ path, manager: entry.manager });
  }
  return found;
}

function beside(set: FieldSet, wanted: unknown, place: Place): string[] {
  return Object.entries(set).flatMap(([step, child]): string[] => {
    if (step.startsWith('f:')) {
      const field = step.slice(2);
      const there = memberOf(wanted, field);
      return isFields(there) || Array.isArray(there) ? beside(child, there, fieldOf(place, field)) : [];
    }
    const keys = itemKeys(step);
    if (keys === undefined || !Array.isArray(wanted)) return [];
    const label = Object.entries(keys).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    const here = itemOf(place, label.join(','));
    const item = wanted.find((one) => hasKeys(one, keys));
    if (item !== undefined) return beside(child, item, here);
    return isEmpty(child) || child['.'] !== undefined ? [here.text] : [];
  });
}

/** Whether a refusal is about items of the same list. */
function isBehind(path: string, causes: readonly StatusCause[]): boolean {
  const list = path.replace(/\[[^\]]*\]$/, '');
  const plain = (text: string): string => text.replace(/\[[^\]]*\]/g, '');
  return causes.some(({ field }) => plain(field) === plain(list) || plain(field).startsWith(`${plain(list)}.`));
}
