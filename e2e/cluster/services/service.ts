import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isPortFree } from '../cluster-record.ts';
import { ClusterError } from '../errors.ts';
import { layoutOf } from '../layout.ts';
import { withLock } from '../lock.ts';
import { ensureProcess, type ProcessSpec, stopProcess } from '../managed-process.ts';
import { removeRecord } from '../process-record.ts';

/** A helper program beside a cluster. It is recorded in the cluster's folder, so `down` of the cluster ends it, too. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  /** Ends it and forgets it. What it stored stays in the folder. */
  stop(): Promise<void>;
}

/** Starts a helper program, or finds it running with the same command, and waits until it serves. */
export async function startService(stateDir: string, spec: ProcessSpec & { readonly url: string }): Promise<Service> {
  const record = await ensureProcess(stateDir, spec);
  return {
    url: spec.url,
    pid: record.pid,
    stop: async () => {
      await stopProcess(record);
      removeRecord(stateDir, spec.name);
    },
  };
}

/**
 * The port of a helper: the wanted one, else the one it had before, else a free one of the cluster's range (of the whole
 * machine, if the folder is not a cluster's). Written down, so that a helper that is started again is found where it was.
 */
export function choosePort(stateDir: string, name: string, wanted?: number): Promise<number> {
  return withLock(`ports ${stateDir}`, async () => {
    mkdirSync(stateDir, { recursive: true });
    const file = join(stateDir, 'ports.json');
    const ports = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>) : {};
    const port = wanted ?? ports[name] ?? (await freePort(stateDir, new Set(Object.values(ports))));
    writeFileSync(`${file}.new`, JSON.stringify({ ...ports, [name]: port }));
    renameSync(`${file}.new`, file);
    return port;
  });
}

async function freePort(stateDir: string, taken: ReadonlySet<number>): Promise<number> {
  const record = join(stateDir, 'cluster.json');
  if (!existsSync(record)) return anyFreePort();
  const { slot } = JSON.parse(readFileSync(record, 'utf8')) as { slot: number };
  for (const port of layoutOf(slot).helperPorts) if (!taken.has(port) && (await isPortFree(port))) return port;
  throw new ClusterError(`every port for helpers of the cluster in ${stateDir} is taken`);
}

function anyFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(address)));
    });
  });
}
