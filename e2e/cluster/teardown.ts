import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { clusterDir } from './cluster-record.ts';
import type { Folders } from './folders.ts';
import { withLock } from './lock.ts';
import { readRecords, stopProcess } from './managed-process.ts';
import { ownedBy } from './process-identity.ts';

/**
 * Removes a cluster with everything it left: works from what is really there, not from what should be, so it also
 * finishes after `kill -9` of any of the cluster's processes or of an earlier `up` or `down`.
 */
export async function removeCluster(name: string, folders: Folders): Promise<void> {
  const dir = clusterDir(name, folders);
  await withLock(`cluster ${dir}`, async () => {
    await killAll(dir);
    if (existsSync(dir)) await rm(dir, { recursive: true, force: true });
  });
}

/** Kills every process of the cluster, recorded or not. Again until there is none: a dying parent may have forked. */
async function killAll(dir: string): Promise<void> {
  for (;;) {
    const processes = [...readRecords(dir), ...ownedBy(dir)];
    const running = new Map(processes.map((identity) => [identity.pid, identity]));
    const killed = await Promise.all([...running.values()].map((identity) => stopProcess(identity, 'SIGKILL')));
    if (ownedBy(dir).length === 0 || killed.length === 0) return;
  }
}
