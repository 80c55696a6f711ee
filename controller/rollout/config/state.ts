import { asObject } from '../plain.ts';
import { contentDigest, type KeyDigests } from './digest.ts';
import type { ConfigMark } from './mark.ts';
import type { ConfigKind, ConfigReference } from './references.ts';

/** What is known of the ConfigMaps and Secrets that the template reads. */
export type ConfigState =
  | { state: 'known'; mark: ConfigMark }
  /** Being read, or it changed a moment ago and more changes may follow. */
  | { state: 'pending'; message: string }
  /** A pod could not start. */
  | { state: 'missing'; message: string }
  /** It may not be read, or the API server does not answer. */
  | { state: 'unavailable'; message: string };

/** Which kinds start a new revision when their content changes; spec.revisionTriggers. Total on rubbish. */
export function triggerKinds(spec: unknown): readonly ConfigKind[] {
  const asked = asObject(spec)?.['revisionTriggers'];
  if (!Array.isArray(asked)) return [];
  return (['ConfigMap', 'Secret'] as const).filter((kind) => asked.includes(kind));
}

/**
 * Judges what was read.
 *
 * @param read the digests of each object, undefined for one that does not exist
 */
export function configState(
  read: readonly { reference: ConfigReference; digests: KeyDigests | undefined }[],
): ConfigState {
  for (const { reference, digests } of read) {
    const { kind, name, required, requiredKeys } = reference;
    if (digests === undefined && required) {
      return {
        state: 'missing',
        message: `${kind} "${name}" does not exist: create it, or make the reference optional`,
      };
    }
    const key = digests === undefined ? undefined : requiredKeys.find((one) => !digests.has(one));
    if (key !== undefined) {
      return {
        state: 'missing',
        message: `${kind} "${name}" has no key "${key}": add it, or make the reference optional`,
      };
    }
  }
  const mark = read.map(({ reference, digests }) => [
    `${reference.kind}/${reference.name}`,
    contentDigest(reference, digests),
  ]);
  return { state: 'known', mark: Object.fromEntries(mark) };
}
