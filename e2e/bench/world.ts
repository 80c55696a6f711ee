import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ResourceInfo } from '../../controller/kube/types.ts';
import { ensurePrograms, programPath } from '../cluster/build.ts';
import { type Cluster, startCluster } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/errors.ts';
import { folders as defaultFolders } from '../cluster/folders.ts';
import { http } from '../cluster/http.ts';
import { kubeApi } from '../cluster/kube-api.ts';
import type { Profile } from '../cluster/layout.ts';
import { removeCluster } from '../cluster/teardown.ts';
import { ControllerProcess } from '../journeys/controller-process.ts';
import { Kubectl } from '../journeys/kubectl.ts';
import { GitServer } from './git-server.ts';
import { Meter, type Since } from './meter.ts';
import { Observer } from './observer.ts';
import { NAMESPACE } from './workload.ts';

export interface WorldOptions {
  /** Of the cluster; one of that name is removed first. */
  readonly name: string;
  readonly say: (line: string) => void;
  /** Folder for CPU profiles of the controller; none are taken without it. */
  readonly profileDir: string | undefined;
  readonly profile: Profile;
  /** What is looked at from outside. */
  readonly observed: readonly ResourceInfo[];
  /** Further flags of the controller. */
  readonly flags: Readonly<Record<string, string>>;
  /** Further options of Node.js for the controller. */
  readonly nodeOptions: readonly string[];
}

/** A new cluster with nothing but the controller and a Git server beside it. */
export class World {
  readonly cluster: Cluster;
  readonly controller: ControllerProcess;
  readonly git: GitServer;
  readonly gitRoot: string;
  readonly observer: Observer;
  /** Whether profiles are taken. */
  readonly profiled: boolean;

  private constructor(parts: Pick<World, 'cluster' | 'controller' | 'git' | 'gitRoot' | 'observer' | 'profiled'>) {
    this.cluster = parts.cluster;
    this.controller = parts.controller;
    this.git = parts.git;
    this.gitRoot = parts.gitRoot;
    this.observer = parts.observer;
    this.profiled = parts.profiled;
  }

  static async start(options: WorldOptions): Promise<World> {
    const { name, say, profileDir, profile, observed, flags, nodeOptions } = options;
    const folders = defaultFolders();
    await ensurePrograms(['kubectl'], folders, say);
    await removeCluster(name, folders);
    const cluster = await startCluster({ name, profile, onProgress: say });
    const { kubeconfigPath, stateDir } = cluster;
    await grant(kubeconfigPath);
    const gitRoot = join(stateDir, 'repositories');
    mkdirSync(gitRoot);
    const git = await GitServer.start(gitRoot);
    if (profileDir !== undefined) mkdirSync(profileDir, { recursive: true });
    const controller = await ControllerProcess.install({
      kubectl: new Kubectl(programPath('kubectl', folders), kubeconfigPath, NAMESPACE, stateDir),
      kubeconfigPath,
      stateDir,
      flags: { 'log-level': 'warn', ...flags },
      nodeOptions: [
        ...nodeOptions,
        ...(profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]),
      ],
    });
    const observer = await Observer.start(kubeconfigPath, observed);
    return new World({ cluster, controller, git, gitRoot, observer, profiled: profileDir !== undefined });
  }

  meter(since: Since = 'now'): Promise<Meter> {
    const { pid, metricsUrl } = this.controller;
    return Meter.start({ pid, metricsUrl, stateDir: this.cluster.stateDir }, since);
  }

  /** Tells the controller of a push, as a forge does. */
  async webhook(repository: string): Promise<void> {
    const body = JSON.stringify({ ref: 'refs/heads/main', repository: { clone_url: this.git.url(repository) } });
    const signature = createHmac('sha256', this.controller.webhookSecret).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    const answer = await http(this.controller.webhookUrl, { method: 'POST', headers, body });
    if (answer.status >= 300)
      throw new ClusterError(`the webhook answered ${answer.status}: ${answer.body.toString()}`);
  }

  /** Ends and removes everything. */
  async close(): Promise<void> {
    await this.observer.close();
    await this.controller.stop();
    await this.git.close();
    await this.cluster.stop();
  }
}

/** The namespace, and the right to Ingresses: what we ship allows only what the journeys need. */
async function grant(kubeconfigPath: string): Promise<void> {
  const api = kubeApi(kubeconfigPath);
  const core = '/api/v1/namespaces';
  await api.apply(`${core}/${NAMESPACE}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const name = 'slipway-bench';
  const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name } };
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  await api.apply(`${rbac}/clusterroles/${name}`, {
    ...head,
    kind: 'ClusterRole',
    rules: [{ apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs }],
  });
  await api.apply(`${rbac}/clusterrolebindings/${name}`, {
    ...head,
    kind: 'ClusterRoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'slipway-system', name: 'slipway-controller' }],
  });
}
