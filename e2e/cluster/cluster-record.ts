import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from './errors.ts';
import type { Folders } from './folders.ts';
import { checkName, chooseSlot, type Layout, layoutOf, PROFILES, type Profile } from './layout.ts';
import { withLock } from './lock.ts';

/** What is remembered about a cluster from its first `up` to its `down`. */
export interface ClusterRecord {
  readonly name: string;
  readonly profile: Profile;
  readonly slot: number;
}

/** Where a cluster keeps everything it writes. */
export function clusterDir(name: string, folders: Folders): string {
  const dir = join(folders.clusters, checkName(name));
  // The longest socket below it is containerd's, and a Unix socket's path has 108 bytes at most.
  if (Buffer.byteLength(dir) > 70) {
    throw new ClusterError(`the folder ${dir} is too long for Unix sockets: set SLIPWAY_STATE to a shorter one`);
  }
  return dir;
}

/** Reads a cluster's record; undefined if there is no such cluster. */
export function readCluster(name: string, folders: Folders): ClusterRecord | undefined {
  const path = join(clusterDir(name, folders), 'cluster.json');
  if (!existsSync(path)) return undefined;
  const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<ClusterRecord>;
  if (typeof record.slot === 'number' && PROFILES.includes(record.profile as Profile)) return record as ClusterRecord;
  throw new ClusterError(`${path} is damaged; \`npm run cluster -- down --name ${name}\` removes the cluster`);
}

/** The names of all clusters that have a folder. */
export function clusterNames(folders: Folders): string[] {
  return existsSync(folders.clusters) ? readdirSync(folders.clusters).sort() : [];
}

/**
 * Finds the record of a cluster or makes one in a free slot. Under one lock, so that two clusters that start at the same
 * moment do not choose the same ports.
 */
export function claimCluster(name: string, profile: Profile, folders: Folders): Promise<ClusterRecord> {
  return withLock(`slots ${folders.clusters}`, async () => {
    const existing = readCluster(name, folders);
    if (existing !== undefined) {
      if (existing.profile === profile) return existing;
      throw new ClusterError(
        `cluster ${name} exists with profile ${existing.profile}: take another --name, or \`down --name ${name}\` first`,
      );
    }
    const taken = new Set(clusterNames(folders).flatMap((other) => slotOf(other, folders) ?? []));
    const slot = await chooseSlot(
      name,
      async (candidate) => !taken.has(candidate) && (await isFree(layoutOf(candidate))),
    );
    const record: ClusterRecord = { name, profile, slot };
    const dir = clusterDir(name, folders);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, 'cluster.json.new'), `${JSON.stringify(record)}\n`);
    renameSync(join(dir, 'cluster.json.new'), join(dir, 'cluster.json'));
    return record;
  });
}

function slotOf(name: string, folders: Folders): number | undefined {
  try {
    return readCluster(name, folders)?.slot;
  } catch {
    return undefined;
  }
}

/** Whether nobody else on this machine uses the ports and networks, e.g. clusters of another user. */
async function isFree(layout: Layout): Promise<boolean> {
  const prefixes = [layout.podCidr, `${layout.hostAddress}/`].map((cidr) => cidr.slice(0, cidr.lastIndexOf('.') + 1));
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
  if (addresses.some((address) => prefixes.some((prefix) => address.startsWith(prefix)))) return false;
  const ports = await Promise.all(Object.values(layout.ports).map((port) => isPortFree(port)));
  return ports.every(Boolean);
}

/** Whether a server could listen on a port of all addresses now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
