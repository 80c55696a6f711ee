import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cluster/folders.ts';
import { pushImage } from '../cluster/images/push-image.ts';
import { run } from '../cluster/run.ts';

const SOURCES = join(repositoryRoot(), 'e2e', 'journeys');

const IMAGE = 'demo/model-server';
const TAG = '1';

/** A registry for images. */
export interface ImagePlace {
  /** `host:port` at which this machine pushes, without TLS. */
  readonly registry: string;
  /** What nodes call it. */
  readonly imageHost: string;
}

/** What was trained, as train.py tells it. */
export interface TrainedVersion {
  readonly version: string;
  readonly auc: number;
  readonly summary: string;
}

/** Trains and registers all versions of the demo's model. Takes about 10 s. */
export async function trainVersions(python: string, mlflowUrl: string, model: string): Promise<TrainedVersion[]> {
  const args = [join(SOURCES, 'train.py'), '--tracking-uri', mlflowUrl, '--model', model];
  const output = await run(python, args, { purpose: 'training the model' });
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as TrainedVersion);
}

/**
 * Makes the model server's image with the interpreter and the libraries that trained the model, and pushes it. Takes
 * about 30 s. Gives the name for a pod.
 */
export async function pushModelServer(python: string, where: ImagePlace, stateDir: string): Promise<string> {
  const rootfsDir = join(stateDir, 'model-server-image');
  rmSync(rootfsDir, { recursive: true, force: true });
  try {
    await run(python, [join(SOURCES, 'model-server', 'root_filesystem.py'), rootfsDir], {
      purpose: 'the server image',
    });
    await pushImage({
      registry: where.registry,
      name: IMAGE,
      tag: TAG,
      rootfsDir,
      entrypoint: ['/usr/bin/python3', '/srv/server/server.py'],
      env: { PYTHONPATH: '/srv/packages', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
      ports: [8080],
      user: '65532',
    });
    return `${where.imageHost}/${IMAGE}:${TAG}`;
  } finally {
    rmSync(rootfsDir, { recursive: true, force: true });
  }
}
