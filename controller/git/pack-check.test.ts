import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRepository, gitRoot } from '../../test/git-http.ts';
import { checkPack } from './pack-check.ts';

const LIMIT = 10_000;

/** A pack of plain blobs; the trailer is not looked at here. */
function pack(...blobs: Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(blobs.length, 8);
  return Buffer.concat([
    head,
    ...blobs.flatMap((blob) => [header(3, blob.length), deflateSync(blob)]),
    Buffer.alloc(20),
  ]);
}

function header(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(left & 0x7f);
  }
  return Buffer.from(bytes);
}

describe('checkPack', () => {
  it('accepts what git writes, deltas included', async () => {
    const root = await gitRoot();
    try {
      const repository = await createRepository(root, 'apps');
      const lines = Array.from({ length: 200 }, (_, n) => `line ${n} ${Math.sin(n)}`);
      await repository.commit({ 'a.yaml': lines.join('\n') });
      await repository.commit({ 'a.yaml': [...lines, 'more'].join('\n') });
      await repository.git('repack', '-a', '-d', '-q');
      const packs = join(repository.work, '.git/objects/pack');
      const name = (await readdir(packs)).find((file) => file.endsWith('.pack')) ?? '';
      expect(await repository.git('verify-pack', '-v', join(packs, name))).toContain('chain length = 1');
      expect(checkPack(await readFile(join(packs, name)), 1024 * 1024)).toBe('ok');
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });

  it('accepts objects up to the limit', () => {
    expect(checkPack(pack(Buffer.alloc(LIMIT), Buffer.alloc(0), Buffer.from('x')), LIMIT)).toBe('ok');
    expect(checkPack(pack(Buffer.alloc(LIMIT + 1)), LIMIT)).toBe('too-large');
  });

  it('does not believe a small size before much data', () => {
    const bomb = pack(Buffer.alloc(LIMIT * 100));
    const lying = Buffer.concat([
      bomb.subarray(0, 12),
      header(3, 5),
      bomb.subarray(12 + header(3, LIMIT * 100).length),
    ]);
    expect(checkPack(lying, LIMIT)).toBe('damaged');
  });

  it('finds a delta whose result is too large', () => {
    // Base of 4 bytes, result of 2^21: varints as in gitformat-pack.
    const delta = Buffer.from([4, 0x80, 0x80, 0x80, 0x01, 0x90, 4]);
    const base = pack(Buffer.from('abcd'));
    const entry = Buffer.concat([header(7, delta.length), Buffer.alloc(20), deflateSync(delta)]);
    const both = Buffer.concat([base.subarray(0, -20), entry, Buffer.alloc(20)]);
    both.writeUInt32BE(2, 8);
    expect(checkPack(both, LIMIT)).toBe('too-large');
    expect(checkPack(both, 4_000_000)).toBe('ok');
  });

  it('is total, and accepts no pack that was cut short', () => {
    const good = pack(Buffer.from('hello'), Buffer.alloc(500, 1));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 1 }), fc.uint8Array(), (cut, rubbish) => {
        expect(checkPack(good.subarray(0, cut), LIMIT)).toBe('damaged');
        expect(['ok', 'damaged', 'too-large']).toContain(
          checkPack(Buffer.concat([good.subarray(0, 12), rubbish]), LIMIT),
        );
      }),
    );
  });
});
