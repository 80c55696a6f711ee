import { createServer } from 'node:http';
import { Command } from 'commander';
import { type KubeObject, kubeApi } from '../cluster/kube-api.ts';

/**
 * Tells Prometheus where the pods of a namespace are, by its HTTP service discovery. Debian's Prometheus is built without
 * the discovery of Kubernetes; this gives the same labels as that one, so that the relabelling is what one would write
 * anywhere. A process of its own, so that it outlives the demo.
 */
interface Pod extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly ports?: readonly Port[] }[] };
  readonly status?: { readonly podIP?: string; readonly phase?: string };
}

interface Port {
  readonly name?: string;
  readonly containerPort: number;
}

/** One entry of an answer to Prometheus. */
interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A target for each port of each pod that has an address. */
function targetsOf(pods: readonly Pod[]): TargetGroup[] {
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

const options = new Command('pod-targets')
  .requiredOption('--kubeconfig <file>')
  .requiredOption('--namespace <name>')
  .requiredOption('--port <port>', 'on 127.0.0.1', Number)
  .parse()
  .opts<{ kubeconfig: string; namespace: string; port: number }>();
const api = kubeApi(options.kubeconfig);

createServer((_, response) => {
  const path = `/api/v1/namespaces/${options.namespace}/pods`;
  api.request<{ items: Pod[] }>('GET', path).then(
    ({ items }) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(targetsOf(items))),
    // Prometheus keeps the targets that it has.
    (error: Error) => response.writeHead(502).end(error.message),
  );
}).listen(options.port, '127.0.0.1');
