import { rm } from 'node:fs/promises';
import { clusterDir, readCluster } from './cluster-record.ts';
import type { Folders } from './folders.ts';
import { layoutOf } from './layout.ts';
import { withLock } from './lock.ts';
import { stopProcess } from './managed-process.ts';
import { restoreKernelSettings } from './node/kernel-settings.ts';
import { containerProcesses, containersOf, removeNodeLeftovers } from './node/leftovers.ts';
import { isRunning, ownedBy, type ProcessIdentity } from './process-identity.ts';
import { readRecords } from './process-record.ts';

/**
 * Removes a cluster with everything it left. Works from what is really there, not from what should be, so it also
 * finishes after `kill -9` of any of the cluster's processes or of an earlier `up` or `down`.
 */
export async function removeCluster(name: string, folders: Folders): Promise<void> {
  const dir = clusterDir(name, folders);
  await withLock(`cluster ${dir}`, async () => {
    const containers = containersOf(dir);
    await killAll(() => [...readRecords(dir), ...ownedBy(dir)]);
    await killAll(() => containerProcesses(dir));
    await removeNodeLeftovers({ name, dir, linkName: linkNameOf(name, folders), containers });
    restoreKernelSettings(dir, folders);
    await rm(dir, { recursive: true, force: true });
  });
}

/** Kills all processes of a list, again until it is empty: a dying parent may have forked. */
async function killAll(list: () => ProcessIdentity[]): Promise<void> {
  for (;;) {
    const running = new Map(list().map((identity) => [identity.pid, identity]));
    const stillThere = [...running.values()].filter(isRunning);
    if (stillThere.length === 0) return;
    await Promise.all(stillThere.map((identity) => stopProcess(identity, 'SIGKILL')));
  }
}

/** A damaged record has no slot; then the link goes with the network namespace that it leads to. */
function linkNameOf(name: string, folders: Folders): string | undefined {
  try {
    const record = readCluster(name, folders);
    return record?.profile === 'node' ? layoutOf(record.slot).linkName : undefined;
  } catch {
    return undefined;
  }
}
