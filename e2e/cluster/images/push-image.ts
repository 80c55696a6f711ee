import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from '../errors.ts';
import { type HttpAnswer, http } from '../http.ts';
import {
  type Blob,
  blobOf,
  type ImageConfig,
  imageConfiguration,
  imageManifest,
  MANIFEST_TYPE,
  packLayer,
} from './oci-image.ts';

/** An image to make from a folder. */
export interface ImageToPush extends ImageConfig {
  /** `host:port` of a registry without TLS, as in `Cluster.registry`. */
  readonly registry: string;
  /** Repository, e.g. `demo/model-server`. A pod uses it as `registry.local/<name>:<tag>`. */
  readonly name: string;
  readonly tag: string;
  /** The root of the image's file system. */
  readonly rootfsDir: string;
}

/** An image that a pod can use. */
export interface PushedImage {
  /** For `image:` in a pod. */
  readonly reference: string;
  /** The same, pinned to its content. */
  readonly digestReference: string;
}

/** The host part of image names. Any other would do: the node looks every image up in the cluster's registry. */
export const IMAGE_HOST = 'registry.local';

const UPLOAD_TIMEOUT_MS = 120_000;

/** Makes an image of one layer from a folder and pushes it. What the registry has already is not sent again. */
export async function pushImage(image: ImageToPush): Promise<PushedImage> {
  const scratch = await mkdtemp(join(tmpdir(), 'slipway-image-'));
  const repository = `http://${image.registry}/v2/${image.name}`;
  try {
    const layer = await packLayer(image.rootfsDir, join(scratch, 'layer.tar.gz'));
    const config = imageConfiguration([layer], image);
    await pushBlob(repository, layer, () => createReadStream(layer.file));
    await pushBlob(repository, blobOf(config), () => config);
    const manifest = imageManifest(blobOf(config), [layer]);
    const url = `${repository}/manifests/${image.tag}`;
    const headers = { 'content-type': MANIFEST_TYPE, 'content-length': manifest.length };
    expectStatus(await http(url, { method: 'PUT', headers, body: manifest }), 201, `pushing ${url}`);
    const name = `${IMAGE_HOST}/${image.name}`;
    return { reference: `${name}:${image.tag}`, digestReference: `${name}@${blobOf(manifest).digest}` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Whether the registry has a tag. */
export async function hasImage(registry: string, name: string, tag: string): Promise<boolean> {
  const url = `http://${registry}/v2/${name}/manifests/${tag}`;
  return (await http(url, { method: 'HEAD', headers: { accept: MANIFEST_TYPE } })).status === 200;
}

async function pushBlob(
  repository: string,
  blob: Blob,
  content: () => Buffer | ReturnType<typeof createReadStream>,
): Promise<void> {
  if ((await http(`${repository}/blobs/${blob.digest}`, { method: 'HEAD' })).status === 200) return;
  const begun = await http(`${repository}/blobs/uploads/`, { method: 'POST' });
  expectStatus(begun, 202, `starting an upload to ${repository}`);
  const location = new URL(begun.headers.location ?? '', repository);
  location.searchParams.set('digest', blob.digest);
  const answer = await http(location.href, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': blob.size },
    body: content(),
    timeoutMs: UPLOAD_TIMEOUT_MS,
  });
  expectStatus(answer, 201, `uploading ${blob.digest} to ${repository}`);
}

function expectStatus(answer: HttpAnswer, status: number, what: string): void {
  if (answer.status !== status)
    throw new ClusterError(`${what}: the registry answered ${answer.status}: ${answer.body}`);
}
