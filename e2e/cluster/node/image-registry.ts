import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ClusterContext } from '../context.ts';
import { isHealthy } from '../http.ts';
import type { ProcessSpec } from '../managed-process.ts';
import { ensureUnpacked } from '../packages.ts';

/**
 * The cluster's image registry, the only place its node pulls from. It listens on this machine's end of the link to the
 * node, which nothing but the node is connected to, so it asks nobody for a password.
 */
export async function imageRegistryProcess(context: ClusterContext): Promise<ProcessSpec> {
  const { dir, layout, folders, onProgress } = context;
  const unpacked = await ensureUnpacked('docker-registry', folders, onProgress);
  const address = `${layout.hostAddress}:${layout.ports.registry}`;
  const configuration = join(dir, 'registry.yaml');
  writeFileSync(
    configuration,
    stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(dir, 'registry') }, delete: { enabled: true } },
      http: { addr: address },
    }),
  );
  return {
    name: 'image-registry',
    command: join(unpacked, 'usr', 'bin', 'docker-registry'),
    args: ['serve', configuration],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    url: `http://${address}`,
    isReady: () => isHealthy(`http://${address}/v2/`),
  };
}
