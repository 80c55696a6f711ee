import { GitError } from './errors.ts';
import type { GitLimits } from './limits.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

/** The text of a file, or an error that names it: too large, not UTF-8, or only a pointer to Git LFS. A BOM is dropped. */
export function textOf(bytes: Uint8Array, path: string, name: string, limits: Pick<GitLimits, 'maxFileBytes'>): string {
  if (bytes.byteLength > limits.maxFileBytes) {
    throw new GitError(
      'GitTooLarge',
      `"${path}" in ${name} has ${bytes.byteLength} bytes, more than ${limits.maxFileBytes}: split the file or exclude it`,
    );
  }
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new GitError('GitUnsupportedContent', `"${path}" in ${name} is not UTF-8 text: convert or exclude it`);
  }
  if (text.startsWith(LFS_POINTER)) {
    throw new GitError(
      'GitUnsupportedContent',
      `"${path}" in ${name} is a Git LFS pointer: commit the manifest itself, or exclude the file`,
    );
  }
  return text;
}
