import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './build.ts';
import { type Folders, programsFolder } from './folders.ts';
import { withLock } from './lock.ts';
import { goEnvironment } from './programs.ts';
import { run } from './run.ts';

/** Files that come with a Go module and are read, not compiled. */
interface Asset {
  readonly version: string;
  /** Folder below `programs/` whose go.mod pins the module. */
  readonly module: string;
  /** As of programs: the version of Go that the module asks for. */
  readonly toolchain?: string;
  readonly path: string;
  /** Files and folders of the module that are wanted. */
  readonly files: readonly string[];
}

/** All assets; versions as in the go.mod of each. */
export const ASSETS = {
  'gateway-api': {
    version: '1.4.1',
    module: 'gateway-api',
    path: 'sigs.k8s.io/gateway-api',
    files: ['config/crd/standard'],
  },
  'kwok-stages': {
    version: '0.8.0',
    module: 'kwok',
    path: 'sigs.k8s.io/kwok',
    files: [
      'kustomize/stage/node/fast/node-initialize.yaml',
      'kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
      'kustomize/stage/pod/fast/pod-ready.yaml',
      'kustomize/stage/pod/fast/pod-complete.yaml',
      'kustomize/stage/pod/fast/pod-delete.yaml',
    ],
  },
  gitea: {
    version: '1.26.0',
    module: 'gitea',
    path: 'code.gitea.io/gitea',
    files: ['options', 'templates', 'public'],
  },
  'argo-rollouts': {
    version: '1.10.2',
    module: 'argo-rollouts',
    toolchain: 'go1.27.3',
    path: 'github.com/argoproj/argo-rollouts',
    files: ['manifests/crds'],
  },
} as const satisfies Record<string, Asset>;

/**
 * Copies an asset's files from Go's module cache to ours and returns the folder. So a machine whose cache is filled needs
 * neither Go nor its cache.
 */
export async function ensureAsset(
  name: keyof typeof ASSETS,
  folders: Folders,
  onProgress: OnProgress,
): Promise<string> {
  const asset: Asset = ASSETS[name];
  const target = join(folders.share, `${name}-${asset.version}`);
  if (existsSync(target)) return target;
  await withLock(`asset ${target}`, async () => {
    if (existsSync(target)) return;
    onProgress(`fetching the files of ${name} ${asset.version}`);
    const options = {
      cwd: join(programsFolder(), asset.module),
      env: goEnvironment(asset.toolchain),
      purpose: `fetching ${asset.path}`,
    };
    await run('go', ['mod', 'download', asset.path], options);
    const source = (await run('go', ['list', '-m', '-f', '{{.Dir}}', asset.path], options)).trim();
    const unfinished = `${target}.${process.pid}`;
    try {
      for (const file of asset.files) await cp(join(source, file), join(unfinished, file), { recursive: true });
      // Go's module cache is read-only, and its modes came along.
      await run('chmod', ['-R', 'u+w', unfinished]);
      await mkdir(folders.share, { recursive: true });
      await rename(unfinished, target);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
  return target;
}
