import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterContext } from '../context.ts';
import { run } from '../run.ts';

/** The file that the node's network namespace is mounted on. */
export function namespaceFile(dir: string): string {
  return join(dir, 'netns');
}

/** Turns a command into one that runs in the node's network namespace, under the same pid. */
export function inNamespace(
  dir: string,
  command: string,
  args: readonly string[],
): { command: string; args: string[] } {
  return { command: '/usr/bin/nsenter', args: [`--net=${namespaceFile(dir)}`, '--', command, ...args] };
}

/**
 * Gives the node a network of its own: a namespace, joined to this machine by a pair of interfaces, with routes to its
 * pods and Services. So kube-proxy's nftables tables, the pods' interfaces and IP forwarding are the namespace's and not
 * this machine's, several nodes do not meet, and all of it goes when the namespace goes.
 */
export async function ensureNetwork(context: ClusterContext): Promise<void> {
  const { dir, layout } = context;
  const file = namespaceFile(dir);
  if (!isMounted(file)) {
    // A link that is left of an earlier namespace leads nowhere.
    await removeLink(layout.linkName);
    writeFileSync(file, '');
    await run('unshare', [`--net=${file}`, 'true'], { purpose: "making the node's network namespace" });
  }
  const { linkName, hostAddress, nodeAddress, linkPrefixLength } = layout;
  if (!hasLink(linkName)) {
    await run('ip', ['link', 'add', linkName, 'type', 'veth', 'peer', 'name', 'uplink', 'netns', file]);
  }
  const inside = (...args: string[]): Promise<string> => run('nsenter', [`--net=${file}`, '--', ...args]);
  await run('ip', ['address', 'replace', `${hostAddress}/${linkPrefixLength}`, 'dev', linkName]);
  await run('ip', ['link', 'set', linkName, 'up']);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'address', 'replace', `${nodeAddress}/${linkPrefixLength}`, 'dev', 'uplink');
  await inside('ip', 'link', 'set', 'uplink', 'up');
  await inside('ip', 'route', 'replace', 'default', 'via', hostAddress);
  await inside('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  for (const cidr of [layout.podCidr, layout.serviceCidr]) {
    await run('ip', ['route', 'replace', cidr, 'via', nodeAddress, 'dev', linkName]);
  }
}

/** Removes this machine's end of a link, and with it the other end and the routes. */
export async function removeLink(linkName: string): Promise<void> {
  if (!hasLink(linkName)) return;
  try {
    await run('ip', ['link', 'delete', linkName]);
  } catch (error) {
    // The kernel removes it by itself when the namespace at its other end has gone, and may just have done so.
    if (hasLink(linkName)) throw error;
  }
}

/** The CNI configuration: every pod has a link of its own to the node, which routes. Nothing leaves this machine. */
export function cniConfiguration(name: string, podCidr: string, dataDir: string): unknown {
  return {
    cniVersion: '1.0.0',
    name: `slipway-${name}`,
    plugins: [
      {
        // As a bridge would, but replies to a pod's request to a Service of the same node also pass the node's
        // connection tracking, whether or not this kernel filters bridged packets.
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir,
          ranges: [[{ subnet: podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  };
}

function hasLink(linkName: string): boolean {
  const lines = readFileSync('/proc/net/dev', 'utf8').split('\n');
  return lines.some((line) => line.trim().startsWith(`${linkName}:`));
}

/** The mount points at or below a path, deepest first. */
export function mountsBelow(path: string, mountInfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): string[] {
  return mountInfo
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point === path || point.startsWith(`${path}/`))
    .reverse();
}

function isMounted(path: string): boolean {
  return mountsBelow(path).includes(path);
}

/** The kernel writes spaces and other special characters as octal escapes. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
