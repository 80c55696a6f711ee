import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ClusterContext, kubeconfigFile, pkiFile, programOf, serverAddress, serverUrl } from './context.ts';
import { writeConfiguration } from './files.ts';
import { isHealthy } from './http.ts';
import type { ProcessSpec } from './managed-process.ts';

/** etcd, with no fsync: a test cluster need not survive a power cut, and it is several times faster. */
export function etcdProcess(context: ClusterContext): ProcessSpec {
  const { etcd, etcdPeer } = context.layout.ports;
  const url = `https://127.0.0.1:${etcd}`;
  const peer = `https://127.0.0.1:${etcdPeer}`;
  const [crt, key] = [pkiFile(context, 'etcd.crt'), pkiFile(context, 'etcd.key')];
  const pair = (prefix: string): string[] => [
    `--${prefix}cert-file=${crt}`,
    `--${prefix}key-file=${key}`,
    `--${prefix}trusted-ca-file=${crt}`,
    `--${prefix}client-cert-auth`,
  ];
  return {
    name: 'etcd',
    ...programOf(context, 'etcd'),
    url,
    args: [
      '--name=default',
      `--data-dir=${join(context.dir, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      ...pair(''),
      ...pair('peer-'),
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    isReady: () => {
      const cert = readFileSync(crt, 'utf8');
      return isHealthy(`${url}/health`, { ca: cert, cert, key: readFileSync(key, 'utf8') });
    },
  };
}

/** The API server. Its audit log (who asked for what, without bodies) is how the cost of a controller is measured. */
export function apiServerProcess(context: ClusterContext): ProcessSpec {
  const { layout, dir } = context;
  const pki = (file: string): string => pkiFile(context, file);
  return {
    name: 'kube-apiserver',
    ...programOf(context, 'kube-apiserver'),
    url: serverUrl(context),
    args: [
      `--bind-address=${serverAddress(context)}`,
      `--secure-port=${layout.ports.apiServer}`,
      ...advertisement(context),
      `--etcd-servers=https://127.0.0.1:${layout.ports.etcd}`,
      `--etcd-cafile=${pki('etcd.crt')}`,
      `--etcd-certfile=${pki('etcd.crt')}`,
      `--etcd-keyfile=${pki('etcd.key')}`,
      `--service-cluster-ip-range=${layout.serviceCidr}`,
      `--client-ca-file=${pki('ca.crt')}`,
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${pki('service-account.pub')}`,
      `--service-account-signing-key-file=${pki('service-account.key')}`,
      `--audit-policy-file=${auditPolicyFile(context)}`,
      `--audit-log-path=${join(dir, 'audit.log')}`,
      '--shutdown-delay-duration=0s',
      '--profiling=false',
    ],
    files: [auditPolicyFile(context)],
    isReady: () => isHealthy(`${serverUrl(context)}/readyz`, { ca: readFileSync(pki('ca.crt'), 'utf8') }),
  };
}

/** A loopback address must not become an endpoint of the Service `kubernetes`, so without pods there is none. */
function advertisement(context: ClusterContext): string[] {
  if (context.profile !== 'node') return ['--endpoint-reconciler-type=none'];
  return [
    `--advertise-address=${context.layout.hostAddress}`,
    // Without this it looks up the node's name, which no DNS server knows.
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-certificate-authority=${pkiFile(context, 'ca.crt')}`,
    `--kubelet-client-certificate=${pkiFile(context, 'apiserver-to-kubelet.crt')}`,
    `--kubelet-client-key=${pkiFile(context, 'apiserver-to-kubelet.key')}`,
  ];
}

function auditPolicyFile({ dir }: Pick<ClusterContext, 'dir'>): string {
  return join(dir, 'audit-policy.yaml');
}

/** Writes the audit policy: every request once, when it is answered, with metadata only. */
export function writeAuditPolicy(context: ClusterContext): void {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [{ level: 'Metadata' }],
  };
  writeConfiguration(auditPolicyFile(context), stringify(policy));
}

/** The built-in controllers: Deployments, ReplicaSets, Jobs, garbage collection, namespaces, service accounts, … */
export function controllerManagerProcess(context: ClusterContext): ProcessSpec {
  const url = `https://127.0.0.1:${context.layout.ports.controllerManager}`;
  return {
    name: 'kube-controller-manager',
    ...programOf(context, 'kube-controller-manager'),
    url,
    args: [
      ...componentFlags(context, 'controller-manager', context.layout.ports.controllerManager),
      // Otherwise its controllers act as the process's own user, which may do next to nothing.
      '--use-service-account-credentials=true',
      `--root-ca-file=${pkiFile(context, 'ca.crt')}`,
      `--service-account-private-key-file=${pkiFile(context, 'service-account.key')}`,
      `--cluster-signing-cert-file=${pkiFile(context, 'ca.crt')}`,
      `--cluster-signing-key-file=${pkiFile(context, 'ca.key')}`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
    isReady: () => isHealthy(`${url}/healthz`, { insecure: true }),
  };
}

/** The scheduler, where there are nodes. */
export function schedulerProcess(context: ClusterContext): ProcessSpec {
  const url = `https://127.0.0.1:${context.layout.ports.scheduler}`;
  return {
    name: 'kube-scheduler',
    ...programOf(context, 'kube-scheduler'),
    url,
    args: [
      ...componentFlags(context, 'scheduler', context.layout.ports.scheduler),
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
    isReady: () => isHealthy(`${url}/healthz`, { insecure: true }),
  };
}

function componentFlags(context: ClusterContext, user: string, port: number): string[] {
  const path = kubeconfigFile(context, user);
  return [
    `--kubeconfig=${path}`,
    `--authentication-kubeconfig=${path}`,
    `--authorization-kubeconfig=${path}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--leader-elect=false',
    '--profiling=false',
  ];
}
