import type { ApplicationStatusResource } from '../api/generated/application.ts';
import { sha256Hex } from '../manifest/canonical.ts';
import { markOf } from './live.ts';
import type { PairedObject } from './snapshot.ts';
import type { ObjectRecord } from './verdict.ts';

/**
 * The digest that the status keeps of an object that was found equal, so that the next process need not compare it again.
 * Undefined for anything else: only what was found equal is worth remembering.
 */
export function comparedDigest({ record, fingerprint, live }: PairedObject): string | undefined {
  const equal = record?.verdict.state === 'synced' && record.fingerprint === fingerprint;
  return equal && live.state === 'present' && record.mark === markOf(live)
    ? digestOf(fingerprint, record.mark)
    : undefined;
}

/** What an entry of the status says of an object, if both what is wanted and what is there are still the same. */
export function recordFromStatus(
  entry: ApplicationStatusResource | undefined,
  { fingerprint, live, desired }: Pick<PairedObject, 'fingerprint' | 'live' | 'desired'>,
): ObjectRecord | undefined {
  if (entry?.compared === undefined || entry.status !== 'Synced' || live.state !== 'present') return undefined;
  const mark = markOf(live);
  if (entry.compared !== digestOf(fingerprint, mark)) return undefined;
  const { digest } = desired;
  return { digest, fingerprint, mark, verdict: { state: 'synced' }, failures: 0, retryAt: 0, answer: undefined };
}

/**
 * The new entries with the digests that are known already. A live object may change often without coming to differ from
 * Git; a new digest alone is not worth a write, and is told with the next one.
 */
export function withKnownDigests(
  old: readonly ApplicationStatusResource[] | undefined,
  next: readonly ApplicationStatusResource[],
): ApplicationStatusResource[] {
  return next.map((entry, i) => {
    const before = old?.[i]?.compared;
    return before !== undefined && entry.compared !== undefined ? { ...entry, compared: before } : entry;
  });
}

function digestOf(fingerprint: string, mark: string): string {
  return sha256Hex(`${fingerprint} ${mark}`).slice(0, 16);
}
