import { join } from 'node:path';
import { ASSETS, ensureAsset } from './assets.ts';
import { type ClusterContext, kubeconfigFile, programOf } from './context.ts';
import { isHealthy } from './http.ts';
import { type KubeApi, kubeApi } from './kube-api.ts';
import { ensureProcess, type ProcessSpec } from './managed-process.ts';

/** How many simulated nodes a `kwok` cluster has. Each takes any number of pods, so more are seldom useful. */
const NODES = 10;

/** kwok: plays kubelet for all nodes. Pods become Ready at once and run nothing. */
export function kwokProcess(context: ClusterContext): ProcessSpec {
  const url = `http://127.0.0.1:${context.layout.ports.kwok}`;
  const { version, files } = ASSETS['kwok-stages'];
  const stages = join(context.folders.share, `kwok-stages-${version}`);
  return {
    name: 'kwok',
    ...programOf(context, 'kwok'),
    url,
    args: [
      `--kubeconfig=${kubeconfigFile(context, 'kwok')}`,
      // How nodes and pods move from one state to the next: without them nothing happens.
      ...files.map((file) => `--config=${join(stages, file)}`),
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
      `--cidr=${context.layout.podCidr.replace('/24', '/16')}`,
      `--server-address=127.0.0.1:${context.layout.ports.kwok}`,
      '--v=WARN',
    ],
    isReady: () => isHealthy(`${url}/healthz`),
  };
}

/** Starts kwok and makes its nodes. */
export async function bringUpKwok(context: ClusterContext): Promise<void> {
  await ensureAsset('kwok-stages', context.folders, context.onProgress);
  await ensureProcess(context.dir, kwokProcess(context));
  const api = kubeApi(kubeconfigFile(context, 'admin'));
  await Promise.all(Array.from({ length: NODES }, (_, index) => ensureNode(api, `${context.name}-node-${index}`)));
  context.onProgress(`${NODES} simulated nodes`);
}

/** kwok fills in the rest, with room for a million pods. */
async function ensureNode(api: KubeApi, name: string): Promise<void> {
  await api.apply(`/api/v1/nodes/${name}`, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { type: 'kwok' } },
  });
}
