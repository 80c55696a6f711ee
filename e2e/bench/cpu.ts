import { readFileSync } from 'node:fs';
import { readRecord } from '../cluster/process-record.ts';

/** Clock ticks per second in /proc; fixed by Linux for user space. */
const TICKS = 100;

/** Processor time of all threads of a process so far, user and system, in seconds; with that of children it has waited for. */
export function cpuSeconds(pid: number, withChildren = false): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold spaces. After it utime is the 12th field, then come stime, cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = Number(fields[11]) + Number(fields[12]);
  return (withChildren ? own + Number(fields[13]) + Number(fields[14]) : own) / TICKS;
}

const OTHERS = ['kube-apiserver', 'etcd', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

/** Processor time so far of what shares the machine with the controller: its cluster, and the benchmark with its Git server. */
export function othersCpu(stateDir: string): Record<string, number> {
  const used: Record<string, number> = {};
  for (const name of OTHERS) {
    const record = readRecord(stateDir, name);
    if (record !== undefined) used[name] = cpuSeconds(record.pid);
  }
  used['benchmark'] = cpuSeconds(process.pid, true);
  return used;
}
