import { describe, expect, it } from 'vitest';
import { specProblem } from '../api/stored-object.ts';
import type { KubeObject } from '../kube/types.ts';
import { argoObject, argoPatch, becomeOwn } from './objects.ts';

const own = (object: KubeObject): KubeObject => {
  const copy = structuredClone(object);
  becomeOwn(copy);
  return copy;
};
const rollout = (canary: object): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'fraud', namespace: 'models' },
  spec: { strategy: { canary } },
});

describe('objects between the two groups', () => {
  it('bear the names of Argo Rollouts in the cluster, and ours in our code', () => {
    const cluster: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: 'fraud-1',
        labels: { app: 'fraud', 'rollouts-pod-template-hash': '1' },
        annotations: {
          'rollout.argoproj.io/revision': '3',
          'scale-down-deadline': '2026-03-01T10:00:00Z',
          team: 'risk',
        },
        ownerReferences: [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', name: 'fraud', uid: '1' }],
      },
    };
    const seen = own(cluster);
    expect(seen.metadata).toMatchObject({
      labels: cluster.metadata.labels,
      annotations: {
        'slipway.dev/revision': '3',
        'slipway.dev/scale-down-deadline': '2026-03-01T10:00:00Z',
        team: 'risk',
      },
      ownerReferences: [{ apiVersion: 'slipway.dev/v1alpha1' }],
    });
    expect(argoObject(seen)).toEqual(cluster);
  });

  it('do not show a key of ours that stands in the cluster: it is nobody’s', () => {
    const service: KubeObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'fraud', annotations: { 'slipway.dev/managed-by-rollout': 'left over' } },
    };
    expect(own(service).metadata.annotations).toEqual({});
  });

  it('are patched under the names of the cluster', () => {
    const body = { metadata: { resourceVersion: '1', annotations: { 'slipway.dev/managed-by-rollout': null } } };
    expect(argoPatch(body)).toEqual({
      metadata: { resourceVersion: '1', annotations: { 'argo-rollouts.argoproj.io/managed-by-rollouts': null } },
    });
  });

  it('leave Applications and Workflows what they are', () => {
    for (const [apiVersion, kind] of [
      ['slipway.dev/v1alpha1', 'Application'],
      ['argoproj.io/v1alpha1', 'Workflow'],
    ] as const) {
      const object = { apiVersion, kind, metadata: { name: 'one' }, status: { observedGeneration: 1 } };
      expect(own(object)).toEqual(object);
      expect(argoObject(object)).toEqual(object);
    }
  });

  it('have Events that speak of the object as it is in the cluster', () => {
    const event: KubeObject = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'one' },
      involvedObject: { apiVersion: 'slipway.dev/v1alpha1', kind: 'Rollout', name: 'fraud' },
    };
    expect(argoObject(event)['involvedObject']).toMatchObject({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' });
  });

  it('show the condition of an AnalysisRun, which the published schema has no place for', () => {
    const run: KubeObject = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AnalysisRun',
      metadata: { name: 'one', generation: 4 },
      spec: { metrics: [] },
      status: { phase: 'Failed', message: 'too many', startedAt: 'a', completedAt: 'b' },
    };
    const seen = own(run);
    expect(seen['status']).toMatchObject({
      observedGeneration: 4,
      conditions: [{ type: 'Complete', status: 'True', message: 'too many', lastTransitionTime: 'b' }],
    });
    expect(argoObject(seen)).toEqual(run);
  });
});

describe('a Rollout that asks for a router', () => {
  const routing = (trafficRouting: object): KubeObject => own(rollout({ trafficRouting }));
  const problem = (object: KubeObject): string | undefined => specProblem(object);

  it('gets from us what the Gateway API plugin would do', () => {
    const plugins = { 'argoproj-labs/gatewayAPI': { httpRoute: 'fraud', namespace: 'models' } };
    expect(routing({ plugins })['spec']).toMatchObject({
      strategy: { canary: { trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'fraud' }] } } } },
    });
  });

  it('gets header routes on the HTTPRoutes that are to have them', () => {
    const plugins = { 'argoproj-labs/gatewayAPI': { httpRoutes: [{ name: 'fraud', useHeaderRoutes: true }] } };
    const managedRoutes = [{ name: 'beta' }];
    expect(routing({ plugins, managedRoutes })['spec']).toMatchObject({
      strategy: { canary: { trafficRouting: { gatewayAPI: { httpRoutes: [{ name: 'fraud' }] }, managedRoutes } } },
    });
  });

  it.each([
    ['another plugin', { plugins: { 'company/router': {} } }, 'plugins'],
    [
      'a route of another namespace',
      { plugins: { 'argoproj-labs/gatewayAPI': { httpRoute: 'a', namespace: 'b' } } },
      'plugins',
    ],
    ['gRPC routes', { plugins: { 'argoproj-labs/gatewayAPI': { grpcRoute: 'a' } } }, 'plugins'],
    ['the mesh of a cloud', { appMesh: {} }, 'appMesh'],
  ])('is refused for %s', (_, trafficRouting, field) => {
    expect(problem(routing(trafficRouting))).toBe(
      `spec.strategy.canary.trafficRouting.${field}: is not served by this controller: remove it`,
    );
  });

  it('is refused for a step that only a plugin could do, by its path', () => {
    expect(problem(own(rollout({ steps: [{ setWeight: 5 }, { plugin: { name: 'company/step' } }] })))).toBe(
      'spec.strategy.canary.steps[1].plugin: is not served by this controller: remove it',
    );
  });

  it('is not refused for what changes nothing about the release', () => {
    const analysis = { templates: [{ templateName: 'errors' }], analysisRunMetadata: { labels: { a: 'b' } } };
    expect(problem(own(rollout({ steps: [{ analysis }] })))).toBeUndefined();
  });
});
