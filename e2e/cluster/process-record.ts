import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** What is on disk about a process that was started. */
export interface ProcessRecord extends ProcessIdentity {
  readonly name: string;
  readonly command: readonly string[];
  /** Digest of what it was started with: command, environment, configuration. */
  readonly fingerprint: string;
  readonly logFile: string;
  readonly version?: string;
  readonly url?: string;
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

/** Remembers a process that was started. */
export function writeRecord(dir: string, record: ProcessRecord): void {
  mkdirSync(join(dir, 'run'), { recursive: true });
  const path = join(dir, 'run', `${record.name}.json`);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Forgets a process that was stopped. */
export function removeRecord(dir: string, name: string): void {
  rmSync(join(dir, 'run', `${name}.json`), { force: true });
}
