import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ClusterContext, kubeconfigFile, nodeName, programOf } from '../context.ts';
import { writeConfiguration } from '../files.ts';
import { isHealthy } from '../http.ts';
import type { ProcessSpec } from '../managed-process.ts';
import { inNamespace } from './network.ts';

const HEALTH_PORT = 10_256;
const METRICS_PORT = 10_249;

/** kube-proxy's configuration: nftables, and no limits on connection tracking, which are this machine's to set. */
export function kubeProxyConfiguration(context: ClusterContext): Record<string, unknown> {
  const { nodeAddress, podCidr } = context.layout;
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: kubeconfigFile(context, 'kube-proxy') },
    hostnameOverride: nodeName(context),
    clusterCIDR: podCidr,
    healthzBindAddress: `${nodeAddress}:${HEALTH_PORT}`,
    metricsBindAddress: `${nodeAddress}:${METRICS_PORT}`,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms' },
  };
}

/** Writes what kube-proxy reads. */
export function writeKubeProxyConfiguration(context: ClusterContext): void {
  writeConfiguration(join(context.dir, 'kube-proxy.yaml'), stringify(kubeProxyConfiguration(context)));
}

/** kube-proxy, whose tables are in the node's network namespace. */
export function kubeProxyProcess(context: ClusterContext): ProcessSpec {
  const { command, version } = programOf(context, 'kube-proxy');
  const url = `http://${context.layout.nodeAddress}:${HEALTH_PORT}`;
  return {
    name: 'kube-proxy',
    version,
    url,
    ...inNamespace(context.dir, command, [`--config=${join(context.dir, 'kube-proxy.yaml')}`]),
    files: [join(context.dir, 'kube-proxy.yaml')],
    isReady: () => isHealthy(`${url}/livez`),
  };
}
