import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ClusterContext, kubeconfigFile, nodeName, pkiFile, programOf } from '../context.ts';
import { writeConfiguration } from '../files.ts';
import { isHealthy } from '../http.ts';
import type { ProcessSpec } from '../managed-process.ts';
import { runtimeSocket } from './container-runtime.ts';
import { inNamespace } from './network.ts';

const HEALTH_PORT = 10_248;

/** kubelet's configuration, for any kernel of today: cgroup v1 or v2, with or without swap. */
export function kubeletConfiguration(context: ClusterContext): Record<string, unknown> {
  const { dir, layout } = context;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: layout.nodeAddress,
    healthzBindAddress: layout.nodeAddress,
    healthzPort: HEALTH_PORT,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pkiFile(context, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pkiFile(context, 'kubelet-server.crt'),
    tlsPrivateKeyFile: pkiFile(context, 'kubelet-server.key'),
    containerRuntimeEndpoint: `unix://${runtimeSocket(dir)}`,
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // There is no cluster DNS. Nothing listens at the node's port 53 either, so that a lookup fails at once.
    clusterDNS: [layout.nodeAddress],
    clusterDomain: 'cluster.local',
    resolvConf: join(dir, 'kubelet', 'resolv.conf'),
    podLogsDir: join(dir, 'pod-logs'),
    volumePluginDir: join(dir, 'kubelet', 'volume-plugins'),
    // A developer's disk is often fuller than kubelet likes, and is not the cluster's to clean.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    shutdownGracePeriod: '0s',
  };
}

/** Writes what kubelet reads. */
export function writeKubeletConfiguration(context: ClusterContext): void {
  const folder = join(context.dir, 'kubelet');
  writeConfiguration(join(folder, 'config.yaml'), stringify(kubeletConfiguration(context)));
  writeConfiguration(join(folder, 'resolv.conf'), `nameserver ${context.layout.nodeAddress}\n`);
}

/** kubelet, in the node's network namespace because it probes pods and serves at the node's address. */
export function kubeletProcess(context: ClusterContext): ProcessSpec {
  const { dir, layout } = context;
  const { command, version } = programOf(context, 'kubelet');
  const url = `http://${layout.nodeAddress}:${HEALTH_PORT}`;
  return {
    name: 'kubelet',
    version,
    url,
    ...inNamespace(dir, command, [
      `--config=${join(dir, 'kubelet', 'config.yaml')}`,
      `--kubeconfig=${kubeconfigFile(context, 'kubelet')}`,
      `--root-dir=${join(dir, 'kubelet')}`,
      `--hostname-override=${nodeName(context)}`,
      `--node-ip=${layout.nodeAddress}`,
    ]),
    files: [join(dir, 'kubelet', 'config.yaml')],
    isReady: () => isHealthy(`${url}/healthz`),
  };
}
