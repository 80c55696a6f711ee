import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { run } from '../run.ts';

/** What a container of an image runs. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** TCP ports that it listens on, for people and tools that read the image. */
  readonly ports?: readonly number[];
  readonly workingDir?: string;
  /** `uid` or `uid:gid`; root by default. */
  readonly user?: string;
}

/** A content-addressed part of an image. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** A layer: a compressed tar file, and the digest of what it unpacks to. */
export interface Layer extends Blob {
  readonly file: string;
  readonly diffId: string;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** The media type to push a manifest with. */
export const MANIFEST_TYPE = MANIFEST;

/**
 * Packs a folder into `file` as a layer. The same content gives the same digest: order, owners and times are fixed, so
 * that pushing it again costs nothing.
 */
export async function packLayer(folder: string, file: string): Promise<Layer> {
  const fixed = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  await run('tar', [...fixed, '-C', folder, '-I', 'gzip -n -1', '-cf', file, '.'], { purpose: `packing ${folder}` });
  const { size } = await stat(file);
  return {
    file,
    size,
    digest: await sha256(createReadStream(file)),
    diffId: await sha256(createReadStream(file).pipe(createGunzip())),
  };
}

/** The image's configuration blob. */
export function imageConfiguration(layers: readonly Layer[], config: ImageConfig): Buffer {
  return Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: {
        Entrypoint: config.entrypoint,
        Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...config.env }).map(([k, v]) => `${k}=${v}`),
        ...(config.ports === undefined
          ? {}
          : { ExposedPorts: Object.fromEntries(config.ports.map((port) => [`${port}/tcp`, {}])) }),
        ...(config.workingDir === undefined ? {} : { WorkingDir: config.workingDir }),
        ...(config.user === undefined ? {} : { User: config.user }),
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
}

/** The image's manifest: names its configuration and layers. */
export function imageManifest(config: Blob, layers: readonly Blob[]): Buffer {
  const descriptor = (mediaType: string, { digest, size }: Blob): unknown => ({ mediaType, digest, size });
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: descriptor(CONFIG, config),
      layers: layers.map((layer) => descriptor(LAYER, layer)),
    }),
  );
}

/** Digest and size of a blob in memory. */
export function blobOf(content: Buffer): Blob {
  return { digest: `sha256:${createHash('sha256').update(content).digest('hex')}`, size: content.length };
}

async function sha256(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
