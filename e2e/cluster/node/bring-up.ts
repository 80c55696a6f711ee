import { type ClusterContext, kubeconfigFile, nodeName } from '../context.ts';
import { ensurePauseImage } from '../images/pause-image.ts';
import type { KubeObject } from '../kube-api.ts';
import { kubeApi } from '../kube-api.ts';
import { ensureProcess } from '../managed-process.ts';
import { ensureUnpacked } from '../packages.ts';
import { until } from '../wait.ts';
import { containerdProcess, writeRuntimeConfiguration } from './container-runtime.ts';
import {
  imageRegistryProcess,
  REGISTRY_PACKAGE,
  registryAddress,
  writeRegistryConfiguration,
} from './image-registry.ts';
import { rememberKernelSettings } from './kernel-settings.ts';
import { kubeProxyProcess, writeKubeProxyConfiguration } from './kube-proxy.ts';
import { kubeletProcess, writeKubeletConfiguration } from './kubelet.ts';

interface Node extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Starts what makes this machine a node, once the API server runs, and waits until pods can start on it. */
export async function bringUpNode(context: ClusterContext): Promise<void> {
  const { dir, folders, onProgress } = context;
  await ensureUnpacked(REGISTRY_PACKAGE, folders, onProgress);
  writeRegistryConfiguration(context);
  await ensureProcess(dir, imageRegistryProcess(context));
  await ensurePauseImage(registryAddress(context));
  writeRuntimeConfiguration(context);
  await ensureProcess(dir, containerdProcess(context));
  rememberKernelSettings(dir, folders);
  writeKubeletConfiguration(context);
  writeKubeProxyConfiguration(context);
  await Promise.all([ensureProcess(dir, kubeletProcess(context)), ensureProcess(dir, kubeProxyProcess(context))]);
  const api = kubeApi(kubeconfigFile(context, 'admin'));
  await until(
    async () => {
      const node = await api.request<Node>('GET', `/api/v1/nodes/${nodeName(context)}`);
      return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
    },
    { what: `node ${nodeName(context)} to be ready`, timeoutMs: 90_000 },
  );
  onProgress(`node ${nodeName(context)} ready`);
}
