import { FIELD_MANAGER, TRACKING_ANNOTATION } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { escapeToken } from '../manifest/owned-paths.ts';
import {
  type FieldSet,
  firstBeyond,
  has,
  isEmpty,
  type ManagedFieldsEntry,
  managedFieldsOf,
  select,
  union,
  without,
} from './managed-fields.ts';

/** An RFC 6902 patch. */
export type JsonPatch = readonly { op: 'replace' | 'remove'; path: string; value?: unknown }[];

/** What `kubectl apply` keeps of the manifest it last applied. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
const LAST_APPLIED = ['f:metadata', 'f:annotations', `f:${LAST_APPLIED_ANNOTATION}`];

/**
 * Managers that say what a whole object shall be, as Git does. In an object that an Application applies Git speaks for them,
 * so all their fields become ours, and what Git lacks goes.
 */
const PREDECESSORS: ReadonlySet<string> = new Set([
  'kubectl',
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-edit',
  'kubectl-expose',
  'kubectl-replace',
  'kubectl-run',
  'kubectl-set',
  'argocd-application-controller',
  'argocd-controller',
  'helm',
  'helm-controller',
  'kustomize-controller',
]);

/**
 * Every other command of kubectl (`kubectl-rollout`, `kubectl-annotate`, …), which says one thing at one time, and
 * `before-first-apply`, for what an object had that nobody is known for. Of theirs only the fields that Git has, too, become
 * ours alone: they go when Git drops them. The rest stays, so that no pod starts anew for a `kubectl rollout restart` of
 * last week and no finalizer is lost.
 */
function sharesWithUs(manager: string, { managers }: LeftToOthers): boolean {
  return (manager.startsWith('kubectl-') || manager === 'before-first-apply') && !managers.includes(manager);
}

/** What spec.ignoreDifferences leaves to others: fields, as steps into managedFields, and managers. */
export interface LeftToOthers {
  fields: readonly (readonly string[])[];
  managers: readonly string[];
}

const NOTHING_LEFT: LeftToOthers = { fields: [], managers: [] };

/**
 * The patch that makes fields of an object's former managers ours, so that the next apply removes what Git lacks; undefined
 * when there are none. Changes no field but `last-applied-configuration`, which it removes together with its owner. It has
 * the version that was read as precondition: in an object that has changed since, the API server answers 409.
 *
 * Entries of subresources (status, scale) and of other managers are left alone. So is an entry in another API version than
 * ours, since its paths may mean something else.
 *
 * @param live the object with its managedFields, so not from a cache
 * @param left what is given up instead, so that leaving it out of the next apply does not remove it
 */
export function takeover(live: KubeObject, left = NOTHING_LEFT): JsonPatch | undefined {
  const entries = managedFieldsOf(live);
  const mine = entries.find(isMine);
  const whole = entries.filter((entry) => isPredecessor(entry, left));
  const apiVersion = (mine ?? whole[0])?.apiVersion;
  const shared = (entry: ManagedFieldsEntry): FieldSet =>
    mine !== undefined && isOfObject(entry) && sharesWithUs(entry.manager, left)
      ? select(entry.fieldsV1, mine.fieldsV1, true)
      : {};

  const kept: ManagedFieldsEntry[] = [];
  const taken: ManagedFieldsEntry[] = [];
  for (const entry of entries) {
    if (entry === mine) continue;
    if (entry.apiVersion !== apiVersion) kept.push(entry);
    else if (whole.includes(entry)) taken.push(entry);
    else if (isEmpty(shared(entry))) kept.push(entry);
    else {
      taken.push({ ...entry, fieldsV1: shared(entry) });
      const fieldsV1 = select(entry.fieldsV1, shared(entry), false);
      if (!isEmpty(fieldsV1)) kept.push({ ...entry, fieldsV1 });
    }
  }
  const base = mine ?? taken[0];
  if (base === undefined) return undefined;
  const all = taken.map((entry) => entry.fieldsV1).reduce(union, mine?.fieldsV1 ?? {});
  const copied = taken.some((entry) => has(entry.fieldsV1, LAST_APPLIED));
  const given = copied ? [LAST_APPLIED, ...left.fields] : left.fields;
  const fieldsV1 = withTracking(given.reduce(without, all), all);
  if (taken.length === 0 && canonicalJson(fieldsV1) === canonicalJson(all)) return undefined;
  const ours = { ...base, manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 };
  const annotated = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION] !== undefined;
  return [
    ...(annotated && copied
      ? [{ op: 'remove' as const, path: `/metadata/annotations/${escapeToken(LAST_APPLIED_ANNOTATION)}` }]
      : []),
    { op: 'replace', path: '/metadata/managedFields', value: isEmpty(fieldsV1) ? kept : [ours, ...kept] },
    { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
  ];
}

/**
 * The first field that `kubectl apply` or another predecessor has put into an object and Git lacks: the next apply removes
 * it. Undefined when there is none.
 *
 * @param object as an apply by us would make it, with its managedFields
 */
export function fieldBeyondGit(object: KubeObject, left = NOTHING_LEFT): { path: string; manager: string } | undefined {
  const entries = managedFieldsOf(object);
  const mine = entries.find(isMine);
  if (mine === undefined) return undefined;
  for (const entry of entries) {
    if (!isPredecessor(entry, left) || entry.apiVersion !== mine.apiVersion) continue;
    const path = firstBeyond([LAST_APPLIED, ...left.fields].reduce(without, entry.fieldsV1), mine.fieldsV1);
    if (path !== undefined) return { path, manager: entry.manager };
  }
  return undefined;
}

/** Whether an entry has what an Application has applied. */
export function isMine(entry: ManagedFieldsEntry): boolean {
  return entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && isOfObject(entry);
}

/** Whether an entry has what a former manager said in place of Git, and Git says now. */
export function isPredecessor(entry: ManagedFieldsEntry, left = NOTHING_LEFT): boolean {
  return PREDECESSORS.has(entry.manager) && !left.managers.includes(entry.manager) && isOfObject(entry);
}

/** The tracking annotation stays ours, whatever is ignored. */
function withTracking(set: FieldSet, before: FieldSet): FieldSet {
  const tracking: FieldSet = { 'f:metadata': { 'f:annotations': { [`f:${TRACKING_ANNOTATION}`]: {} } } };
  return union(set, select(before, tracking, true));
}

function isOfObject({ subresource = '' }: ManagedFieldsEntry): boolean {
  return subresource === '';
}
