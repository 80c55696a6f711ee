import type { Application } from '../api/generated/application.ts';
import { canonicalJson, sha256Hex } from '../manifest/canonical.ts';

/**
 * Digest of the fields of the spec that say what is wanted in the cluster. Saying when an Application is synced changes its
 * generation, but not what it wants: that must not look like a change to be applied.
 */
export function specHash({ spec }: Application): string {
  const known = remembered.get(spec);
  if (known !== undefined) return known;
  const { source, destination, ignoreDifferences, syncPolicy } = spec;
  const { automated, syncOptions, managedNamespaceMetadata } = syncPolicy ?? {};
  const wanted = {
    source,
    destination,
    ignoreDifferences,
    prune: automated?.prune,
    allowEmpty: automated?.allowEmpty,
    syncOptions,
    managedNamespaceMetadata,
  };
  const hash = sha256Hex(canonicalJson(wanted)).slice(0, 16);
  remembered.set(spec, hash);
  return hash;
}

/** By spec, which nobody changes in place: every pass asks several times. */
const remembered = new WeakMap<Application['spec'], string>();
