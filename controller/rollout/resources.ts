import type { ResourceInfo } from '../kube/types.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** How the API server serves ReplicaSets. */
export const REPLICA_SET_RESOURCE: ResourceInfo = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
  verbs: VERBS,
  subresources: ['scale', 'status'],
};

/** How the API server serves pods. */
export const POD_RESOURCE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  verbs: VERBS,
  subresources: ['eviction', 'status'],
};

/** How the API server serves Services. */
export const SERVICE_RESOURCE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
  verbs: VERBS,
  subresources: ['proxy', 'status'],
};
