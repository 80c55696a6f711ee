import { GitError } from './errors.ts';
import { compileGlob } from './glob.ts';
import type { GitLimits } from './limits.ts';
import type { SnapshotOptions } from './port.ts';

export interface TreeEntry {
  name: string;
  oid: string;
  kind: 'tree' | 'blob' | 'link' | 'submodule';
}

/** Access to the objects of one repository. */
export interface Objects {
  tree(oid: string): Promise<readonly TreeEntry[]>;
  blob(oid: string): Promise<Uint8Array>;
}

/** Where a look into the tree takes place, for messages. */
export interface TreeContext {
  objects: Objects;
  /** Tree of the commit. */
  root: string;
  /** Repository and commit as shown to the user. */
  name: string;
}

export interface FoundFile {
  /** Path from the root of the repository. */
  path: string;
  blobId: string;
  /** Reached through a symbolic link, so the directory's tree id does not cover its content. */
  linked: boolean;
}

const MAX_LINKS = 40;
/** Longest target of a link in bytes, as on Linux. */
const MAX_TARGET = 4096;

/** Checks a path written by a user and returns it without empty and `.` parts; the root is ''. */
export function cleanPath(path: string, name: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || /[\0\\]/.test(path)) {
    throw new GitError(
      'GitPathNotFound',
      `path "${path}" in ${name} must be relative, with slashes and without "..": correct the path`,
    );
  }
  return parts.join('/');
}

/**
 * Finds what stands at `path`, following symbolic links inside the repository. Nothing is checked out, so a link can never
 * reach a file of this machine; one that points outside of the repository is refused all the same.
 */
export async function lookup(
  context: TreeContext,
  path: string,
): Promise<{ kind: 'tree' | 'blob'; oid: string } | undefined> {
  const outside = (): GitError =>
    new GitError(
      'GitUnsupportedContent',
      `"${path}" in ${context.name} is or passes a symbolic link that leaves the repository: replace the link by a file`,
    );
  const directories = [context.root];
  const todo = path.split('/');
  for (let links = 0; todo.length > 0; ) {
    const name = todo.shift();
    if (name === undefined || name === '' || name === '.') continue;
    if (name === '..') {
      if (directories.length === 1) throw outside();
      directories.pop();
      continue;
    }
    const here = directories.at(-1) ?? context.root;
    const entry = (await context.objects.tree(here)).find((candidate) => candidate.name === name);
    if (entry === undefined) return undefined;
    switch (entry.kind) {
      case 'tree':
        directories.push(entry.oid);
        break;
      case 'blob':
        return todo.some((part) => part !== '' && part !== '.') ? undefined : { kind: 'blob', oid: entry.oid };
      case 'submodule':
        throw submodule(context, path);
      case 'link': {
        const blob = await context.objects.blob(entry.oid);
        if (blob.byteLength > MAX_TARGET) throw outside();
        const target = Buffer.from(blob).toString('utf8');
        if (target.startsWith('/') || ++links > MAX_LINKS) throw outside();
        todo.unshift(...target.split('/'));
      }
    }
  }
  return { kind: 'tree', oid: directories.at(-1) ?? context.root };
}

/** The wanted files below the tree `oid` that stands at `directory`, in order of path. */
export async function listFiles(
  context: TreeContext,
  directory: string,
  oid: string,
  options: SnapshotOptions,
  limits: Pick<GitLimits, 'maxFiles' | 'maxDepth'>,
): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const included = globOr(options.include, true);
  const excluded = globOr(options.exclude, false);
  let visited = 0;
  const tooLarge = (what: string): GitError =>
    new GitError(
      'GitTooLarge',
      `"${directory || '.'}" in ${context.name} has ${what}: narrow it with include, exclude or a deeper path`,
    );

  const visit = async (treeId: string, relative: string, depth: number): Promise<void> => {
    if (depth > limits.maxDepth) throw tooLarge(`more than ${limits.maxDepth} levels of directories`);
    for (const entry of await context.objects.tree(treeId)) {
      // Identical subtrees can be nested so that few objects mean millions of paths.
      if (++visited > limits.maxFiles * 8) throw tooLarge(`more than ${limits.maxFiles * 8} entries`);
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const full = directory === '' ? path : `${directory}/${path}`;
      if (entry.kind === 'tree') {
        if (options.recurse === true) await visit(entry.oid, path, depth + 1);
        continue;
      }
      if (excluded(path)) continue;
      if (entry.kind === 'submodule') {
        // Its manifests would be missing, and what is missing gets pruned.
        if (options.recurse === true) throw submodule(context, full);
        continue;
      }
      if (!included(path) || !(options.suffixes?.some((suffix) => path.endsWith(suffix)) ?? true)) continue;
      if (entry.kind === 'blob') {
        found.push({ path: full, blobId: entry.oid, linked: false });
      } else {
        const target = await lookup(context, full);
        if (target === undefined) {
          throw new GitError(
            'GitUnsupportedContent',
            `"${full}" in ${context.name} is a symbolic link to nothing: remove or repair it`,
          );
        }
        if (target.kind === 'blob') found.push({ path: full, blobId: target.oid, linked: true });
      }
      if (found.length > limits.maxFiles) throw tooLarge(`more than ${limits.maxFiles} files`);
    }
  };
  await visit(oid, '', 0);
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** A glob that was not given matches `otherwise`. */
function globOr(pattern: string | undefined, otherwise: boolean): (path: string) => boolean {
  return pattern === undefined || pattern === '' ? () => otherwise : compileGlob(pattern);
}

function submodule(context: TreeContext, path: string): GitError {
  return new GitError(
    'GitUnsupportedContent',
    `"${path}" in ${context.name} is a submodule, which is not fetched: commit the files themselves, or exclude the path`,
  );
}
