import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ASSETS } from './assets.ts';
import { programsFolder } from './folders.ts';
import { buildArguments, isProgramName, PROGRAMS, type Program } from './programs.ts';

const goMod = (module: string): string => readFileSync(join(programsFolder(), module, 'go.mod'), 'utf8');

test.each(Object.entries(PROGRAMS) as [string, Program][])('%s has the version that its go.mod pins', (_, program) => {
  const file = goMod(program.module);
  const required = [...file.matchAll(/^(?:require )?\s*(\S+) v(\S+?)(?: \/\/ indirect)?$/gm)];
  const version = required.find(
    ([, path = '']) => program.package === path || program.package.startsWith(`${path}/`),
  )?.[2];
  expect(version).toBe(program.version);
  // Without this `go mod tidy` would drop what the program needs.
  expect(file).toMatch(new RegExp(`^(tool |\\t)${program.package}$`, 'm'));
});

test.each(Object.entries(ASSETS))('the files of %s have the version that its go.mod pins', (_, asset) => {
  expect(goMod(asset.module)).toContain(`${asset.path} v${asset.version}`);
});

test('servers are linked with the version that they report', () => {
  const args = buildArguments(PROGRAMS['kube-apiserver'], '/out');
  const linker = args[args.indexOf('-ldflags') + 1];
  expect(linker).toContain('-X k8s.io/component-base/version.gitVersion=v1.36.3');
  expect(linker).toContain('-X k8s.io/component-base/version.gitMinor=36');
  expect(args.slice(-3)).toEqual(['-o', '/out', 'k8s.io/kubernetes/cmd/kube-apiserver']);
});

test('names of programs are told from other words', () => {
  expect(isProgramName('etcd')).toBe(true);
  expect(isProgramName('all')).toBe(false);
  expect(isProgramName('toString')).toBe(false);
});
