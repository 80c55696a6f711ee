import { TEMPLATE_DIGEST_ANNOTATION } from '../api/names.ts';
import { canonicalJson, sha256Hex } from '../manifest/canonical.ts';
import { comparableTemplate } from './defaults.ts';
import { onceByIdentity } from './memo.ts';
import { hashOf } from './replica-sets.ts';
import { shortHash } from './short-hash.ts';
import type { PodTemplate, ReplicaSet } from './snapshot.ts';

/** Part of every digest: a change of how templates are written down must not look like a change of the template. */
const SCHEME = 'v1';

/** The ReplicaSet of a template, or the hash that a new one gets. */
export type TemplateIdentity =
  | { state: 'exists'; hash: string; replicaSet: ReplicaSet; digest: string }
  | { state: 'new'; hash: string; digest: string; collisions: number };

/**
 * Finds the ReplicaSet of an effective template: by the digest that was recorded when it was made; else by equality of
 * the templates with all defaults filled in, so that what another controller or version made is taken over without
 * restarting a pod. A name that is taken by something else counts as a collision and changes the hash.
 *
 * @param taken names of ReplicaSets that are not this Rollout's
 */
export function identifyTemplate(
  rollout: string,
  template: PodTemplate,
  replicaSets: readonly ReplicaSet[],
  taken: readonly string[] = [],
): TemplateIdentity {
  const digest = templateDigest(template);
  const usable = replicaSets.filter((rs) => hashOf(rs) !== undefined && rs.metadata.deletionTimestamp === undefined);
  const recorded = usable.filter((rs) => rs.metadata.annotations?.[TEMPLATE_DIGEST_ANNOTATION] === digest);
  const found = preferred(recorded) ?? preferred(equalTo(template, usable));
  if (found !== undefined) return { state: 'exists', hash: hashOf(found) ?? '', replicaSet: found, digest };

  const names = new Set([...taken, ...replicaSets.map((rs) => rs.metadata.name)]);
  const hashes = new Set(replicaSets.map(hashOf));
  for (let collisions = 0; ; collisions += 1) {
    const hash = shortHash(collisions === 0 ? digest : `${digest}/${collisions}`);
    if (!hashes.has(hash) && !names.has(`${rollout}-${hash}`)) return { state: 'new', hash, digest, collisions };
  }
}

/** Versioned digest of a template as it was asked for. */
export const templateDigest = onceByIdentity(
  (template: PodTemplate): string => `${SCHEME}:${sha256Hex(`template/${SCHEME}\n${canonicalJson(template)}`)}`,
);

function equalTo(template: PodTemplate, replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  if (replicaSets.length === 0) return [];
  const wanted = canonicalJson(comparableTemplate(template));
  return replicaSets.filter((rs) => canonicalJson(comparableTemplate(rs.spec.template)) === wanted);
}

/** The oldest, then the first by name: the same answer whatever the order of the list. */
function preferred(replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const key = (rs: ReplicaSet): string => `${rs.metadata.creationTimestamp ?? ''}/${rs.metadata.name}`;
  return [...replicaSets].sort((a, b) => (key(a) < key(b) ? -1 : 1))[0];
}
