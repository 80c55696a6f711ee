import { createHash, randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { GitError } from './errors.ts';
import { checkPack } from './pack-check.ts';

export interface GitdirFsOptions {
  /** Repository URL for messages. */
  name: string;
  maxObjectBytes: number;
}

const LOOSE_OBJECT = /\/objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/;

/** One error for all: making 10,000 of them with their stacks takes longer than reading 10,000 files. */
const NO_ENTRY = Object.assign(new Error('ENOENT: a fetched repository has no loose objects'), { code: 'ENOENT' });

/**
 * The file system that isomorphic-git works on, with three changes that it needs to be safe and fast. A write is complete or
 * absent (temporary file and rename). A pack is verified before anything of it reaches the disk. And what the library asks
 * before each read is answered from memory: whether there is a loose object, which a fetched repository never has, and which
 * packs there are, which changes only by its own writes, since nobody else may touch the directory.
 */
export function createGitdirFs(options: GitdirFsOptions): { promises: object } {
  const packs = new Map<string, Promise<string[]>>();
  const promises = {
    ...fs,
    async readFile(...args: Parameters<typeof fs.readFile>): Promise<Buffer | string> {
      if (typeof args[0] === 'string' && LOOSE_OBJECT.test(args[0])) throw NO_ENTRY;
      return fs.readFile(...args);
    },
    async stat(...args: Parameters<typeof fs.stat>): Promise<unknown> {
      if (typeof args[0] === 'string' && LOOSE_OBJECT.test(args[0])) throw NO_ENTRY;
      return fs.stat(...args);
    },
    async readdir(path: string): Promise<string[]> {
      if (!path.endsWith('/objects/pack')) return fs.readdir(path);
      let names = packs.get(path);
      if (names === undefined) {
        names = fs.readdir(path);
        packs.set(path, names);
        names.catch(() => packs.delete(path));
      }
      return [...(await names)];
    },
    async writeFile(path: string, data: string | Uint8Array): Promise<void> {
      if (path.endsWith('.pack')) verifyPack(options, data as Buffer);
      const temporary = join(dirname(path), `.tmp-${randomUUID()}`);
      await fs.writeFile(temporary, data);
      await fs.rename(temporary, path);
      packs.delete(dirname(path));
    },
  };
  return { promises };
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
