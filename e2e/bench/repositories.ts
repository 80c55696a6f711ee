import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../cluster/run.ts';

/** Text of each file by its path. */
export type Files = ReadonlyMap<string, string>;

/** Makes a bare repository whose branch main has one commit with these files. */
export async function createRepository(root: string, name: string, files: Files): Promise<string> {
  const directory = join(root, `${name}.git`);
  mkdirSync(directory, { recursive: true });
  // No template: its hooks are a dozen files for each repository.
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', '--template=', directory]);
  return commit(root, name, files);
}

/**
 * Makes many repositories of one commit each. Their objects stand in one store that all of them borrow from, so that this
 * takes two processes and not thousands.
 */
export async function createRepositories(root: string, contents: ReadonlyMap<string, Files>): Promise<void> {
  const store = join(root, 'store.git');
  mkdirSync(store, { recursive: true });
  await run('git', ['init', '--quiet', '--bare', '--template=', store]);
  const commits = [...contents].map(([name, files]) => `${commitOf(`refs/heads/${name}`, undefined, files)}\n`);
  await run('git', ['-C', store, 'fast-import', '--quiet'], { input: commits.join('') });
  const tips = await run('git', ['-C', store, 'for-each-ref', '--format=%(objectname) %(refname:short)']);
  for (const line of tips.trim().split('\n')) {
    const [commit = '', name = ''] = line.split(' ');
    const directory = join(root, `${name}.git`);
    mkdirSync(join(directory, 'objects', 'info'), { recursive: true });
    mkdirSync(join(directory, 'refs', 'heads'), { recursive: true });
    writeFileSync(join(directory, 'HEAD'), 'ref: refs/heads/main\n');
    writeFileSync(join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    writeFileSync(join(directory, 'objects', 'info', 'alternates'), `${join(store, 'objects')}\n`);
    writeFileSync(join(directory, 'refs', 'heads', 'main'), `${commit}\n`);
  }
}

/** Adds a commit that writes these files to branch main. Returns its id. */
export async function commit(root: string, name: string, files: Files): Promise<string> {
  const directory = join(root, `${name}.git`);
  const tip = await run('git', ['-C', directory, 'for-each-ref', '--format=%(objectname)', 'refs/heads/main']);
  const input = `${commitOf('refs/heads/main', tip.trim() || undefined, files)}\n`;
  await run('git', ['-C', directory, 'fast-import', '--quiet'], { input });
  return (await run('git', ['-C', directory, 'rev-parse', 'refs/heads/main'])).trim();
}

/** A commit as fast-import reads it. */
function commitOf(ref: string, parent: string | undefined, files: Files): string {
  const parts = [`commit ${ref}\ncommitter Bench <bench@example.com> 1700000000 +0000\n${data('bench')}`];
  if (parent !== undefined) parts.push(`from ${parent}\n`);
  for (const [path, text] of files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
  return parts.join('');
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
