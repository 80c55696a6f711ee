import { inflateSync } from 'node:zlib';

/**
 * Walks the objects of a pack with a bound on what each may inflate to, before a library that has no such bound gets to see
 * it: a 1 MB pack can hold a 1 GB blob. Format: Documentation/gitformat-pack.txt of git.
 */
export function checkPack(pack: Buffer, maxObjectBytes: number): 'ok' | 'damaged' | 'too-large' {
  if (pack.length < 32 || pack.toString('latin1', 0, 4) !== 'PACK') return 'damaged';
  const count = pack.readUInt32BE(8);
  const end = pack.length - 20;
  let at = 12;
  for (let n = 0; n < count; n++) {
    const header = readHeader(pack, at, end);
    if (header === undefined) return 'damaged';
    if (header.size > maxObjectBytes) return 'too-large';
    const inflated = inflate(pack.subarray(header.dataAt, end), maxObjectBytes);
    if (inflated === undefined || inflated.data.length !== header.size) return 'damaged';
    if (header.delta && deltaResultSize(inflated.data) > maxObjectBytes) return 'too-large';
    at = header.dataAt + inflated.consumed;
  }
  return at === end ? 'ok' : 'damaged';
}

const OFS_DELTA = 6;
const REF_DELTA = 7;

function readHeader(
  pack: Buffer,
  start: number,
  end: number,
): { size: number; delta: boolean; dataAt: number } | undefined {
  let at = start;
  let byte = pack[at++] ?? 0;
  const type = (byte >> 4) & 7;
  let size = byte & 15;
  let factor = 16;
  while ((byte & 0x80) !== 0 && at < end) {
    byte = pack[at++] ?? 0;
    size += (byte & 0x7f) * factor;
    factor *= 128;
  }
  if (type === OFS_DELTA) {
    do byte = pack[at++] ?? 0;
    while ((byte & 0x80) !== 0 && at < end);
  } else if (type === REF_DELTA) {
    at += 20;
  } else if (type < 1 || type > 4) {
    return undefined;
  }
  return at < end ? { size, delta: type >= OFS_DELTA, dataAt: at } : undefined;
}

function inflate(input: Buffer, maxOutputLength: number): { data: Buffer; consumed: number } | undefined {
  try {
    // `info` adds the engine, whose bytesWritten is how much of the input belonged to this object.
    const result = inflateSync(input, { maxOutputLength: maxOutputLength + 1, info: true } as object) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return { data: result.buffer, consumed: result.engine.bytesWritten };
  } catch {
    return undefined;
  }
}

/** A delta starts with two varints: the size of its base and of its result. */
function deltaResultSize(delta: Buffer): number {
  let at = 0;
  let size = 0;
  for (let field = 0; field < 2; field++) {
    size = 0;
    let factor = 1;
    let byte = 0;
    do {
      byte = delta[at++] ?? 0;
      size += (byte & 0x7f) * factor;
      factor *= 128;
    } while ((byte & 0x80) !== 0 && at < delta.length);
  }
  return size;
}
