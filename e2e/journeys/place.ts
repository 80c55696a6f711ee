import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrograms, missingPrograms, programPath } from '../cluster/build.ts';
import { problemsMessage, startCluster } from '../cluster/cluster.ts';
import { clusterDir } from '../cluster/cluster-record.ts';
import { ClusterError } from '../cluster/errors.ts';
import { writeConfiguration } from '../cluster/files.ts';
import { folders as defaultFolders } from '../cluster/folders.ts';
import { IMAGE_HOST } from '../cluster/images/push-image.ts';
import { checkPrerequisites, goProblem } from '../cluster/prerequisites.ts';
import { run } from '../cluster/run.ts';
import { removeCluster } from '../cluster/teardown.ts';
import type { Place } from './environment.ts';
import { NAMESPACE } from './stage.ts';

/** A cluster that is given instead of made. */
export interface GivenCluster {
  readonly kubeconfig: string;
  /** `host:port` of a registry that this machine pushes to without TLS and that the nodes pull from. */
  readonly imageRegistry: string;
  /** What the nodes call that registry; the same by default. */
  readonly imageHost?: string;
  /** Address of this machine that pods can reach. */
  readonly hostAddress: string;
}

const PROGRAMS = ['kubectl', 'traefik', 'gitea'] as const;

/** A new local cluster; one of that name from an earlier run is removed first, so that every run tells the same story. */
export async function localPlace(name: string, say: (line: string) => void): Promise<Place> {
  const folders = defaultFolders();
  const problems = [...checkPrerequisites('node', folders), ...missingForServices()];
  if (problems.length > 0) throw new ClusterError(`${problemsMessage('node', [...new Set(problems)])}\n${GIVEN_HINT}`);
  await ensurePrograms(PROGRAMS, folders, say);
  await removeCluster(name, folders);
  const cluster = await startCluster({ name, profile: 'node', onProgress: say });
  const { kubeconfigPath, stateDir, hostAddress, registry } = cluster;
  if (registry === undefined) throw new ClusterError(`cluster ${name} has no image registry`);
  const kubectlProgram = programPath('kubectl', folders);
  return { kubeconfigPath, stateDir, hostAddress, registry, imageHost: IMAGE_HOST, kubectlProgram, auditDir: stateDir };
}

/** A cluster that the user has. What the demo writes on this machine goes to the folder of `name`. */
export async function givenPlace(name: string, given: GivenCluster, say: (line: string) => void): Promise<Place> {
  const folders = defaultFolders();
  const problems = missingForServices();
  if (problems.length > 0) {
    throw new ClusterError(
      ['this machine lacks what runs around the cluster:', ...problems.map((p) => `  - ${p}`)].join('\n'),
    );
  }
  await ensurePrograms(PROGRAMS, folders, say);
  await removeCluster(name, folders);
  const stateDir = clusterDir(name, folders);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const kubectlProgram = programPath('kubectl', folders);
  const env = { ...process.env, KUBECONFIG: given.kubeconfig };
  // With all its material inside, as the helpers want it.
  const flat = await run(kubectlProgram, ['config', 'view', '--raw', '--flatten', '--minify'], { env });
  const kubeconfigPath = join(stateDir, 'admin.kubeconfig');
  writeConfiguration(kubeconfigPath, flat);
  const { imageRegistry: registry, hostAddress } = given;
  return { kubeconfigPath, stateDir, hostAddress, registry, imageHost: given.imageHost ?? registry, kubectlProgram };
}

/** Removes what the demo made: a local cluster as a whole; from a given one its namespace and the controller's rights. */
export async function removePlace(name: string, given: GivenCluster | undefined): Promise<void> {
  const folders = defaultFolders();
  if (given !== undefined) {
    const env = { ...process.env, KUBECONFIG: given.kubeconfig };
    const namespaces = ['delete', 'namespace', NAMESPACE, 'slipway-system', '--ignore-not-found', '--timeout=120s'];
    await run(programPath('kubectl', folders), namespaces, { env });
  }
  await removeCluster(name, folders);
}

const GIVEN_HINT = `For example: npm run demo -- --use-kubeconfig ~/.kube/config --image-registry 192.0.2.10:5000 --host-address 192.0.2.10
Then root is not needed, but Linux, Python and Go are: MLflow, Gitea, Prometheus and Traefik still run on this machine, the
nodes must be able to pull from that registry, and this machine must be able to reach the pods' addresses.`;

/** Why the programs around the cluster cannot run here. */
function missingForServices(): string[] {
  if (process.platform !== 'linux') return [`it runs ${process.platform}: the demo's programs need Linux`];
  const problems: string[] = [];
  const programs = missingPrograms(PROGRAMS, defaultFolders());
  const go = programs.length === 0 ? undefined : goProblem(spawnSync('go', ['env', 'GOVERSION']).stdout?.toString());
  if (go !== undefined) problems.push(`${go} (needed to build ${programs.join(', ')})`);
  if (spawnSync('git', ['--version']).status !== 0) problems.push('there is no git on the PATH');
  if (spawnSync('/usr/bin/python3', ['--version']).status !== 0) problems.push('there is no /usr/bin/python3');
  return problems;
}
