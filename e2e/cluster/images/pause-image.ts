import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasImage, IMAGE_HOST, pushImage } from './push-image.ts';
import { addProgram } from './rootfs.ts';

const NAME = 'slipway/pause';
const TAG = '1';

/** The image of the container that holds a pod's namespaces. */
export const PAUSE_IMAGE = `${IMAGE_HOST}/${NAME}:${TAG}`;

/** Pushes the pause image if the registry does not have it: a static `sleep` and nothing else. */
export async function ensurePauseImage(registry: string): Promise<void> {
  if (await hasImage(registry, NAME, TAG)) return;
  const rootfsDir = await mkdtemp(join(tmpdir(), 'slipway-pause-'));
  try {
    // busybox does what the name says that it is called by.
    await addProgram(rootfsDir, '/bin/busybox', '/bin/sleep');
    await pushImage({ registry, name: NAME, tag: TAG, rootfsDir, entrypoint: ['/bin/sleep', '2147483647'] });
  } finally {
    await rm(rootfsDir, { recursive: true, force: true });
  }
}
