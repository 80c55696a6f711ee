import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './build.ts';
import { type Folders, programsFolder } from './folders.ts';
import { withLock } from './lock.ts';
import { ensurePackages } from './packages.ts';
import { run } from './run.ts';

const PYTHON = '/usr/bin/python3';

/**
 * Makes the Python environment of `programs/<name>/requirements.txt`, every package pinned, and returns its interpreter.
 * An environment knows its own path, so it is made in place; a file that is written last says that it is whole.
 */
export async function ensurePythonEnvironment(name: string, folders: Folders, onProgress: OnProgress): Promise<string> {
  const requirements = join(programsFolder(), name, 'requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(folders.venv, `${name}-${digest}`);
  const python = join(folder, 'bin', 'python');
  const whole = join(folder, 'slipway-complete');
  if (existsSync(whole)) return python;
  await withLock(`python ${folder}`, async () => {
    if (existsSync(whole)) return;
    await ensurePackages({ 'python3-venv': '/usr/share/doc/python3-venv' }, onProgress);
    onProgress(`installing the Python packages of ${name} (about 1 min, 900 MB)`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folders.buildLogs, { recursive: true });
    await run(PYTHON, ['-m', 'venv', folder], { purpose: `making a Python environment for ${name}` });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements], {
      logFile: join(folders.buildLogs, `${name}.log`),
      purpose: `installing the Python packages of ${name}`,
    });
    await writeFile(whole, '');
  });
  return python;
}
