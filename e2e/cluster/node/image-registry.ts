import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ClusterContext } from '../context.ts';
import { writeConfiguration } from '../files.ts';
import { isHealthy } from '../http.ts';
import type { ProcessSpec } from '../managed-process.ts';
import { unpackedFolder } from '../packages.ts';

/** The Debian package that it comes from. */
export const REGISTRY_PACKAGE = 'docker-registry';

/**
 * The cluster's image registry, the only place its node pulls from. It listens on this machine's end of the link to the
 * node, which nothing but the node is connected to, so it asks nobody for a password.
 */
export function imageRegistryProcess(context: ClusterContext): ProcessSpec {
  const address = registryAddress(context);
  return {
    name: 'image-registry',
    command: join(unpackedFolder(REGISTRY_PACKAGE, context.folders), 'usr', 'bin', 'docker-registry'),
    args: ['serve', configurationFile(context)],
    files: [configurationFile(context)],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    url: `http://${address}`,
    isReady: () => isHealthy(`http://${address}/v2/`),
  };
}

/** `host:port` of the registry. */
export function registryAddress({ layout }: Pick<ClusterContext, 'layout'>): string {
  return `${layout.hostAddress}:${layout.ports.registry}`;
}

/** Writes what the registry reads. */
export function writeRegistryConfiguration(context: ClusterContext): void {
  const { dir } = context;
  writeConfiguration(
    configurationFile(context),
    stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(dir, 'registry') }, delete: { enabled: true } },
      http: { addr: registryAddress(context) },
    }),
  );
}

function configurationFile({ dir }: Pick<ClusterContext, 'dir'>): string {
  return join(dir, 'registry.yaml');
}
