import { join } from 'node:path';
import { type OnProgress, programPath } from './build.ts';
import type { CertificateRequest } from './certificates.ts';
import type { Folders } from './folders.ts';
import type { Layout, Profile } from './layout.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';

/** All that the parts of one cluster need to know. */
export interface ClusterContext {
  readonly name: string;
  readonly profile: Profile;
  readonly dir: string;
  readonly layout: Layout;
  readonly folders: Folders;
  readonly onProgress: OnProgress;
}

/** The address at which the API server listens: pods must reach it in a `node` cluster, nobody else otherwise. */
export function serverAddress(context: Pick<ClusterContext, 'profile' | 'layout'>): string {
  return context.profile === 'node' ? context.layout.hostAddress : '127.0.0.1';
}

/** The API server's URL. */
export function serverUrl(context: Pick<ClusterContext, 'profile' | 'layout'>): string {
  return `https://${serverAddress(context)}:${context.layout.ports.apiServer}`;
}

/** Path of a certificate, key or other file of the cluster's PKI. */
export function pkiFile(context: Pick<ClusterContext, 'dir'>, file: string): string {
  return join(context.dir, 'pki', file);
}

/** Path of the kubeconfig of one of the cluster's users. */
export function kubeconfigFile(context: Pick<ClusterContext, 'dir'>, user: string): string {
  return join(context.dir, `${user}.kubeconfig`);
}

/** Command and version of a built program, as part of a process's description. */
export function programOf(context: ClusterContext, name: ProgramName): { command: string; version: string } {
  return { command: programPath(name, context.folders), version: PROGRAMS[name].version };
}

/** The name of the one real node of a `node` cluster. */
export function nodeName(context: Pick<ClusterContext, 'name'>): string {
  return `${context.name}-node`;
}

/** The users that get a kubeconfig: file name to user and group. */
export function clientsOf(context: ClusterContext): Record<string, { commonName: string; organization?: string }> {
  const clients = {
    admin: { commonName: 'slipway-admin', organization: 'system:masters' },
    'controller-manager': { commonName: 'system:kube-controller-manager' },
  };
  const scheduler = { scheduler: { commonName: 'system:kube-scheduler' } };
  switch (context.profile) {
    case 'api':
      return clients;
    case 'kwok':
      return { ...clients, ...scheduler, kwok: { commonName: 'kwok', organization: 'system:masters' } };
    case 'node':
      return {
        ...clients,
        ...scheduler,
        kubelet: { commonName: `system:node:${nodeName(context)}`, organization: 'system:nodes' },
        'kube-proxy': { commonName: 'system:kube-proxy' },
      };
  }
}

/** Every certificate of a cluster, the CA first. */
export function certificatesOf(context: ClusterContext): CertificateRequest[] {
  const { layout } = context;
  const inCluster = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  const local = ['DNS:localhost', 'IP:127.0.0.1'];
  const certificates: CertificateRequest[] = [
    { name: 'ca', commonName: `slipway-${context.name}`, selfSigned: 'authority' },
    { name: 'etcd', commonName: 'etcd', alternativeNames: local, selfSigned: 'peer' },
    {
      name: 'apiserver',
      commonName: 'kube-apiserver',
      alternativeNames: [
        ...inCluster.map((name) => `DNS:${name}`),
        ...local,
        `IP:${layout.kubernetesServiceAddress}`,
        `IP:${layout.hostAddress}`,
      ],
    },
    ...Object.entries(clientsOf(context)).map(([name, subject]) => ({ name, ...subject })),
  ];
  if (context.profile === 'node') {
    const address = `IP:${layout.nodeAddress}`;
    certificates.push(
      { name: 'apiserver-to-kubelet', commonName: 'kube-apiserver', organization: 'system:masters' },
      {
        name: 'kubelet-server',
        commonName: nodeName(context),
        alternativeNames: [address, `DNS:${nodeName(context)}`],
      },
    );
  }
  return certificates;
}
