import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { countRequests } from '../cluster/audit.ts';

/** What a process costs over a span without work. */
export interface Cost {
  readonly seconds: number;
  /** Resident memory in MiB at the end, and the most it ever had. */
  readonly rssMb: number;
  readonly peakRssMb: number;
  /** Percent of one core. */
  readonly cpuPercent: number;
  /** Requests to the API server per minute by verb and resource; undefined when there is no audit log to count in. */
  readonly requests: readonly { readonly what: string; readonly perMinute: number }[] | undefined;
}

/** Clock ticks per second in /proc; fixed by Linux for user space. */
const TICKS = 100;

/**
 * Measures a process for a while. The span is what is measured, not a wait for something.
 *
 * @param user name by which the API server knows the process
 * @param auditDir folder with the API server's audit log; undefined when there is none
 */
export async function measureCost(
  pid: number,
  user: string,
  auditDir: string | undefined,
  seconds: number,
): Promise<Cost> {
  const [ticks, started, since] = [cpuTicks(pid), performance.now(), Date.now()];
  await delay(seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const cpuPercent = (100 * (cpuTicks(pid) - ticks)) / TICKS / elapsed;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string): number => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const counts = auditDir === undefined ? undefined : await countRequests(auditDir, { since, user });
  const requests = counts?.map(({ verb, resource, count }) => ({
    what: `${verb} ${resource}`,
    perMinute: Math.round((600 * count) / elapsed) / 10,
  }));
  return { seconds: Math.round(elapsed), rssMb: mib('VmRSS'), peakRssMb: mib('VmHWM'), cpuPercent, requests };
}

/** Processor time of a process in ticks, all threads, user and system. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces. After it utime is the 12th field and stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
