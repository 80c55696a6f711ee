import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

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

/** Measures a process for a while. The span is what is measured, not a wait for something. */
export async function measureCost(
  pid: number,
  user: string,
  auditLog: string | undefined,
  seconds: number,
): Promise<Cost> {
  const skip = auditLog === undefined ? 0 : readFileSync(auditLog).length;
  const [ticks, started] = [cpuTicks(pid), performance.now()];
  await delay(seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const cpuPercent = (100 * (cpuTicks(pid) - ticks)) / TICKS / elapsed;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string): number => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  const requests =
    auditLog === undefined ? undefined : countRequests(readFileSync(auditLog).subarray(skip).toString(), user, elapsed);
  return { seconds: Math.round(elapsed), rssMb: mib('VmRSS'), peakRssMb: mib('VmHWM'), cpuPercent, requests };
}

/** Processor time of a process in ticks, all threads, user and system. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces. After it utime is the 12th field and stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Requests per minute of one user in a piece of an audit log (one JSON object per line), the most frequent first. */
export function countRequests(log: string, user: string, seconds: number): { what: string; perMinute: number }[] {
  const counts = new Map<string, number>();
  for (const line of log.split('\n')) {
    const event = parseEvent(line);
    if (event?.user?.username !== user) continue;
    const what = `${event.verb} ${event.objectRef?.resource ?? event.requestURI?.split('?')[0]}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts]
    .map(([what, count]) => ({ what, perMinute: Math.round((600 * count) / seconds) / 10 }))
    .sort((a, b) => b.perMinute - a.perMinute);
}

interface AuditEvent {
  user?: { username?: string };
  verb?: string;
  requestURI?: string;
  objectRef?: { resource?: string };
}

function parseEvent(line: string): AuditEvent | undefined {
  try {
    return JSON.parse(line) as AuditEvent;
  } catch {
    // The last line may be half written.
    return undefined;
  }
}
