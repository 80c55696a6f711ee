import { existsSync } from 'node:fs';
import { ensurePrograms, type OnProgress } from './build.ts';
import { ensureCertificates } from './certificates.ts';
import { type ClusterRecord, claimCluster, clusterDir } from './cluster-record.ts';
import { type ClusterContext, certificatesOf, kubeconfigFile, pkiFile, serverUrl } from './context.ts';
import {
  apiServerProcess,
  controllerManagerProcess,
  etcdProcess,
  schedulerProcess,
  writeAuditPolicy,
} from './control-plane.ts';
import { ClusterError } from './errors.ts';
import { folders as defaultFolders, type Folders } from './folders.ts';
import { kubeApi } from './kube-api.ts';
import { writeKubeconfigs } from './kubeconfig.ts';
import { bringUpKwok } from './kwok.ts';
import { layoutOf, type Profile } from './layout.ts';
import { withLock } from './lock.ts';
import { ensureProcess, stopProcess } from './managed-process.ts';
import { bringUpNode } from './node/bring-up.ts';
import { registryAddress } from './node/image-registry.ts';
import { ensureNetwork } from './node/network.ts';
import { ensurePackages } from './packages.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { readRecord } from './process-record.ts';
import { packagesOf, programsOf } from './profile.ts';
import { removeCluster } from './teardown.ts';
import { until } from './wait.ts';

/** What to start. */
export interface ClusterOptions {
  readonly name: string;
  readonly profile: Profile;
  readonly onProgress?: OnProgress;
  readonly folders?: Folders;
}

/** A running cluster. */
export interface Cluster {
  readonly name: string;
  readonly profile: Profile;
  /** Kubeconfig of a cluster administrator. */
  readonly kubeconfigPath: string;
  /** URL of the API server. */
  readonly server: string;
  /** Folder with everything that the cluster writes; helper services take it to be stopped with the cluster. */
  readonly stateDir: string;
  /** Image registry `host:port`, reachable from this machine and from the node. `node` profile only. */
  readonly registry?: string;
  /** Address at which pods reach what runs on this machine. Without pods: 127.0.0.1. */
  readonly hostAddress: string;
  /** Kills the API server without warning and starts it again; resolves when it is ready. */
  restartApiServer(): Promise<void>;
  /** Removes the cluster: processes, mounts, interfaces, folders. */
  stop(): Promise<void>;
}

/**
 * Brings a cluster up: builds and starts what is missing, heals what is broken, keeps what runs. Calling it again is
 * cheap. Two processes that bring up the same cluster take turns.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const folders = options.folders ?? defaultFolders();
  const onProgress = options.onProgress ?? (() => undefined);
  const problems = checkPrerequisites(options.profile, folders);
  if (problems.length > 0) throw new ClusterError(problemsMessage(options.profile, problems));
  await ensurePackages(packagesOf(options.profile), onProgress);
  await ensurePrograms(programsOf(options.profile), folders, onProgress);
  const dir = clusterDir(options.name, folders);
  const record = await claimCluster(options.name, options.profile, folders);
  const context: ClusterContext = { ...record, dir, layout: layoutOf(record.slot), folders, onProgress };
  await withLock(`cluster ${dir}`, () => bringUp(context));
  return clusterOf(record, folders);
}

/** The handle of a cluster that was started before, by this process or another one. */
export function clusterOf(record: ClusterRecord, folders: Folders): Cluster {
  const layout = layoutOf(record.slot);
  const dir = clusterDir(record.name, folders);
  const context: ClusterContext = { ...record, dir, layout, folders, onProgress: () => undefined };
  const isNode = record.profile === 'node';
  return {
    name: record.name,
    profile: record.profile,
    kubeconfigPath: kubeconfigFile(context, 'admin'),
    server: serverUrl(context),
    stateDir: dir,
    hostAddress: isNode ? layout.hostAddress : '127.0.0.1',
    ...(isNode ? { registry: registryAddress(context) } : {}),
    restartApiServer: async () => {
      const before = readRecord(dir, 'kube-apiserver');
      if (before !== undefined) await stopProcess(before, 'SIGKILL');
      await ensureProcess(dir, apiServerProcess(context));
    },
    stop: () => removeCluster(record.name, folders),
  };
}

/** One message for a machine that cannot run a profile. */
export function problemsMessage(profile: Profile, problems: readonly string[]): string {
  return [
    `this machine cannot run a local cluster of profile ${profile}:`,
    ...problems.map((problem) => `  - ${problem}`),
    'Use a cluster that you have instead: --use-kubeconfig PATH (where the command has that option).',
  ].join('\n');
}

async function bringUp(context: ClusterContext): Promise<void> {
  const { dir, onProgress } = context;
  if (!existsSync(pkiFile(context, 'service-account.pub'))) onProgress(`preparing cluster ${context.name}`);
  await ensureCertificates(pkiFile(context, ''), certificatesOf(context));
  writeKubeconfigs(context);
  writeAuditPolicy(context);
  if (context.profile === 'node') await ensureNetwork(context);
  await ensureProcess(dir, etcdProcess(context));
  await ensureProcess(dir, apiServerProcess(context));
  onProgress(`API server ready at ${serverUrl(context)}`);
  await Promise.all([
    ensureProcess(dir, controllerManagerProcess(context)),
    ...(context.profile === 'api' ? [] : [ensureProcess(dir, schedulerProcess(context))]),
  ]);
  await untilServiceAccounts(context);
  if (context.profile === 'node') await bringUpNode(context);
  if (context.profile === 'kwok') await bringUpKwok(context);
}

/** The API server is ready before a pod or a token can be made: those need the controllers' first round. */
async function untilServiceAccounts(context: ClusterContext): Promise<void> {
  const api = kubeApi(kubeconfigFile(context, 'admin'));
  await until(() => api.request('GET', '/api/v1/namespaces/default/serviceaccounts/default'), {
    what: 'the default service account',
    timeoutMs: 60_000,
  });
}
