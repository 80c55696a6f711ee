import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-manifests-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The plugin that ships, where there is no cluster and no kubeconfig. */
function manifests(...args: string[]): { code: number | null; out: string; err: string } {
  const command = ['dist/kubectl-slipway.js', 'app', 'manifests', ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    env: { KUBECONFIG: '/nonexistent', HOME: folder },
  });
  return { code: status, out: stdout, err: stderr };
}

describe('app manifests --path', () => {
  it('prints what is in a folder with its places, Lists taken apart, without a cluster', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData: {token: open}\n';
    await writeFile(join(folder, 'a.yaml'), `replicas: 3\n---\n${secret}`);
    const items = ['x', 'y'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } }));
    await writeFile(join(folder, 'b.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const { code, out } = manifests('--path', folder);
    expect(code).toBe(0);
    expect(out).toContain('# a.yaml:1 is left out: it has neither apiVersion nor kind\n---\n# a.yaml:3\n');
    expect(parseAllDocuments(out).map((document) => document.toJS()?.metadata.name)).toEqual(['keys', 'x', 'y']);
    expect(out).toContain('token: open');
  });

  it('names file and line of a mistake, and ends with 2', async () => {
    await writeFile(join(folder, 'a.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n');
    expect(manifests('--path', folder)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('error (ManifestInvalid): a.yaml:1: ConfigMap has no metadata.name'),
    });
  });

  it('lets no name of a file become a manifest', async () => {
    const name = 'a\nkind: Smuggled\n.yaml';
    await writeFile(join(folder, name), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
    const { out } = manifests('--path', folder);
    expect(parseAllDocuments(out).map((document) => document.toJS()?.kind)).toEqual(['ConfigMap']);
    expect(out).toContain('\n# a kind: Smuggled .yaml:1\n'.trimStart());
  });

  it('wants either an application or a folder', () => {
    for (const args of [[], ['fraud', '--path', folder]]) {
      expect(manifests(...args)).toMatchObject({ code: 2, err: expect.stringContaining('give either the name') });
    }
  });
});
