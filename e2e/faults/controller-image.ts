import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { repositoryRoot } from '../cluster/folders.ts';
import { pushImage } from '../cluster/images/push-image.ts';
import { addBasics, addProgram } from '../cluster/images/rootfs.ts';

/** What the last stage of a Dockerfile makes. */
export interface ImageRecipe {
  /** Files of the checkout and the folders that they go to. */
  readonly files: readonly { readonly from: string; readonly to: string }[];
  readonly user: string;
  readonly entrypoint: readonly string[];
}

/**
 * Reads the last stage of our Dockerfile. Base images cannot be pulled in a test, so the test makes the image from the
 * same instructions on this machine's Node. Fails on an instruction that it does not know, rather than leave it out.
 */
export function readRecipe(dockerfile: string): ImageRecipe {
  const lines = dockerfile.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const files: { from: string; to: string }[] = [];
  let user = '';
  let entrypoint: readonly string[] = [];
  for (const line of lines.slice(lines.findLastIndex((one) => one.startsWith('FROM ')) + 1)) {
    const [instruction, ...words] = line.split(/\s+/);
    if (instruction === 'COPY' && words[0] === '--from=build') {
      const to = words.at(-1) ?? '';
      files.push(...words.slice(1, -1).map((from) => ({ from: from.replace(/^\/src\//, ''), to })));
    } else if (instruction === 'USER') user = words[0] ?? '';
    else if (instruction === 'ENTRYPOINT') entrypoint = JSON.parse(words.join(' ')) as string[];
    else throw new Error(`Dockerfile: the test cannot do this: ${line}`);
  }
  return { files, user, entrypoint };
}

/** Makes the controller's image from the bundles in dist/ and pushes it. Gives the name for a pod. Takes about 10 s. */
export async function pushController(registry: string): Promise<string> {
  const root = repositoryRoot();
  const { files, user, entrypoint } = readRecipe(readFileSync(join(root, 'Dockerfile'), 'utf8'));
  return pushRootfs({ registry, name: 'test/slipway', entrypoint, user }, async (rootfs) => {
    await addBasics(rootfs);
    await addProgram(rootfs, process.execPath, '/usr/bin/node');
    for (const { from, to } of files) {
      mkdirSync(join(rootfs, to), { recursive: true });
      copyFileSync(join(root, from), join(rootfs, to, basename(from)));
    }
  });
}

/** Makes an image with nothing but busybox, which answers 200 on port 8080, and pushes it. Gives the name for a pod. */
export function pushWeb(registry: string): Promise<string> {
  const entrypoint = ['/bin/busybox', 'httpd', '-f', '-p', '8080', '-h', '/www'];
  return pushRootfs({ registry, name: 'test/web', entrypoint, user: '65532' }, async (rootfs) => {
    await addBasics(rootfs);
    await addProgram(rootfs, '/bin/busybox');
    mkdirSync(join(rootfs, 'www'));
    writeFileSync(join(rootfs, 'www', 'index.html'), 'here\n');
  });
}

async function pushRootfs(
  image: { registry: string; name: string; entrypoint: readonly string[]; user: string },
  fill: (rootfs: string) => Promise<void>,
): Promise<string> {
  const rootfsDir = mkdtempSync(join(tmpdir(), 'slipway-rootfs-'));
  try {
    await fill(rootfsDir);
    return (await pushImage({ ...image, tag: '1', rootfsDir })).reference;
  } finally {
    rmSync(rootfsDir, { recursive: true, force: true });
  }
}
