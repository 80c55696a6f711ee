// Generated from crds/ by `npm run generate`. Do not edit.

import type { KubeObject, ResourceInfo } from '../../kube/types.ts';

/** How the API server serves ClusterModelRegistry. */
export const CLUSTER_MODEL_REGISTRY_RESOURCE: ResourceInfo = {
  group: 'slipway.dev',
  version: 'v1alpha1',
  kind: 'ClusterModelRegistry',
  plural: 'clustermodelregistries',
  namespaced: false,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: ['status'],
};

/** Connection to a model registry. */
export interface ClusterModelRegistry extends KubeObject {
  spec: ClusterModelRegistrySpec;
  status?: ClusterModelRegistryStatus;
}

/** Secret in any namespace with the credentials: `username` and `password` (HTTP Basic), or `token` (Bearer); and optionally `ca.crt`, a PEM bundle to trust. */
export interface ClusterModelRegistrySpecSecretRef {
  name: string;
  namespace: string;
}

export interface ClusterModelRegistrySpec {
  type: 'mlflow';
  /** Base URL of the registry. Credentials belong in secretRef, never in the URL. */
  url: string;
  /** Secret in any namespace with the credentials: `username` and `password` (HTTP Basic), or `token` (Bearer); and optionally `ca.crt`, a PEM bundle to trust. */
  secretRef?: ClusterModelRegistrySpecSecretRef;
  /** Time between two looks at the registry, for example 30s. Default 30s. */
  pollInterval?: string;
  /** Seconds to wait for one answer. Default 10. */
  timeout?: number;
}

export interface ClusterModelRegistryStatusCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export interface ClusterModelRegistryStatus {
  observedGeneration?: number;
  /** Version that the registry reports. */
  serverVersion?: string;
  /** Types: Ready (the registry answers and accepts our credentials). */
  conditions?: ClusterModelRegistryStatusCondition[];
}
