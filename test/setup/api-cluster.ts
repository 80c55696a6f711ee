import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { ensurePrograms } from '../../e2e/cluster/build.ts';
import { startCluster } from '../../e2e/cluster/cluster.ts';
import { clusterNames } from '../../e2e/cluster/cluster-record.ts';
import { ownDefinitions } from '../../e2e/cluster/custom-resources.ts';
import { folders as defaultFolders } from '../../e2e/cluster/folders.ts';
import { applyCustomResourceDefinitions, kubeApi } from '../../e2e/cluster/kube-api.ts';
import { removeCluster } from '../../e2e/cluster/teardown.ts';

const PREFIX = 'api-tests-';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the kubeconfig of the run's API server, as its administrator. */
    kubeconfig: string;
    /** Name of the run's cluster, for tests that stop and start parts of it. */
    clusterName: string;
  }
}

/**
 * One real API server for all files of the `api` project, with this project's CRDs. Its name holds the pid, so that
 * several runs at once do not meet; files share it, so each test works in a namespace of its own.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  // Before the tests, which a build would starve.
  await ensurePrograms(['kubectl-argo-rollouts', 'rollouts-controller'], defaultFolders(), (line) =>
    console.error(line),
  );
  const cluster = await startCluster({
    name: `${PREFIX}${process.pid}`,
    profile: 'api',
    onProgress: (line) => console.error(line),
  });
  try {
    await applyCustomResourceDefinitions(kubeApi(cluster.kubeconfigPath), ownDefinitions());
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  project.provide('kubeconfig', cluster.kubeconfigPath);
  project.provide('clusterName', cluster.name);
  return () => cluster.stop();
}

/** Clusters of runs that were killed before they could clean up. */
async function removeAbandoned(): Promise<void> {
  const folders = defaultFolders();
  const names = clusterNames(folders).filter((name) => name.startsWith(PREFIX));
  const abandoned = names.filter((name) => !existsSync(`/proc/${name.slice(PREFIX.length)}`));
  for (const name of abandoned) await removeCluster(name, folders);
}
