import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnProgress } from './build.ts';
import { ClusterError } from './errors.ts';
import type { Folders } from './folders.ts';
import { withLock } from './lock.ts';
import { run } from './run.ts';

const APT_LOCK = 'apt';

/** Those of the packages (name → a file it installs) that are not installed. */
export function missingPackages(packages: Readonly<Record<string, string>>): string[] {
  return Object.entries(packages)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
}

/** Installs the missing ones of some Debian packages. Asks apt for its lists only if there is something to install. */
export async function ensurePackages(
  packages: Readonly<Record<string, string>>,
  onProgress: OnProgress,
): Promise<void> {
  if (missingPackages(packages).length === 0) return;
  await withLock(APT_LOCK, async () => {
    const missing = missingPackages(packages);
    if (missing.length === 0) return;
    onProgress(`installing Debian packages: ${missing.join(', ')}`);
    await apt(['update', '-q'], 'updating the package lists');
    await apt(['install', '-y', '-q', '--no-install-recommends', ...missing], `installing ${missing.join(', ')}`);
  });
}

/** Where `ensureUnpacked` puts a package. */
export function unpackedFolder(name: string, folders: Folders): string {
  return join(folders.debian, name);
}

/**
 * Unpacks a Debian package into the cache and returns the folder. For programs whose package would also start a system
 * service or make users when installed: here only the file is wanted.
 */
export async function ensureUnpacked(name: string, folders: Folders, onProgress: OnProgress): Promise<string> {
  const target = unpackedFolder(name, folders);
  if (existsSync(target)) return target;
  await withLock(APT_LOCK, async () => {
    if (existsSync(target)) return;
    onProgress(`downloading the Debian package ${name}`);
    await mkdir(folders.debian, { recursive: true });
    const scratch = await mkdtemp(join(tmpdir(), 'slipway-deb-'));
    const unfinished = `${target}.${process.pid}`;
    try {
      await apt(['update', '-q'], 'updating the package lists');
      await apt(['download', '-q', name], `downloading ${name}`, scratch);
      const file = (await readdir(scratch)).find((entry) => entry.endsWith('.deb'));
      if (file === undefined) throw new ClusterError(`apt-get download ${name} left no package`);
      await run('dpkg-deb', ['-x', join(scratch, file), unfinished], { purpose: `unpacking ${name}` });
      await rename(unfinished, target);
    } finally {
      await rm(scratch, { recursive: true, force: true });
      await rm(unfinished, { recursive: true, force: true });
    }
  });
  return target;
}

async function apt(args: readonly string[], purpose: string, cwd?: string): Promise<void> {
  // The sandbox user of apt cannot write to a folder of root.
  const sandbox = cwd === undefined ? [] : ['-o', 'APT::Sandbox::User=root'];
  await run('apt-get', [...sandbox, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    purpose,
    ...(cwd === undefined ? {} : { cwd }),
  });
}
