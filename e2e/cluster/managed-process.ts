import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './errors.ts';
import { identify, isRunning, OWNER_VARIABLE, type ProcessIdentity, signal } from './process-identity.ts';
import { type ProcessRecord, readRecord, writeRecord } from './process-record.ts';
import { lastLines } from './run.ts';
import { toolEnvironment } from './tool-environment.ts';
import { until } from './wait.ts';

/** A long-running program of a cluster and how to tell that it serves. */
export interface ProcessSpec {
  /** Unique in the cluster: names the record and the log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Configuration files that it reads once: when one has changed, it is started again. */
  readonly files?: readonly string[];
  /** For people: shown by `status`. */
  readonly version?: string;
  readonly url?: string;
  /** True when it serves. Throwing means "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** How long it may take to become ready, in milliseconds. */
  readonly readyWithinMs?: number;
}

const READY_WITHIN_MS = 60_000;

/**
 * Makes sure that the process runs and is ready. One that already runs with the same command and configuration is kept,
 * one that runs with another or does not become ready is replaced. Fails with the last lines of its log.
 */
export async function ensureProcess(dir: string, spec: ProcessSpec): Promise<ProcessRecord> {
  const before = readRecord(dir, spec.name);
  const fingerprint = fingerprintOf(spec);
  if (before !== undefined && isRunning(before)) {
    if (before.fingerprint === fingerprint && (await becomesReady(spec, before))) return before;
    await stopProcess(before, 'SIGKILL');
  }
  return startProcess(dir, spec, fingerprint);
}

function fingerprintOf(spec: ProcessSpec): string {
  const files = (spec.files ?? []).map((file) => readFileSync(file, 'utf8'));
  const text = JSON.stringify([spec.command, spec.args, spec.env ?? {}, files]);
  return createHash('sha256').update(text).digest('hex');
}

async function startProcess(dir: string, spec: ProcessSpec, fingerprint: string): Promise<ProcessRecord> {
  const logs = join(dir, 'logs');
  mkdirSync(logs, { recursive: true });
  const logFile = join(logs, `${spec.name}.log`);
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const fd = openSync(logFile, 'a');
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd ?? dir,
    env: { ...toolEnvironment(), ...spec.env, [OWNER_VARIABLE]: dir },
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
    command: [spec.command, ...spec.args],
    fingerprint,
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
