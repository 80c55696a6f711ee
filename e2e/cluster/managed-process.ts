import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './errors.ts';
import { identify, isRunning, OWNER_VARIABLE, type ProcessIdentity, signal } from './process-identity.ts';
import { lastLines } from './run.ts';
import { until } from './wait.ts';

/** A long-running program of a cluster and how to tell that it serves. */
export interface ProcessSpec {
  /** Unique in the cluster: names the record and the log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** For people: shown by `status`. */
  readonly version?: string;
  readonly url?: string;
  /** True when it serves. Throwing means "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to become ready, in milliseconds. */
  readonly readyWithinMs?: number;
}

/** What is on disk about a process that was started. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly version?: string;
  readonly url?: string;
}

const READY_WITHIN_MS = 60_000;

/**
 * Makes sure that the process runs and is ready. One that already runs with the same command is kept, one that runs with
 * another command or does not become ready is replaced. Fails with the last lines of its log.
 */
export async function ensureProcess(dir: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const before = readRecord(dir, spec.name);
  const command = [spec.command, ...spec.args];
  if (before !== undefined && isRunning(before)) {
    const same = JSON.stringify(before.command) === JSON.stringify(command);
    if (same && (await becomesReady(spec, before))) return before;
    await stopProcess(before, 'SIGKILL');
  }
  return startProcess(dir, spec, command);
}

async function startProcess(dir: string, spec: ProcessSpec, command: readonly string[]): Promise<ProcessRecord> {
  const logs = join(dir, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, `${spec.name}.log`);
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const fd = openSync(logFile, 'a');
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? dir,
    env: { ...process.env, ...spec.env, [OWNER_VARIABLE]: dir },
    detached: true,
    stdio: ['ignore', fd, fd],
  });
  closeSync(fd);
  const spawnError = await new Promise<Error | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', resolve);
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  child.unref();
  if (spawnError !== undefined) throw new ClusterError(`cannot start ${spec.name}: ${spawnError.message}`);
  const failure = (outcome: string): string => {
    const said = lastLines(readFileSync(logFile).subarray(logStart).toString());
    return [
      `${spec.name} ${outcome}`,
      '  last lines:',
      ...said.map((line) => `    ${line}`),
      `  full log: ${logFile}`,
    ].join('\n');
  };
  if (identity === undefined) throw new ClusterError(failure('ended at once'));
  const record: ProcessRecord = {
    ...identity,
    name: spec.name,
    command,
    logFile,
    ...(spec.version === undefined ? {} : { version: spec.version }),
    ...(spec.url === undefined ? {} : { url: spec.url }),
  };
  writeRecord(dir, record);
  try {
    await until(spec.isReady, {
      what: `${spec.name} to become ready`,
      timeoutMs: spec.readyWithinMs ?? READY_WITHIN_MS,
      failed: () => (isRunning(record) ? undefined : 'ended before it was ready'),
    });
  } catch (error) {
    await stopProcess(record, 'SIGKILL');
    throw new ClusterError(failure(error instanceof ClusterError ? error.message : String(error)));
  }
  return record;
}

async function becomesReady(spec: ProcessSpec, record: ProcessRecord): Promise<boolean> {
  try {
    await until(spec.isReady, {
      what: spec.name,
      timeoutMs: 10_000,
      failed: () => (isRunning(record) ? undefined : 'ended'),
    });
    return true;
  } catch {
    return false;
  }
}

/** Ends a process and waits until it is gone. After `graceMs` of a polite signal it is killed. */
export async function stopProcess(
  identity: ProcessIdentity,
  name: NodeJS.Signals = 'SIGTERM',
  graceMs = 10_000,
): Promise<void> {
  if (!signal(identity, name)) return;
  const gone = (): boolean => !isRunning(identity);
  try {
    await until(gone, { what: `process ${identity.pid} to end`, timeoutMs: graceMs, intervalMs: 10 });
  } catch {
    signal(identity, 'SIGKILL');
    await until(gone, { what: `process ${identity.pid} to end after SIGKILL`, timeoutMs: 10_000, intervalMs: 10 });
  }
}

/** The records of all processes that were started for a cluster, running or not, by name. */
export function readRecords(dir: string): ProcessRecord[] {
  const folder = join(dir, 'run');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => readRecord(dir, file.slice(0, -'.json'.length)) ?? []);
}

/** The record of one process; undefined if it was never started or the record is damaged. */
export function readRecord(dir: string, name: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(dir, 'run', `${name}.json`), 'utf8')) as ProcessRecord;
    return typeof record.pid === 'number' && Array.isArray(record.command) ? record : undefined;
  } catch {
    return undefined;
  }
}

function writeRecord(dir: string, record: ProcessRecord): void {
  mkdirSync(join(dir, 'run'), { recursive: true });
  const path = join(dir, 'run', `${record.name}.json`);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Forgets a process that was stopped. */
export function removeRecord(dir: string, name: string): void {
  rmSync(join(dir, 'run', `${name}.json`), { force: true });
}
