import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FolderOptions, readFolder } from './read-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function given(...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `# ${path}`);
  }
}

async function pathsOf(options: FolderOptions = {}): Promise<string[]> {
  return (await readFolder(folder, options)).map(({ path }) => path);
}

describe('a local folder', () => {
  it('has the files that an Application would read, in the order of Git', async () => {
    await given('b.yaml', 'a.yml', 'Z.json', 'readme.md', 'below/c.yaml', '.git/config.yaml');
    expect(await pathsOf()).toEqual(['Z.json', 'a.yml', 'b.yaml']);
    expect(await pathsOf({ recurse: true })).toEqual(['Z.json', 'a.yml', 'b.yaml', 'below/c.yaml']);
    expect((await readFolder(folder, {}))[1]).toMatchObject({ path: 'a.yml', text: '# a.yml' });
  });

  it('is narrowed by the same globs', async () => {
    await given('a.yaml', 'b.yaml', 'below/a.yaml');
    expect(await pathsOf({ recurse: true, include: '*a.yaml' })).toEqual(['a.yaml', 'below/a.yaml']);
    expect(await pathsOf({ recurse: true, include: '*a.yaml', exclude: 'below/*' })).toEqual(['a.yaml']);
  });

  it('is read through links to files, and a link to nothing is no gap', async () => {
    await given('below/a.yaml');
    await symlink(join(folder, 'below/a.yaml'), join(folder, 'link.yaml'));
    await symlink(join(folder, 'below'), join(folder, 'folder.yaml'));
    expect(await pathsOf()).toEqual(['link.yaml']);
    await symlink(join(folder, 'gone'), join(folder, 'broken.yaml'));
    await expect(pathsOf()).rejects.toMatchObject({ code: 'InputUnreadable' });
  });

  it('must be there', async () => {
    await expect(readFolder(join(folder, 'gone'), {})).rejects.toMatchObject({
      code: 'InputUnreadable',
      message: expect.stringContaining('gone cannot be read'),
    });
  });
});
