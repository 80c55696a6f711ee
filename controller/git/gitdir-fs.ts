import { createHash, randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GitError } from './errors.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { checkPack } from './pack-check.ts';

export interface GitdirFsOptions {
  /** Repository URL for messages. */
  name: string;
  maxObjectBytes: number;
  /** What small files are kept in memory with, for all repositories together. */
  memory: MemoryBudget;
}

/** The file system of one local copy. */
export interface GitdirFs {
  /** What isomorphic-git works on. */
  promises: object;
  readdir(path: string): Promise<string[]>;
  /** Forgets every file, and gives the memory back. */
  clear(): void;
}

/** A larger file is better off on the disk than in the way of others. */
const MAX_IN_MEMORY = 256 * 1024;

const LOOSE_OBJECT = /\/objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/;

/** One error for all: making 10,000 of them with their stacks takes longer than reading 10,000 files. */
const NO_ENTRY = Object.assign(new Error('ENOENT: a local copy does not have this file'), { code: 'ENOENT' });

/**
 * The file system that isomorphic-git works on, made safe and fast. Nobody else touches the directory, so what is there is
 * known without asking the disk; what is small is not even written to it, since a repository of manifests is a dozen files of
 * some bytes each, and there may be a thousand of them. A write is complete or absent (temporary file and rename). A pack is
 * verified before anything of it is kept.
 */
export function createGitdirFs(options: GitdirFsOptions): GitdirFs {
  const { memory } = options;
  const small = new Map<string, Buffer>();
  const onDisk = new Set<string>();
  const directories = new Set<string>();

  const forget = (path: string): boolean => {
    const known = small.get(path);
    if (known !== undefined) memory.give(known.length);
    return small.delete(path) || onDisk.delete(path);
  };
  const stat = async (path: string): Promise<unknown> => {
    const isFile = small.has(path) || onDisk.has(path);
    if (!isFile && !directories.has(path)) throw NO_ENTRY;
    return { isFile: () => isFile, isDirectory: () => !isFile, isSymbolicLink: () => false };
  };
  const readdir = async (path: string): Promise<string[]> => {
    const children = [...small.keys(), ...onDisk, ...directories].filter((child) => dirname(child) === path);
    if (children.length === 0 && !directories.has(path)) throw NO_ENTRY;
    return [...new Set(children.map((child) => basename(child)))].sort();
  };
  const promises = {
    stat,
    lstat: stat,
    readdir,
    async readFile(path: string, wanted?: BufferEncoding | { encoding?: BufferEncoding }): Promise<Buffer | string> {
      // Asked for before each read of an object, and never there: what is fetched comes in packs.
      if (LOOSE_OBJECT.test(path)) throw NO_ENTRY;
      const encoding = typeof wanted === 'string' ? wanted : wanted?.encoding;
      const known = small.get(path);
      if (known === undefined && !onDisk.has(path)) throw NO_ENTRY;
      const content = known ?? (await fs.readFile(path));
      return encoding === undefined ? content : content.toString(encoding);
    },
    async writeFile(path: string, data: string | Uint8Array): Promise<void> {
      const content =
        typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      if (path.endsWith('.pack')) verifyPack(options, content);
      if (content.length <= MAX_IN_MEMORY && memory.take(content.length)) {
        forget(path);
        // Of its own size: a slice would keep what it is a slice of.
        const kept = Buffer.allocUnsafeSlow(content.length);
        content.copy(kept);
        small.set(path, kept);
        return;
      }
      const directory = dirname(path);
      await fs.mkdir(directory, { recursive: true, mode: 0o700 });
      const temporary = join(directory, `.tmp-${randomUUID()}`);
      await fs.writeFile(temporary, content);
      await fs.rename(temporary, path);
      forget(path);
      onDisk.add(path);
    },
    async mkdir(path: string): Promise<void> {
      directories.add(path);
    },
    async rmdir(path: string): Promise<void> {
      directories.delete(path);
    },
    async unlink(path: string): Promise<void> {
      if (onDisk.has(path)) await fs.unlink(path);
      if (!forget(path)) throw NO_ENTRY;
    },
    // isomorphic-git wants these to exist; a repository without a working tree has no links.
    async readlink(): Promise<never> {
      throw NO_ENTRY;
    },
    async symlink(): Promise<never> {
      throw NO_ENTRY;
    },
  };
  return {
    promises,
    readdir,
    clear() {
      for (const path of [...small.keys(), ...onDisk]) forget(path);
      directories.clear();
    },
  };
}

function verifyPack(options: GitdirFsOptions, pack: Buffer): void {
  const end = pack.length - 20;
  const sum = end < 12 ? undefined : createHash('sha1').update(pack.subarray(0, end)).digest();
  if (sum === undefined || !sum.equals(pack.subarray(end))) {
    throw new GitError(
      'GitCorrupt',
      `${options.name} sent a pack that is cut short or damaged: the fetch is tried again`,
    );
  }
  const result = checkPack(pack, options.maxObjectBytes);
  if (result === 'ok') return;
  throw result === 'damaged'
    ? new GitError('GitCorrupt', `${options.name} sent a pack that cannot be read: the fetch is tried again`)
    : new GitError(
        'GitTooLarge',
        `${options.name} has an object of more than ${options.maxObjectBytes} bytes in this revision: keep large files out of the repository or in LFS`,
      );
}
