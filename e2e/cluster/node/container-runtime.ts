import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../build.ts';
import { type ClusterContext, programOf } from '../context.ts';
import { writeConfiguration } from '../files.ts';
import { accepts } from '../http.ts';
import { PAUSE_IMAGE } from '../images/pause-image.ts';
import type { ProcessSpec } from '../managed-process.ts';
import { registryAddress } from './image-registry.ts';
import { cniConfiguration, inNamespace } from './network.ts';

/** The socket at which kubelet reaches containerd. */
export function runtimeSocket(dir: string): string {
  return join(dir, 'containerd', 'containerd.sock');
}

/** Writes what containerd reads: its configuration, where images come from, and the pods' network. */
export function writeRuntimeConfiguration(context: ClusterContext): void {
  const { dir, layout } = context;
  const folder = join(dir, 'containerd');
  const anyRegistry = join(folder, 'registries', '_default');
  linkShim(programPath('containerd-shim-runc-v2', context.folders), join(folder, 'bin'));
  writeConfiguration(join(folder, 'config.toml'), runtimeConfiguration(dir));
  writeConfiguration(join(anyRegistry, 'hosts.toml'), registryHosts(registryAddress(context)));
  const cni = cniConfiguration(context.name, layout.podCidr, join(dir, 'cni-addresses'));
  writeConfiguration(join(dir, 'cni', '10-slipway.conflist'), JSON.stringify(cni, null, 2));
}

/**
 * Makes the shim available under its plain name. A path in the configuration is not enough: containerd, when it was
 * killed and starts again, finds the shims that still run only by their name on the PATH, and loses the others.
 */
function linkShim(shim: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, 'containerd-shim-runc-v2'), { force: true });
  symlinkSync(shim, join(folder, 'containerd-shim-runc-v2'));
}

/** containerd's configuration, with every path inside the cluster's folder. */
export function runtimeConfiguration(dir: string): string {
  const folder = join(dir, 'containerd');
  const text = (value: string): string => JSON.stringify(value);
  return `version = 3
root = ${text(join(folder, 'root'))}
state = ${text(join(folder, 'state'))}
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
address = ${text(runtimeSocket(dir))}

[plugins.'io.containerd.internal.v1.opt']
path = ${text(join(folder, 'opt'))}

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = ${text(PAUSE_IMAGE)}

[plugins.'io.containerd.cri.v1.images'.registry]
config_path = ${text(join(folder, 'registries'))}

[plugins.'io.containerd.cri.v1.runtime']
# Without CAP_SYS_RESOURCE a score below this process's own cannot be set, and every sandbox would fail.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
use_internal_loopback = true
bin_dirs = ["/usr/lib/cni"]
conf_dir = ${text(join(dir, 'cni'))}

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
Root = ${text(join(folder, 'runc'))}
`;
}

/** Every image name, whatever its registry, is looked up in the cluster's own registry: nothing is pulled from outside. */
export function registryHosts(registry: string): string {
  return `server = "http://${registry}"\n\n[host."http://${registry}"]\ncapabilities = ["pull", "resolve"]\n`;
}

/** containerd, in the node's network namespace because it makes the pods' interfaces. */
export function containerdProcess(context: ClusterContext): ProcessSpec {
  const { command, version } = programOf(context, 'containerd');
  return {
    name: 'containerd',
    version,
    env: {
      PATH: `${join(context.dir, 'containerd', 'bin')}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    },
    ...inNamespace(context.dir, command, [`--config=${join(context.dir, 'containerd', 'config.toml')}`]),
    files: [join(context.dir, 'containerd', 'config.toml')],
    isReady: () => accepts(runtimeSocket(context.dir)),
  };
}
