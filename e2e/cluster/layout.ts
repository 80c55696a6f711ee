import { createHash } from 'node:crypto';
import { ClusterError } from './errors.ts';

/** `api`: API server and its controllers. `node`: plus a real node. `kwok`: plus a scheduler and simulated nodes. */
export type Profile = 'api' | 'node' | 'kwok';

/** All profiles. */
export const PROFILES: readonly Profile[] = ['api', 'node', 'kwok'];

/** How many clusters fit on one machine. */
export const SLOTS = 250;

const FIRST_PORT = 20_000;
const PORTS_PER_SLOT = 40;
const FIXED_PORTS = ['apiServer', 'etcd', 'etcdPeer', 'controllerManager', 'scheduler', 'registry', 'kwok'] as const;

/** Ports and networks of one cluster. All follow from its slot, so that clusters cannot collide. */
export interface Layout {
  readonly slot: number;
  readonly ports: Readonly<Record<(typeof FIXED_PORTS)[number], number>>;
  /** Ports that helpers such as Prometheus take, in order. */
  readonly helperPorts: readonly number[];
  /** Cluster IPs of Services. */
  readonly serviceCidr: string;
  /** The Service `kubernetes`: the first address of `serviceCidr`. */
  readonly kubernetesServiceAddress: string;
  /** Addresses of pods. */
  readonly podCidr: string;
  /** This machine's end of the link to the node: where pods reach what runs on this machine. */
  readonly hostAddress: string;
  /** The node's end of that link, its InternalIP. */
  readonly nodeAddress: string;
  readonly linkPrefixLength: number;
  /** Name of the link's interface on this machine. */
  readonly linkName: string;
}

/** The ports and networks of a slot: ports from 20000 (below the ephemeral range), networks from 10.96/12 to 10.113/16. */
export function layoutOf(slot: number): Layout {
  const base = FIRST_PORT + slot * PORTS_PER_SLOT;
  const ports = Object.fromEntries(FIXED_PORTS.map((name, index) => [name, base + index])) as Layout['ports'];
  const services = `10.${96 + (slot >> 4)}.${(slot & 15) << 4}`;
  return {
    slot,
    ports,
    helperPorts: Array.from(
      { length: PORTS_PER_SLOT - FIXED_PORTS.length },
      (_, index) => base + FIXED_PORTS.length + index,
    ),
    serviceCidr: `${services}.0/20`,
    kubernetesServiceAddress: `${services}.1`,
    podCidr: `10.112.${slot}.0/24`,
    hostAddress: `10.113.${slot}.1`,
    nodeAddress: `10.113.${slot}.2`,
    linkPrefixLength: 30,
    linkName: `slipway${slot}`,
  };
}

/** The slot that a name prefers, so that a cluster usually gets the same ports again. */
export function preferredSlot(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % SLOTS;
}

/** The first slot from the preferred one on that `isFree` accepts. */
export async function chooseSlot(name: string, isFree: (slot: number) => Promise<boolean>): Promise<number> {
  const first = preferredSlot(name);
  for (let step = 0; step < SLOTS; step++) {
    const slot = (first + step) % SLOTS;
    if (await isFree(slot)) return slot;
  }
  throw new ClusterError(`all ${SLOTS} slots for clusters are taken; see \`npm run cluster -- status\``);
}

/** A name becomes part of folders, sockets (108 bytes at most), cgroups and the node's name. */
export function checkName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) return name;
  throw new ClusterError(`"${name}" is no cluster name: use 1 to 20 lower-case letters, digits and inner dashes`);
}
