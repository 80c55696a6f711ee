import { existsSync } from 'node:fs';
import { copyFile, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ClusterError } from '../errors.ts';
import { run } from '../run.ts';

/** Copies a program to `<rootfs>/<target>` with the libraries that it is linked to, each at its own path. */
export async function addProgram(rootfs: string, program: string, target: string = program): Promise<void> {
  await copyInto(rootfs, await realpath(program), target);
  for (const library of await librariesOf(program)) await copyInto(rootfs, await realpath(library), library);
}

/** The libraries that a program is linked to, as absolute paths; none for a static one. */
export async function librariesOf(program: string): Promise<string[]> {
  try {
    return parseLdd(await run('ldd', [program]));
  } catch (error) {
    if (error instanceof ClusterError && error.message.includes('not a dynamic executable')) return [];
    throw error;
  }
}

/** Reads the output of `ldd`. Fails on a library that this machine lacks: the image would not start. */
export function parseLdd(output: string): string[] {
  return output.split('\n').flatMap((line) => {
    if (line.includes('=> not found')) throw new ClusterError(`ldd: ${line.trim()}`);
    const path = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}

async function copyInto(rootfs: string, source: string, target: string): Promise<void> {
  const destination = join(rootfs, target);
  await mkdir(dirname(destination), { recursive: true });
  if (!existsSync(destination)) await copyFile(source, destination);
}

/** Makes the files that many programs expect: users, /tmp. */
export async function addBasics(rootfs: string): Promise<void> {
  await mkdir(join(rootfs, 'tmp'), { recursive: true, mode: 0o1777 });
  await mkdir(join(rootfs, 'etc'), { recursive: true });
  for (const file of ['/etc/passwd', '/etc/group', '/etc/nsswitch.conf']) {
    if (existsSync(file)) await copyFile(file, join(rootfs, 'etc', basename(file)));
  }
}
