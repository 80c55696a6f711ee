import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { accepts } from '../http.ts';
import { identify, type ProcessIdentity, readIfThere, runningPids } from '../process-identity.ts';
import { run } from '../run.ts';
import { until } from '../wait.ts';
import { mountsBelow, removeLink } from './network.ts';

/** The name by which containerd's clients tell Kubernetes' containers from others, and the parent of their cgroups. */
const CONTAINERD_NAMESPACE = 'k8s.io';
const CGROUPS = '/sys/fs/cgroup';
const SHIM_SOCKETS = '/run/containerd/s';
const DEVICE_PLUGIN_SOCKET = '/var/lib/kubelet/device-plugins/kubelet.sock';
const CNI_RESULTS = '/var/lib/cni/results';
const CONTAINER_LOGS = '/var/log/containers';

/** The folders that containerd keeps about running containers, named by their ids. */
function tasksOf(dir: string): string[] {
  return children(join(dir, 'containerd', 'state', 'io.containerd.runtime.v2.task', CONTAINERD_NAMESPACE));
}

/**
 * The processes in the cluster's containers, told by where their root file system is stored. They do not carry the mark
 * that the cluster's own processes carry, and containerd may have lost sight of some.
 */
export function containerProcesses(dir: string): ProcessIdentity[] {
  return runningPids().flatMap((pid) => {
    const mounts = readIfThere(`/proc/${pid}/mountinfo`);
    return isContainerOf(dir, mounts) ? (identify(pid) ?? []) : [];
  });
}

/** Whether a process with these mounts (the text of /proc/PID/mountinfo) is in a container of the cluster. */
export function isContainerOf(dir: string, mountInfo: string): boolean {
  const root = mountInfo.split('\n').find((line) => line.split(' ')[4] === '/');
  return root?.includes(`upperdir=${dir}/containerd/`) ?? false;
}

/** The control groups of containers: one per hierarchy and container with cgroup v1, one per container with v2. */
function cgroupsOf(containers: Iterable<string>): string[] {
  const parents = [CGROUPS, ...children(CGROUPS)].map((hierarchy) => join(hierarchy, CONTAINERD_NAMESPACE));
  return [...containers]
    .flatMap((container) => parents.map((parent) => join(parent, container)))
    .filter((path) => existsSync(path));
}

/** The ids of the cluster's containers: those that containerd knows, and those of processes that it does not. */
export function containersOf(dir: string): Set<string> {
  const lost = containerProcesses(dir).flatMap(({ pid }) => {
    const path = new RegExp(`/${CONTAINERD_NAMESPACE}/([0-9a-f]{64})`).exec(readIfThere(`/proc/${pid}/cgroup`));
    return path?.[1] ?? [];
  });
  return new Set([...tasksOf(dir).map((task) => basename(task)), ...lost]);
}

/** Whose leftovers to remove. */
export interface NodeLeftovers {
  readonly name: string;
  readonly dir: string;
  readonly linkName: string | undefined;
  /** Ids of its containers, from before their processes were killed. */
  readonly containers: ReadonlySet<string>;
}

/** Removes what a node leaves outside its cluster's folder, and the mounts inside, once its processes are gone. */
export async function removeNodeLeftovers(leftovers: NodeLeftovers): Promise<void> {
  const { name, dir, linkName, containers } = leftovers;
  for (const group of cgroupsOf(containers).flatMap(tree).reverse()) {
    await removeCgroup(group);
    removeIfEmpty(dirname(group));
  }
  removeShimSockets(dir);
  if (linkName !== undefined) await removeLink(linkName);
  await unmountBelow(dir);
  removeContainerLogLinks(dir);
  removeCniResults(name);
  await removeDevicePluginSocket();
}

/** A cgroup stays busy for a moment after its last process was killed. */
function removeCgroup(group: string): Promise<boolean> {
  return until(
    () => {
      if (existsSync(group)) rmdirSync(group);
      return true;
    },
    { what: `control group ${group} to be empty`, timeoutMs: 10_000, intervalMs: 10 },
  );
}

/** Deepest first. One that is gone in the meantime is no failure: some go with the namespace or process that held them. */
async function unmountBelow(dir: string): Promise<void> {
  for (const point of mountsBelow(dir)) {
    try {
      await run('umount', ['--lazy', point], { purpose: `unmounting ${point}` });
    } catch (error) {
      if (mountsBelow(dir).includes(point)) throw error;
    }
  }
}

/** Shims listen in a folder of their own, one socket per pod. */
function removeShimSockets(dir: string): void {
  for (const task of tasksOf(dir)) {
    const file = join(task, 'bootstrap.json');
    if (!existsSync(file)) continue;
    const { address } = JSON.parse(readFileSync(file, 'utf8')) as { address?: string };
    if (address?.startsWith(`unix://${SHIM_SOCKETS}/`)) rmSync(address.slice('unix://'.length), { force: true });
  }
  removeIfEmpty(SHIM_SOCKETS);
  removeIfEmpty(dirname(SHIM_SOCKETS));
}

/** kubelet's socket for device plugins has a fixed place, too. Another node's kubelet may have taken it over. */
async function removeDevicePluginSocket(): Promise<void> {
  if (!(await accepts(DEVICE_PLUGIN_SOCKET))) rmSync(DEVICE_PLUGIN_SOCKET, { force: true });
  removeIfEmpty(dirname(DEVICE_PLUGIN_SOCKET));
  removeIfEmpty(dirname(dirname(DEVICE_PLUGIN_SOCKET)));
}

/** kubelet links the log of every container into a folder whose place cannot be changed. */
function removeContainerLogLinks(dir: string): void {
  for (const path of children(CONTAINER_LOGS)) {
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(`${dir}/`)) rmSync(path);
  }
  removeIfEmpty(CONTAINER_LOGS);
}

/** Nor can the place where the CNI library keeps results: `<network>-<container>-<interface>`. */
function removeCniResults(name: string): void {
  const ours = new RegExp(`^slipway-${name}-[0-9a-f]{64}-`);
  for (const path of children(CNI_RESULTS)) if (ours.test(basename(path))) rmSync(path);
  removeIfEmpty(CNI_RESULTS);
  removeIfEmpty(dirname(CNI_RESULTS));
}

/** Removes a folder that other clusters share unless it still holds something. (A cgroup's own files do not count.) */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not there, or not empty.
  }
}

/** A folder of a control group hierarchy and all below it, parents first. */
function tree(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [folder, ...below.flatMap((entry) => tree(join(folder, entry.name)))];
}

function children(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((entry) => join(folder, entry)) : [];
}
