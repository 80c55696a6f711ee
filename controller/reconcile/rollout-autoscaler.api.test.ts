import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { applyCustomResourceDefinitions, kubeApi } from '../../e2e/cluster/kube-api.ts';
import { installGatewayApi } from '../../e2e/cluster/services/traefik.ts';
import { fakeNodes, PODS } from '../../test/rollouts/fake-nodes.ts';
import {
  isHealthy,
  isPausedAt,
  ROLLOUT,
  ROUTE,
  rollout,
  routing,
  template,
  weightOf,
} from '../../test/rollouts/fixtures.ts';
import { openWorld, type World } from '../../test/rollouts/world.ts';
import { ROLLOUT_RESOURCE, type Rollout } from '../api/generated/rollout.ts';
import type { KubeObject, ResourceInfo } from '../kube/types.ts';
import type { HttpRoute } from '../traffic/gateway-api.ts';

const FRAUD = ROLLOUT('fraud');
const HPA = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const STEPS = [{ setWeight: 50 }, { pause: {} }];

/** What a metrics server serves, as stored objects: the autoscaler only ever lists them. */
const POD_METRICS: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'pods.metrics.k8s.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, stands in for a metrics server in tests' },
  },
  spec: {
    group: 'metrics.k8s.io',
    scope: 'Namespaced',
    names: { plural: 'pods', singular: 'pod', kind: 'PodMetrics', listKind: 'PodMetricsList' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
const DEFINITIONS: ResourceInfo = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
  verbs: ['delete'],
  subresources: [],
};
const METRICS: ResourceInfo = {
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  plural: 'pods',
  namespaced: true,
  verbs: ['create', 'delete', 'list'],
  subresources: [],
};

/** The autoscaler looks every 15 s, which no test can change. */
const PATIENCE_MS = 150_000;

describe('a Rollout with the autoscaler of Kubernetes', () => {
  let world: World;
  let stopMetrics = (): void => {};
  /** Memory that each pod is said to use, in Mi; the target is 100. */
  let used = 100;
  beforeAll(async () => {
    await installGatewayApi(inject('kubeconfig'));
    await applyCustomResourceDefinitions(kubeApi(inject('kubeconfig')), [POD_METRICS]);
  });
  // Other tests on this API server look at every kind.
  afterAll(async () => {
    const cleaner = await openWorld(inject('kubeconfig'));
    await cleaner.client.delete(DEFINITIONS, POD_METRICS.metadata.name, {});
    await cleaner.close();
  });
  beforeEach(async () => {
    world = await openWorld(inject('kubeconfig'));
    const { informer } = world.informers.acquire(PODS);
    fakeNodes(world.client, informer);
    stopMetrics = informer.onEvent(({ type, object }) => void measure(type === 'deleted', object));
    await world.startRouter();
    await world.startController();
    for (const object of routing()) await world.create(object);
  });
  afterEach(async () => {
    stopMetrics();
    await world.close();
  });

  async function measure(gone: boolean, pod: KubeObject): Promise<void> {
    const { name, labels = {} } = pod.metadata;
    const key = `${world.namespace}/${name}`;
    await world.client.delete(METRICS, key, {}).catch(() => undefined);
    if (gone) return;
    await world.client
      .create(METRICS, {
        apiVersion: 'metrics.k8s.io/v1beta1',
        kind: 'PodMetrics',
        metadata: { name, namespace: world.namespace, labels },
        timestamp: new Date().toISOString(),
        window: '10s',
        containers: [{ name: 'server', usage: { cpu: '1m', memory: `${used}Mi` } }],
      })
      .catch(() => undefined);
  }
  /** All pods are busier, or idler, from now on. */
  async function use(mi: number): Promise<void> {
    used = mi;
    for (const pod of await world.list<KubeObject>(POD)) await measure(false, pod);
  }
  const scale = () =>
    world.client.get(ROLLOUT_RESOURCE, `${world.namespace}/fraud`, { subresource: 'scale' }) as Promise<
      KubeObject & { status: { replicas: number; selector: string } }
    >;

  it(
    'follows it in the middle of a canary, by the share of each version',
    async () => {
      await use(100);
      const canary = rollout({ replicas: 2, steps: STEPS }).spec.strategy.canary;
      const { scaleDownDelaySeconds: _, ...rest } = canary ?? {};
      await world.create(
        rollout({ replicas: 2, spec: { strategy: { canary: { ...rest, dynamicStableScale: true } } } }),
      );
      await world.see<Rollout>(FRAUD, isHealthy, 'healthy');
      expect((await scale()).status).toEqual({ replicas: 2, selector: 'app=fraud' });
      await world.patch(FRAUD, { spec: { template: template('fraud', 'server:2') } });
      await world.see<Rollout>(FRAUD, isPausedAt(1), 'at 50 %');

      await world.create<KubeObject>({
        ...HPA,
        metadata: { name: 'fraud' },
        spec: {
          scaleTargetRef: { apiVersion: 'slipway.dev/v1alpha1', kind: 'Rollout', name: 'fraud' },
          minReplicas: 2,
          maxReplicas: 6,
          metrics: [
            { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } },
          ],
        },
      });
      await use(300);
      await world.see<Rollout>(FRAUD, (r) => r.spec.replicas === 6, 'scaled by the autoscaler');
      const busy = await world.see<Rollout>(
        FRAUD,
        (r) => r.spec.replicas === 6 && r.status?.updatedReplicas === 3 && r.status.availableReplicas === 6,
        'with three pods of each version',
      );
      expect([busy.status?.HPAReplicas, busy.status?.phase, busy.status?.step]).toEqual([6, 'Paused', '1/2']);
      await world.see<HttpRoute>(ROUTE('fraud'), (route) => weightOf(route) === 50, 'still with 50 %');
      await world.see(
        { ...HPA, name: 'fraud' },
        (hpa) => (hpa['status'] as { currentReplicas?: number })?.currentReplicas === 6,
        'that sees six pods',
      );
      await world.patch(FRAUD, { status: { pauseConditions: null } }, 'status');
      await world.see<Rollout>(FRAUD, (r) => isHealthy(r) && r.status?.replicas === 6, 'healthy with all of them');
    },
    PATIENCE_MS,
  );
});
