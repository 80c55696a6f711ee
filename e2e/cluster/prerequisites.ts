import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { missingPrograms } from './build.ts';
import { folders as defaultFolders, type Folders } from './folders.ts';
import type { Profile } from './layout.ts';
import { missingPackages } from './packages.ts';
import { packagesOf, programsOf } from './profile.ts';

const GO = { major: 1, minor: 26 };

/**
 * Why this machine cannot run a profile, one line per problem with its remedy; empty if it can. Looks only at what is
 * really needed: a machine with everything in the cache needs no Go.
 */
export function checkPrerequisites(profile: Profile, folders: Folders = defaultFolders()): string[] {
  if (process.platform !== 'linux') return [`it runs ${process.platform}: the cluster's programs need Linux`];
  const isRoot = process.getuid?.() === 0;
  const problems: string[] = [];
  if (profile === 'node' && !isRoot) {
    problems.push('you are not root: containers, network namespaces and mounts need it');
  }
  const programs = missingPrograms(programsOf(profile), folders);
  const go = programs.length === 0 ? undefined : goProblem(spawnSync('go', ['env', 'GOVERSION']).stdout?.toString());
  if (go !== undefined) problems.push(`${go} (needed to build ${programs.join(', ')})`);
  const packages = missingPackages(packagesOf(profile));
  if (packages.length > 0 && !(isRoot && existsSync('/usr/bin/apt-get'))) {
    problems.push(`these Debian packages are missing and only root can install them: ${packages.join(', ')}`);
  }
  return problems;
}

/** What is wrong with the answer of `go env GOVERSION`, undefined if nothing. */
export function goProblem(version: string | undefined): string | undefined {
  const wanted = `Go ${GO.major}.${GO.minor} or newer`;
  const match = /^go(\d+)\.(\d+)/.exec(version ?? '');
  if (match === null) return `there is no Go on the PATH: install ${wanted}`;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major > GO.major || (major === GO.major && minor >= GO.minor)) return undefined;
  return `Go on the PATH is ${version?.trim()}: install ${wanted}`;
}
