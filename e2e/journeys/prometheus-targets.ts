import type { KubeObject } from '../cluster/kube-api.ts';

/** A pod as far as Prometheus cares. */
export interface Pod extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly ports?: readonly Port[] }[] };
  readonly status?: { readonly podIP?: string; readonly phase?: string };
}

interface Port {
  readonly name?: string;
  readonly containerPort: number;
}

/** One entry of an answer to Prometheus. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A target for each port of each pod that has an address, with the labels that the discovery of Kubernetes gives. */
export function targetsOf(pods: readonly Pod[]): TargetGroup[] {
  return pods.flatMap(({ metadata, spec, status }) => {
    const address = status?.podIP;
    if (address === undefined) return [];
    const podLabels = Object.entries(metadata.labels ?? {}).map(
      ([key, value]) => [`__meta_kubernetes_pod_label_${key.replace(/[^a-zA-Z0-9_]/g, '_')}`, value] as const,
    );
    return spec.containers
      .flatMap(({ ports }) => ports ?? [])
      .map(({ name, containerPort }) => ({
        targets: [`${address}:${containerPort}`],
        labels: {
          ...Object.fromEntries(podLabels),
          __meta_kubernetes_pod_name: metadata.name,
          __meta_kubernetes_pod_phase: status?.phase ?? 'Unknown',
          __meta_kubernetes_pod_container_port_name: name ?? '',
        },
      }));
  });
}
