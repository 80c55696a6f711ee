import { GROUP } from '../api/names.ts';
import { formatObjectId, type ObjectId } from '../manifest/identity.ts';

/**
 * Kinds whose order matters, in order of creation: what others live in, what grants rights, what pods read, what routes to
 * pods, what runs them. After these come all other kinds, and last what intercepts requests (a webhook whose pods do not run
 * yet would refuse the rest).
 */
const KINDS: readonly string[] = [
  'apiextensions.k8s.io/CustomResourceDefinition',
  '/Namespace',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/StorageClass',
  '/ResourceQuota',
  '/LimitRange',
  'networking.k8s.io/NetworkPolicy',
  '/ServiceAccount',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  '/Secret',
  '/ConfigMap',
  '/PersistentVolume',
  '/PersistentVolumeClaim',
  '/Service',
  'apps/DaemonSet',
  '/Pod',
  'apps/ReplicaSet',
  'apps/Deployment',
  'apps/StatefulSet',
  'autoscaling/HorizontalPodAutoscaler',
  'policy/PodDisruptionBudget',
  'batch/Job',
  'batch/CronJob',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/Ingress',
];
const LAST: readonly string[] = [
  // A Rollout starts to work when it appears, so its routes, templates and registries must be there; Applications bring more.
  `${GROUP}/Rollout`,
  `${GROUP}/Application`,
  'apiregistration.k8s.io/APIService',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
];

const RANKS: ReadonlyMap<string, number> = new Map([
  ...KINDS.map((kind, i): [string, number] => [kind, i]),
  // Custom resources come after every built-in kind that their controllers may need.
  ...LAST.map((kind, i): [string, number] => [kind, KINDS.length + 1 + i]),
]);

function rankOf(id: ObjectId): number {
  return RANKS.get(`${id.group}/${id.kind}`) ?? KINDS.length;
}

/**
 * Splits items into stages: one after another, the items of one stage side by side. Items of a stage are in order of
 * namespace and name so that a pass over the same input always does the same.
 */
export function applyStages<T>(items: readonly T[], id: (item: T) => ObjectId): T[][] {
  const byRank = new Map<number, T[]>();
  for (const item of items) {
    const rank = rankOf(id(item));
    const stage = byRank.get(rank);
    if (stage === undefined) byRank.set(rank, [item]);
    else stage.push(item);
  }
  return [...byRank.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, stage]) => stage.sort((a, b) => compareText(formatObjectId(id(a)), formatObjectId(id(b)))));
}

/** The stages of {@link applyStages} from last to first: nothing is deleted before what depends on it. */
export function pruneStages<T>(items: readonly T[], id: (item: T) => ObjectId): T[][] {
  return applyStages(items, id).reverse();
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
