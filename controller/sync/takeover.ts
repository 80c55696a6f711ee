import { FIELD_MANAGER } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
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
function sharesWithUs(manager: string): boolean {
  return manager.startsWith('kubectl-') || manager === 'before-first-apply';
}

/**
 * The patch that makes fields of an object's former managers ours, so that the next apply removes what Git lacks; undefined
 * when there are none. Changes no field but `last-applied-configuration`, which it removes together with its owner. It has
 * the version that was read as precondition: in an object that has changed since, the API server answers 409.
 *
 * Entries of subresources (status, scale) and of other managers are left alone. So is an entry in another API version than
 * ours, since its paths may mean something else.
 *
 * @param live the object with its managedFields, so not from a cache
 */
export function takeover(live: KubeObject): JsonPatch | undefined {
  const entries = managedFieldsOf(live);
  const mine = entries.find(isMine);
  const whole = entries.filter(isPredecessor);
  const apiVersion = (mine ?? whole[0])?.apiVersion;
  const shared = (entry: ManagedFieldsEntry): FieldSet =>
    mine !== undefined && isOfObject(entry) && sharesWithUs(entry.manager)
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
  const [first] = taken;
  if (first === undefined) return undefined;
  const fieldsV1 = without(taken.map((entry) => entry.fieldsV1).reduce(union, mine?.fieldsV1 ?? {}), LAST_APPLIED);
  const ours = { ...(mine ?? first), manager: FIELD_MANAGER, operation: 'Apply', fieldsV1 };
  const annotated = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION] !== undefined;
  return [
    ...(annotated && taken.some((entry) => has(entry.fieldsV1, LAST_APPLIED))
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
export function fieldBeyondGit(object: KubeObject): { path: string; manager: string } | undefined {
  const entries = managedFieldsOf(object);
  const mine = entries.find(isMine);
  if (mine === undefined) return undefined;
  for (const entry of entries) {
    if (!isPredecessor(entry) || entry.apiVersion !== mine.apiVersion) continue;
    const path = firstBeyond(without(entry.fieldsV1, LAST_APPLIED), mine.fieldsV1);
    if (path !== undefined) return { path, manager: entry.manager };
  }
  return undefined;
}

function isMine(entry: ManagedFieldsEntry): boolean {
  return entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && isOfObject(entry);
}

function isPredecessor(entry: ManagedFieldsEntry): boolean {
  return PREDECESSORS.has(entry.manager) && isOfObject(entry);
}

function isOfObject({ subresource = '' }: ManagedFieldsEntry): boolean {
  return subresource === '';
}
