import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { OWNED_INDEXERS, owningRollout, ROLLOUT_INDEXERS, referencesOf, registryKey } from './rollout-references.ts';

const rollout = (spec: unknown): KubeObject => ({
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'ml' },
  spec,
});

const full = rollout({
  model: { registry: { name: 'mlflow' }, name: 'fraud', version: '8' },
  strategy: {
    canary: {
      canaryService: 'fraud-canary',
      stableService: 'fraud-stable',
      trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'fraud' }, { name: 'edge' }] } },
      steps: [
        { setWeight: 10 },
        { analysis: { templates: [{ templateName: 'errors' }, { templateName: 'latency', clusterScope: true }] } },
        { analysis: { templates: [{ templateName: 'errors' }] } },
      ],
    },
  },
});

describe('what a Rollout refers to', () => {
  it('is found under each name, once', () => {
    expect(referencesOf(full)).toEqual({
      services: ['fraud-canary', 'fraud-stable'],
      httpRoutes: ['fraud', 'edge'],
      templates: ['errors', 'cluster/latency'],
      registry: 'ModelRegistry/mlflow',
    });
  });

  it('is found in a blue-green strategy, too', () => {
    const strategy = {
      blueGreen: {
        activeService: 'fraud',
        previewService: 'fraud-preview',
        prePromotionAnalysis: { templates: [{ templateName: 'errors' }] },
        postPromotionAnalysis: { templates: [{ templateName: 'latency', clusterScope: true }] },
      },
    };
    expect(referencesOf(rollout({ strategy }))).toMatchObject({
      services: ['fraud', 'fraud-preview'],
      templates: ['errors', 'cluster/latency'],
    });
  });

  it('is indexed under keys of the namespace, and cluster-scoped objects under keys without', () => {
    expect(ROLLOUT_INDEXERS.service(full)).toEqual(['ml/fraud-canary', 'ml/fraud-stable']);
    expect(ROLLOUT_INDEXERS.template(full)).toEqual(['ml/errors', 'cluster/latency']);
    expect(ROLLOUT_INDEXERS.registry(full)).toEqual(['ModelRegistry/ml/mlflow']);
    expect(registryKey('ml', 'ClusterModelRegistry/mlflow')).toBe('ClusterModelRegistry/mlflow');
  });

  it.each([
    undefined,
    null,
    'x',
    { strategy: 7 },
    { strategy: { canary: { steps: 'none', canaryService: 5, trafficRouting: { gatewayAPI: { httpRoutes: {} } } } } },
    { strategy: { canary: { steps: [null, { analysis: 1 }, { analysis: { templates: [7, {}] } }] } }, model: [] },
  ])('is nothing for a spec that makes no sense (%j): it must not hide other Rollouts', (spec) => {
    const names = referencesOf(rollout(spec));
    expect(names).toEqual({ services: [], httpRoutes: [], templates: [], registry: undefined });
    for (const indexer of Object.values(ROLLOUT_INDEXERS)) expect(indexer(rollout(spec))).toEqual([]);
  });
});

describe('what a Rollout owns', () => {
  const owned = (apiVersion: string, kind: string, controller = true): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: 'fraud-7d9',
      namespace: 'ml',
      ownerReferences: [{ apiVersion, kind, name: 'fraud', uid: 'u', controller }],
    },
  });

  it('leads back to it, and only to it', () => {
    expect(owningRollout(owned('slipway.dev/v1alpha1', 'Rollout'))).toBe('ml/fraud');
    expect(owningRollout(owned('argoproj.io/v1alpha1', 'Rollout'))).toBeUndefined();
    expect(owningRollout(owned('apps/v1', 'Deployment'))).toBeUndefined();
    expect(owningRollout(owned('slipway.dev/v1alpha1', 'Rollout', false))).toBeUndefined();
  });

  it('is indexed by the uid of its controller and by the name it is made of', () => {
    expect(OWNED_INDEXERS.controller(owned('slipway.dev/v1alpha1', 'Rollout'))).toEqual(['u']);
    expect(OWNED_INDEXERS.stem(owned('slipway.dev/v1alpha1', 'Rollout'))).toEqual(['ml/fraud']);
  });
});
