import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGlob } from '../git/glob.ts';
import { DEFAULT_GIT_LIMITS } from '../git/limits.ts';
import type { SnapshotOptions } from '../git/port.ts';
import { textOf } from '../git/text-file.ts';
import { MANIFEST_SUFFIXES, type ManifestFile } from '../manifest/load.ts';
import { messageOf, SlipwayError } from '../platform/errors.ts';

/** Which files of a folder are manifests, as `spec.source.directory` says it. */
export type FolderOptions = Pick<SnapshotOptions, 'recurse' | 'include' | 'exclude'>;

/**
 * The files of a folder on this machine that an Application with the same options would read from Git, in the same order:
 * also through links to files, not through links to folders. SlipwayError `InputUnreadable` when there is no such folder.
 */
export async function readFolder(folder: string, options: FolderOptions): Promise<ManifestFile[]> {
  const { include, exclude } = options;
  const included = include ? compileGlob(include) : () => true;
  const excluded = exclude ? compileGlob(exclude) : () => false;
  const paths: string[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await entriesOf(join(folder, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        // The repository itself is no part of its content.
        if (options.recurse === true && entry.name !== '.git') await visit(path);
      } else if (
        !excluded(path) &&
        included(path) &&
        MANIFEST_SUFFIXES.some((suffix) => path.endsWith(suffix)) &&
        (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(folder, path)))))
      ) {
        paths.push(path);
      }
    }
  };
  await visit('');
  paths.sort((a, b) => (a < b ? -1 : 1));
  return Promise.all(
    paths.map(async (path) => ({
      path,
      text: textOf(await readFile(join(folder, path)), path, folder, DEFAULT_GIT_LIMITS),
    })),
  );
}

async function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return await readEntries(folder);
  } catch (error) {
    throw new SlipwayError('InputUnreadable', `folder ${folder} cannot be read: ${messageOf(error)}`);
  }
}

function readEntries(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    throw new SlipwayError('InputUnreadable', `${path} is a link to nothing: ${messageOf(error)}`);
  }
}
