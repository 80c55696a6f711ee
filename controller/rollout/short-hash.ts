import { sha256Hex } from '../manifest/canonical.ts';

/** Letters and digits that cannot form words by accident and are valid in names and labels; as in Kubernetes. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** A short name-safe hash of a text: ten characters of 27 possible ones, about 47 bits. */
export function shortHash(text: string): string {
  let rest = BigInt(`0x${sha256Hex(text).slice(0, 16)}`);
  let hash = '';
  while (hash.length < 10) {
    hash += SAFE[Number(rest % 27n)];
    rest /= 27n;
  }
  return hash;
}
