import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobOf, imageConfiguration, imageManifest, packLayer } from './oci-image.ts';
import { parseLdd } from './rootfs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-image-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the same files make the same layer, whenever and in whatever order they were written', async () => {
  const write = (name: string, files: string[], time: number): string => {
    const root = join(folder, name);
    mkdirSync(root);
    for (const file of files) {
      writeFileSync(join(root, file), file);
      utimesSync(join(root, file), time, time);
    }
    return root;
  };
  const one = await packLayer(write('one', ['a', 'b'], 1_000), join(folder, '1.tar.gz'));
  const two = await packLayer(write('two', ['b', 'a'], 2_000), join(folder, '2.tar.gz'));
  const three = await packLayer(write('three', ['a', 'c'], 1_000), join(folder, '3.tar.gz'));
  expect(two).toEqual({ ...one, file: two.file });
  expect(three.digest).not.toBe(one.digest);
  expect(one.digest).not.toBe(one.diffId);
});

test('an image says what it runs, and its manifest names all parts', () => {
  const layer = { file: 'x', size: 10, digest: 'sha256:packed', diffId: 'sha256:unpacked' };
  const config = imageConfiguration([layer], { entrypoint: ['/server'], env: { A: '1' }, ports: [8080], user: '1000' });
  expect(JSON.parse(config.toString())).toMatchObject({
    os: 'linux',
    config: {
      Entrypoint: ['/server'],
      Env: expect.arrayContaining(['A=1']),
      ExposedPorts: { '8080/tcp': {} },
      User: '1000',
    },
    rootfs: { type: 'layers', diff_ids: ['sha256:unpacked'] },
  });
  expect(JSON.parse(imageManifest(blobOf(config), [layer]).toString())).toMatchObject({
    config: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), size: config.length },
    layers: [{ digest: 'sha256:packed', size: 10 }],
  });
});

test('ldd: libraries with a path are taken, the kernel-made one is not, a missing one is an error', () => {
  const output = [
    '\tlinux-vdso.so.1 (0x00007fff)',
    '\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f00)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f01)',
    '',
  ].join('\n');
  expect(parseLdd(output)).toEqual(['/lib/x86_64-linux-gnu/libdl.so.2', '/lib64/ld-linux-x86-64.so.2']);
  expect(() => parseLdd('\tlibfoo.so.1 => not found')).toThrow('libfoo.so.1 => not found');
});
