import type { AnalysisRun } from '../../controller/api/generated/analysisrun.ts';
import type { Rollout, RolloutSpec, RolloutSpecStrategyCanaryStep } from '../../controller/api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../../controller/api/names.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import type { ReplicaSet, Service } from '../../controller/rollout/snapshot.ts';
import type { HttpRoute } from '../../controller/traffic/gateway-api.ts';

const of = (apiVersion: string, kind: string) => (name: string) => ({ apiVersion, kind, name });

/** How tests name objects. */
export const ROLLOUT = of('slipway.dev/v1alpha1', 'Rollout');
export const SERVICE = of('v1', 'Service');
export const ROUTE = of('gateway.networking.k8s.io/v1', 'HTTPRoute');
export const REPLICA_SET = of('apps/v1', 'ReplicaSet');
export const EXPERIMENT = of('slipway.dev/v1alpha1', 'Experiment');
export const RUN = of('slipway.dev/v1alpha1', 'AnalysisRun');

export interface RolloutShape {
  name?: string;
  replicas?: number;
  /** Of the only container: another one is another version. */
  image?: string;
  steps?: RolloutSpecStrategyCanaryStep[];
  /** With Services and an HTTPRoute. Default true. */
  routed?: boolean;
  annotations?: Record<string, string>;
  spec?: Partial<RolloutSpec>;
}

export function rollout(shape: RolloutShape = {}): Rollout {
  const { name = 'fraud', replicas = 2, image = 'server:1', steps = [], routed = true, annotations } = shape;
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Rollout',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: template(name, image, annotations),
      strategy: {
        canary: {
          ...(routed
            ? {
                canaryService: `${name}-canary`,
                stableService: `${name}-stable`,
                trafficRouting: { gatewayAPI: { httpRoutes: [{ name }] } },
              }
            : {}),
          scaleDownDelaySeconds: 1,
          abortScaleDownDelaySeconds: 1,
          steps,
        },
      },
      ...shape.spec,
    },
  };
}

export function template(name: string, image: string, annotations?: Record<string, string>): Record<string, unknown> {
  return {
    metadata: { labels: { app: name }, ...(annotations === undefined ? {} : { annotations }) },
    spec: { containers: [{ name: 'server', image }] },
  };
}

export function service(name: string, app: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app }, ports: [{ port: 80 }] } };
}

export function httpRoute(name: string): HttpRoute {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name },
    spec: {
      parentRefs: [{ name: 'gateway' }],
      rules: [
        {
          backendRefs: [
            { name: `${name}-stable`, port: 80, weight: 100 },
            { name: `${name}-canary`, port: 80, weight: 0 },
          ],
        },
      ],
    },
  };
}

/** The two Services and the route of a routed Rollout. */
export function routing(name = 'fraud'): KubeObject[] {
  return [service(`${name}-stable`, name), service(`${name}-canary`, name), httpRoute(name)];
}

/** Percent for the canary, as the route says. */
export function weightOf(route: HttpRoute): number | undefined {
  return route.spec?.rules?.[0]?.backendRefs?.find((ref) => ref.name?.endsWith('-canary'))?.weight;
}

export function selectedHash(of: Service | KubeObject): string | undefined {
  return (of as Service).spec.selector?.[POD_TEMPLATE_HASH_LABEL];
}

export const isHealthy = (r: Rollout): boolean =>
  r.status?.phase === 'Healthy' && r.status.observedGeneration === r.metadata.generation;
export const isPausedAt =
  (step: number) =>
  (r: Rollout): boolean =>
    r.status?.phase === 'Paused' &&
    r.status.currentStepIndex === step &&
    r.status.observedGeneration === r.metadata.generation;

export const condition = (
  of: { status?: unknown },
  type: string,
): { status: string; reason: string; message: string } | undefined =>
  (
    (of.status as { conditions?: { type: string; status: string; reason: string; message: string }[] })?.conditions ??
    []
  ).find((one) => one.type === type);

export const imageOf = (replicaSet: ReplicaSet): unknown =>
  (replicaSet.spec.template.spec?.['containers'] as { image: string }[] | undefined)?.[0]?.image;

export type { AnalysisRun, ReplicaSet, Rollout, Service };
