import { TEMPLATE_DIGEST_ANNOTATION } from '../../api/names.ts';
import type { ReplicaSet } from '../snapshot.ts';
import type { WantedVersion } from '../wanted-version.ts';
import { changedObjects, markOf } from './mark.ts';

/** The ConfigMaps and Secrets, for people, that alone make a version another one than the one before; else undefined. */
export function changedConfig(
  before: ReplicaSet | undefined,
  wanted: Extract<WantedVersion, { state: 'known' }> | undefined,
): string | undefined {
  if (before === undefined || wanted?.config === undefined) return undefined;
  if (before.metadata.annotations?.[TEMPLATE_DIGEST_ANNOTATION] !== wanted.identity.digest) return undefined;
  const changed = changedObjects(markOf(before), wanted.config);
  return changed === '' ? undefined : changed;
}
