import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from './layout.ts';
import { readIfThere, runningPids } from './process-identity.ts';
import { run } from './run.ts';

/**
 * Finds what a cluster has on this machine, one line per thing, to show that `down` leaves nothing. Looks in its own way
 * and not with the functions of `down`, which it is there to check. Make it while the cluster is up: what is outside the
 * cluster's folder can be recognised as the cluster's only then.
 */
export function tracesOf(dir: string, name: string): { find(): Promise<string[]> } {
  const { slot } = JSON.parse(readFileSync(join(dir, 'cluster.json'), 'utf8')) as { slot: number };
  const { linkName } = layoutOf(slot);
  const taskFolder = join(dir, 'containerd/state/io.containerd.runtime.v2.task/k8s.io');
  const tasks = list(taskFolder);
  const sockets = tasks.map((task) => shimSocket(join(taskFolder, task)));
  const networks = new Set(tasks.flatMap((task) => networkOf(join(taskFolder, task))));
  return {
    find: async () => [
      ...runningPids().flatMap((pid) => {
        const text = readIfThere(`/proc/${pid}/cmdline`) + readIfThere(`/proc/${pid}/environ`);
        const isIts = text.includes(`${dir}/`) || text.includes(`=${dir}\0`) || networks.has(namespaceOf(pid));
        return isIts && pid !== process.pid ? [`process ${pid}`] : [];
      }),
      ...lines(readIfThere('/proc/self/mountinfo'), `${dir}/`).map((line) => `mount ${line.split(' ')[4]}`),
      ...lines(await run('ip', ['-o', 'link']), `${linkName}@`).map((line) => `link ${line}`),
      ...lines(await run('ip', ['route']), `dev ${linkName} `).map((line) => `route ${line}`),
      ...lines(await run('nft', ['list', 'tables']), 'kube-proxy').map((line) => `nftables ${line}`),
      ...list('/run/netns').map((file) => `netns ${file}`),
      ...list('/sys/fs/cgroup').flatMap((hierarchy) =>
        tasks
          .map((task) => join('/sys/fs/cgroup', hierarchy, 'k8s.io', task))
          .filter((path) => existsSync(path))
          .map((path) => `cgroup ${path}`),
      ),
      ...list('/var/lib/cni/results').flatMap((file) =>
        file.startsWith(`slipway-${name}-`) ? [`cni-result ${file}`] : [],
      ),
      ...list('/var/log/containers').flatMap((file) => {
        const path = join('/var/log/containers', file);
        return lstatSync(path).isSymbolicLink() && readlinkSync(path).startsWith(`${dir}/`)
          ? [`container-log ${file}`]
          : [];
      }),
      ...sockets.filter((path) => existsSync(path)).map((path) => `shim-socket ${path}`),
      ...(existsSync(dir) ? [`folder ${dir}`] : []),
    ],
  };
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function lines(text: string, part: string): string[] {
  return text.split('\n').filter((line) => line.includes(part));
}

function shimSocket(task: string): string {
  const { address } = JSON.parse(readFileSync(join(task, 'bootstrap.json'), 'utf8')) as { address: string };
  return address.replace('unix://', '');
}

function networkOf(task: string): string[] {
  const pid = readIfThere(join(task, 'init.pid'));
  return pid === '' ? [] : [namespaceOf(Number(pid))];
}

/** The network namespace of a process, as `net:[4026532000]`. */
function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return '';
  }
}
