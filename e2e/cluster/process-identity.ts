import { readdirSync, readFileSync } from 'node:fs';

/**
 * Says which process is meant. A pid alone does not: it is given to another process after the first one died. The start
 * time (clock ticks since boot) together with the boot's id tells them apart.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/** The environment variable by which a cluster's processes are found again even if no record of them was written. */
export const OWNER_VARIABLE = 'SLIPWAY_CLUSTER_DIR';

/** Identifies a running process; undefined if there is none, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const startTime = stat === '' ? undefined : startTimeOf(stat);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

/** Whether exactly this process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
}

/** Field 22 of /proc/PID/stat, or undefined for a zombie. Field 2, the name, may itself hold spaces and parentheses. */
export function startTimeOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** Every running process that was started for the cluster in `dir`, or descends from one and kept its environment. */
export function ownedBy(dir: string): ProcessIdentity[] {
  const marker = `${OWNER_VARIABLE}=${dir}`;
  return runningPids()
    .filter((pid) => readIfThere(`/proc/${pid}/environ`).split('\0').includes(marker))
    .flatMap((pid) => identify(pid) ?? []);
}

/** The pids of all processes of this machine. */
export function runningPids(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** Sends a signal to exactly this process. Returns false when it is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, name);
  } catch {
    return false;
  }
}

let cachedBootId: string | undefined;

function bootId(): string {
  cachedBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return cachedBootId;
}

/** The text of a file; empty if it went away, as files of processes do, or may not be read. */
export function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
