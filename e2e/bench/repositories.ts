import { mkdirSync } from 'node:fs';
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

/** Adds a commit that writes these files to branch main. Returns its id. */
export async function commit(root: string, name: string, files: Files): Promise<string> {
  const directory = join(root, `${name}.git`);
  const who = 'Bench <bench@example.com> 1700000000 +0000';
  const tip = await run('git', ['-C', directory, 'for-each-ref', '--format=%(objectname)', 'refs/heads/main']);
  const parts = [`commit refs/heads/main\ncommitter ${who}\n${data('bench')}`];
  if (tip.trim() !== '') parts.push(`from ${tip.trim()}\n`);
  for (const [path, text] of files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
  await run('git', ['-C', directory, 'fast-import', '--quiet'], { input: `${parts.join('')}\n` });
  return (await run('git', ['-C', directory, 'rev-parse', 'refs/heads/main'])).trim();
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
