import { clusterDir, readCluster } from './cluster-record.ts';
import { type ClusterContext, serverUrl } from './context.ts';
import { describe } from './errors.ts';
import type { Folders } from './folders.ts';
import { layoutOf } from './layout.ts';
import { isRunning } from './process-identity.ts';
import { type ProcessRecord, readRecord, readRecords } from './process-record.ts';
import { processesOf } from './processes.ts';

/** What became of one process. */
export interface ProcessStatus {
  readonly name: string;
  /** `running`: it runs, and nobody knows how to ask whether it serves (helpers). */
  readonly state: 'healthy' | 'unhealthy' | 'running' | 'dead' | 'never started';
  readonly pid?: number;
  readonly version?: string;
  readonly url?: string;
}

/** What became of a cluster. */
export interface ClusterStatus {
  readonly name: string;
  readonly profile: string;
  readonly server: string;
  readonly processes: readonly ProcessStatus[];
  /** Set if the record of the cluster cannot be read. */
  readonly problem?: string;
}

/** Looks at a cluster: what should run, what runs, what answers. Undefined if there is none of the name. */
export async function clusterStatus(name: string, folders: Folders): Promise<ClusterStatus | undefined> {
  let record: ReturnType<typeof readCluster>;
  try {
    record = readCluster(name, folders);
  } catch (error) {
    return { name, profile: '?', server: '?', processes: [], problem: describe(error) };
  }
  if (record === undefined) return undefined;
  const dir = clusterDir(name, folders);
  const context: ClusterContext = {
    ...record,
    dir,
    folders,
    layout: layoutOf(record.slot),
    onProgress: () => undefined,
  };
  const specs = processesOf(context);
  const own = await Promise.all(
    specs.map(async (spec) => {
      const process = readRecord(dir, spec.name);
      if (process === undefined) return { name: spec.name, state: 'never started' } as const;
      if (!isRunning(process)) return view(process, 'dead');
      return view(process, (await spec.isReady().catch(() => false)) ? 'healthy' : 'unhealthy');
    }),
  );
  const names = new Set(specs.map((spec) => spec.name));
  const helpers = readRecords(dir).filter((process) => !names.has(process.name));
  const rest = helpers.map((process) => view(process, isRunning(process) ? 'running' : 'dead'));
  return { name, profile: record.profile, server: serverUrl(context), processes: [...own, ...rest] };
}

/** Whether everything that should run does. */
export function isUp(status: ClusterStatus): boolean {
  return (
    status.problem === undefined && status.processes.every(({ state }) => state === 'healthy' || state === 'running')
  );
}

/** A cluster's status as a table. */
export function renderStatus(status: ClusterStatus): string {
  const rows = status.processes.map(({ name, state, pid, version, url }) => [
    name,
    state,
    pid === undefined ? '' : String(pid),
    version ?? '',
    url ?? '',
  ]);
  const all = [['PROCESS', 'STATE', 'PID', 'VERSION', 'URL'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  const head = `cluster ${status.name} (${status.profile}) ${status.problem ?? (isUp(status) ? 'is up' : 'is not whole')}`;
  return [`${head}: ${status.server}`, ...lines].join('\n');
}

function view(record: ProcessRecord, state: ProcessStatus['state']): ProcessStatus {
  const { name, pid, version, url } = record;
  return {
    name,
    state,
    ...(state === 'dead' ? {} : { pid }),
    ...(version === undefined ? {} : { version }),
    ...(url === undefined ? {} : { url }),
  };
}
