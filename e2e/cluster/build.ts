import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Folders, programsFolder } from './folders.ts';
import { withLock } from './lock.ts';
import { buildArguments, goEnvironment, PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { run } from './run.ts';

/** Receives one line per thing that takes long enough to wonder about. */
export type OnProgress = (line: string) => void;

/** Where a program is, or will be, in the cache. */
export function programPath(name: ProgramName, folders: Folders): string {
  return join(folders.bin, `${name}-${PROGRAMS[name].version}`);
}

/** The programs of a list that are not in the cache yet. */
export function missingPrograms(names: readonly ProgramName[], folders: Folders): ProgramName[] {
  return names.filter((name) => !existsSync(programPath(name, folders)));
}

/**
 * Builds what is missing, one program after another: builds share Go's cache and would only compete for the cores.
 * Other processes that want to build wait, and find the result. A program appears in the cache whole or not at all.
 */
export async function ensurePrograms(
  names: readonly ProgramName[],
  folders: Folders,
  onProgress: OnProgress,
): Promise<void> {
  if (missingPrograms(names, folders).length === 0) return;
  await withLock(
    `build ${folders.bin}`,
    async () => {
      const missing = missingPrograms(names, folders);
      const total = missing.reduce((sum, name) => sum + PROGRAMS[name].seconds, 0);
      if (missing.length > 1) {
        onProgress(`${missing.length} programs to build once, about ${duration(total)} with an empty Go cache`);
      }
      for (const name of missing) await build(name, folders, onProgress);
    },
    (holder) => onProgress(`waiting for process ${holder.pid}, which is building`),
  );
}

async function build(name: ProgramName, folders: Folders, onProgress: OnProgress): Promise<void> {
  const program: Program = PROGRAMS[name];
  const target = programPath(name, folders);
  // Under the lock nobody else writes it; what a killed build left is overwritten.
  const unfinished = join(folders.bin, `.${name}-${program.version}.unfinished`);
  await mkdir(folders.bin, { recursive: true });
  await mkdir(folders.buildLogs, { recursive: true });
  const title = `building ${name} ${program.version}`;
  onProgress(`${title} (about ${duration(program.seconds)}, ${availableParallelism()} cores)`);
  const started = performance.now();
  try {
    await run('go', buildArguments(program, unfinished), {
      cwd: join(programsFolder(), program.module),
      env: { ...goEnvironment(program.toolchain), CGO_ENABLED: program.cgo ? '1' : '0' },
      logFile: join(folders.buildLogs, `${name}-${program.version}.log`),
      purpose: title,
    });
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
  onProgress(`${title} done in ${duration((performance.now() - started) / 1000)}`);
}

/** Seconds as people say them: `47 s`, `3 min`. */
export function duration(seconds: number): string {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}
