import type { ResourceInfo } from '../kube/types.ts';
import type { ConfigKind } from './config/references.ts';
import type { WorkloadKind } from './snapshot.ts';

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

/** How the API server serves Deployments. */
export const DEPLOYMENT_RESOURCE: ResourceInfo = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
  verbs: VERBS,
  subresources: ['scale', 'status'],
};

/** How the API server serves PodTemplates. */
export const POD_TEMPLATE_RESOURCE: ResourceInfo = {
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  namespaced: true,
  verbs: VERBS,
  subresources: [],
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

/** How the API server serves what a Rollout can take its template from. */
export const WORKLOAD_RESOURCES: Record<WorkloadKind, ResourceInfo> = {
  Deployment: DEPLOYMENT_RESOURCE,
  ReplicaSet: REPLICA_SET_RESOURCE,
  PodTemplate: POD_TEMPLATE_RESOURCE,
};

/** How the API server serves what containers read. */
export const CONFIG_RESOURCES: Record<ConfigKind, ResourceInfo> = {
  ConfigMap: {
    group: '',
    version: 'v1',
    kind: 'ConfigMap',
    plural: 'configmaps',
    namespaced: true,
    verbs: VERBS,
    subresources: [],
  },
  Secret: {
    group: '',
    version: 'v1',
    kind: 'Secret',
    plural: 'secrets',
    namespaced: true,
    verbs: VERBS,
    subresources: [],
  },
};
