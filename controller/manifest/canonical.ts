import { createHash } from 'node:crypto';

/**
 * JSON with sorted keys and without undefined members: equal for values that the API server cannot tell apart. For plain
 * JSON data; what JSON cannot express becomes null, as in arrays of JSON.stringify.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members: string[] = [];
    for (const key of Object.keys(value).sort()) {
      const member = (value as Record<string, unknown>)[key];
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
    }
    return `{${members.join(',')}}`;
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
}

/** SHA-256 of a text as 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** 32-bit FNV-1a of the UTF-8 bytes of a text (RFC draft-eastlake-fnv). Short names only, never for equality. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The alphabet of Kubernetes' pod template hashes: no vowels, so that no words appear; no 0, 1, 3. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** Spells a number's decimal digits in the alphabet of Kubernetes' generated names (apimachinery rand.SafeEncodeString). */
export function safeEncode(number: number): string {
  return [...String(number)].map((digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join('');
}
