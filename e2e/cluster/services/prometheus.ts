import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ClusterError } from '../errors.ts';
import { folders as defaultFolders } from '../folders.ts';
import { http, isHealthy } from '../http.ts';
import { ensureUnpacked } from '../packages.ts';
import { choosePort, type Service, startService } from './service.ts';

/** How to run Prometheus. */
export interface PrometheusOptions {
  readonly stateDir: string;
  /** prometheus.yml as data: `global`, `scrape_configs`, … */
  readonly config: unknown;
  readonly port?: number;
  readonly onProgress?: (line: string) => void;
}

/** A running Prometheus. */
export interface Prometheus extends Service {
  /** Replaces the configuration; resolves when it is in force. */
  reload(config: unknown): Promise<void>;
}

/** Starts Prometheus (of Debian) on 127.0.0.1. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { stateDir } = options;
  const unpacked = await ensureUnpacked('prometheus', defaultFolders(), options.onProgress ?? (() => undefined));
  const port = await choosePort(stateDir, 'prometheus', options.port);
  const folder = join(stateDir, 'prometheus');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, stringify(options.config));
  const url = `http://127.0.0.1:${port}`;
  const service = await startService(stateDir, {
    name: 'prometheus',
    command: join(unpacked, 'usr', 'bin', 'prometheus'),
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      '--log.level=warn',
    ],
    url,
    isReady: () => isHealthy(`${url}/-/ready`),
  });
  const reload = async (config: unknown): Promise<void> => {
    writeFileSync(file, stringify(config));
    const { status, body } = await http(`${url}/-/reload`, { method: 'POST' });
    if (status !== 200) throw new ClusterError(`Prometheus refused its configuration: ${body.toString().trim()}`);
  };
  // One that was found running has read the configuration of before.
  await reload(options.config);
  return { ...service, reload };
}
