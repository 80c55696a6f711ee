import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClusterError } from './errors.ts';

/** Where the programs and the clusters live, all outside the checkout. */
export interface Folders {
  /** Built programs, one file `<program>-<version>` each. */
  readonly bin: string;
  /** Files taken from Go modules, one folder `<asset>-<version>` each. */
  readonly share: string;
  /** Debian packages unpacked without being installed (their services must not start), one folder each. */
  readonly debian: string;
  /** Python environments, one folder each. */
  readonly venv: string;
  /** One log per build. */
  readonly buildLogs: string;
  /** One folder per cluster: everything that a cluster writes. */
  readonly clusters: string;
}

/**
 * `SLIPWAY_CACHE` (default `$XDG_CACHE_HOME/slipway`) holds what is costly to make and can be shared;
 * `SLIPWAY_STATE` (default `$XDG_STATE_HOME/slipway`) holds the running clusters.
 */
export function folders(env: NodeJS.ProcessEnv = process.env, home: string = homedir()): Folders {
  const cache = env['SLIPWAY_CACHE'] || join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'slipway');
  const state = env['SLIPWAY_STATE'] || join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'slipway');
  return {
    bin: join(cache, 'bin'),
    share: join(cache, 'share'),
    debian: join(cache, 'debian'),
    venv: join(cache, 'venv'),
    buildLogs: join(cache, 'log'),
    clusters: join(state, 'clusters'),
  };
}

/** The root of the checkout: the code runs from its source under vitest and from `dist/` otherwise. */
export function repositoryRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json')) && existsSync(join(dir, 'e2e', 'cluster', 'programs'))) return dir;
    if (dir === dirname(dir)) throw new ClusterError(`no checkout of this project above ${from}`);
  }
}

/** The folder with one Go module (go.mod, go.sum) per source of programs. */
export function programsFolder(): string {
  return join(repositoryRoot(), 'e2e', 'cluster', 'programs');
}
