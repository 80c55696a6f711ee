import { createHmac } from 'node:crypto';
import type { KubeObject } from '../../kube/types.ts';
import { canonicalJson, sha256Hex } from '../../manifest/canonical.ts';
import { asObject } from '../plain.ts';
import type { ConfigReference } from './references.ts';

/** Digests of the values of one ConfigMap or Secret by key; the values themselves are kept nowhere. */
export type KeyDigests = ReadonlyMap<string, string>;

/** In front of every digest: a change of how contents are written down must not look like a change of the content. */
const SCHEME = '1';

/** 80 bits: enough that no two contents are taken for one, short enough for an annotation of many. */
const SHORT = 20;

/**
 * The values of a ConfigMap or Secret as digests. Those of a Secret are keyed with its uid, which only who may read the Secret
 * knows: a short password cannot be found from its digest by trying. So a Secret that is deleted and made anew
 * counts as changed.
 */
export function keyDigests(object: KubeObject): KeyDigests {
  const secret = object.kind === 'Secret';
  const uid = object.metadata.uid ?? '';
  const digest = (text: string): string =>
    secret ? createHmac('sha256', uid).update(text).digest('hex') : sha256Hex(text);
  const entries = (['data', 'binaryData'] as const).flatMap((field) =>
    Object.entries(asObject(object[field]) ?? {}).map(
      ([key, value]) => [key, digest(canonicalJson([field, key, value]))] as const,
    ),
  );
  return new Map(entries);
}

/** The digest of what a template reads of an object; `undefined` for one that does not exist. */
export function contentDigest({ keys }: ConfigReference, digests: KeyDigests | undefined): string {
  if (digests === undefined) return `${SCHEME}:absent`;
  const read = keys ?? [...digests.keys()].sort();
  const digest = sha256Hex(canonicalJson(read.map((key) => [key, digests.get(key) ?? null])));
  return `${SCHEME}:${digest.slice(0, SHORT)}`;
}
