/**
 * isomorphic-git's fetch looks up HEAD even when it was asked for something else, and fails in a repository whose HEAD names
 * a branch that does not exist. This adds a symref for HEAD to the first line of such a ref advertisement (git's
 * gitprotocol-v2 and gitprotocol-pack describe the format); nothing is ever read through it.
 */
export function withHead(advertisement: Buffer): Buffer {
  for (let at = 0; at + 4 <= advertisement.length; ) {
    const length = Number.parseInt(advertisement.toString('latin1', at, at + 4), 16);
    if (Number.isNaN(length)) return advertisement;
    const end = at + Math.max(length, 4);
    const line = advertisement.subarray(at + 4, end);
    if (line.includes(0)) {
      if (line.includes(' symref=HEAD:') || line.includes('\0symref=HEAD:')) return advertisement;
      const text = Buffer.concat([trimEnd(line), Buffer.from(' symref=HEAD:refs/heads/none\n')]);
      const head = Buffer.from((text.length + 4).toString(16).padStart(4, '0'));
      return Buffer.concat([advertisement.subarray(0, at), head, text, advertisement.subarray(end)]);
    }
    at = end;
  }
  return advertisement;
}

function trimEnd(line: Buffer): Buffer {
  return line.at(-1) === 0x0a ? line.subarray(0, -1) : line;
}
