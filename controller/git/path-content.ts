import { createHash } from 'node:crypto';
import { GitError } from './errors.ts';
import type { GitLimits } from './limits.ts';
import { textOf } from './text-file.ts';
import { cleanPath, listFiles, lookup, type TreeContext } from './tree.ts';
import type { GitResults, ListQuestion, ReadQuestion } from './worker-protocol.ts';

/** The wanted files below a path of a commit, and an id that is another one when any of them is. */
export async function listPath(
  context: TreeContext,
  { path: asked, options }: ListQuestion,
  limits: GitLimits,
): Promise<GitResults['list']> {
  const { name } = context;
  const path = cleanPath(asked, name);
  const directory = await lookup(context, path);
  if (directory === undefined || directory.kind !== 'tree') {
    const what = directory === undefined ? 'does not exist' : 'is a file, not a directory';
    throw new GitError('GitPathNotFound', `path "${asked}" ${what} in ${name}: correct the path or push the directory`);
  }
  const files = await listFiles(context, path, directory.oid, options, limits);
  return {
    treeId: treeIdOf(directory.oid, files),
    files: files.map(({ path: file, blobId }) => ({ path: file, blobId })),
  };
}

/** The texts of files, in their order. */
export async function readFiles(
  { objects, name }: TreeContext,
  { files }: ReadQuestion,
  limits: GitLimits,
): Promise<string[]> {
  const texts: string[] = [];
  let bytes = 0;
  for (const { path, blobId } of files) {
    const blob = await objects.blob(blobId);
    bytes += blob.byteLength;
    if (bytes > limits.maxSnapshotBytes) {
      throw new GitError(
        'GitTooLarge',
        `the files read from ${name} have more than ${limits.maxSnapshotBytes} bytes: narrow them with include, exclude or a deeper path`,
      );
    }
    texts.push(textOf(blob, path, name, limits));
  }
  return texts;
}

/** A tree id does not cover what links point to, so files read through links become part of the id. */
function treeIdOf(oid: string, files: readonly { path: string; blobId: string; linked: boolean }[]): string {
  const linked = files.filter((file) => file.linked);
  if (linked.length === 0) return oid;
  const hash = createHash('sha1');
  for (const { path, blobId } of linked) hash.update(`${path}\0${blobId}\0`);
  return `${oid}+${hash.digest('hex')}`;
}
