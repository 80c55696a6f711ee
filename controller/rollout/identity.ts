import { TEMPLATE_DIGEST_ANNOTATION } from '../api/names.ts';
import { canonicalJson, sha256Hex } from '../manifest/canonical.ts';
import { agrees, type ConfigMark, markOf, markText } from './config/mark.ts';
import { comparableTemplate } from './defaults.ts';
import { undressed } from './dress.ts';
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

/** What ReplicaSets of one template differ in, and which of them is meant when that cannot be told. */
export interface Version {
  /**
   * What the containers read: `any` when that starts no revision or is not known now, so that the template alone counts.
   */
  config: ConfigMark | 'any';
  /** Hashes of the versions that are in use, the one that is rolled out first. */
  inUse: readonly (string | undefined)[];
}

/**
 * Finds the ReplicaSet of an effective template: by the digest that was recorded when it was made; else by equality of
 * the templates with all defaults filled in, so that what another controller or version made is taken over without
 * restarting a pod. A name that is taken by something else counts as a collision and changes the hash.
 *
 * With a mark of what the containers read, only a ReplicaSet with the same mark counts. One in use whose mark has other
 * objects, or that has none, gets the mark when nothing speaks against it, so that to begin to ask restarts nothing either.
 *
 * @param taken names of ReplicaSets that are not this Rollout's
 */
export function identifyTemplate(
  rollout: string,
  template: PodTemplate,
  replicaSets: readonly ReplicaSet[],
  taken: readonly string[] = [],
  version: Version = { config: 'any', inUse: [] },
): TemplateIdentity {
  const templateOnly = templateDigest(template);
  const usable = replicaSets.filter((rs) => hashOf(rs) !== undefined && rs.metadata.deletionTimestamp === undefined);
  const recorded = usable.filter((rs) => rs.metadata.annotations?.[TEMPLATE_DIGEST_ANNOTATION] === templateOnly);
  const found = chosen(recorded, version) ?? chosen(equalTo(template, usable), version);
  if (found !== undefined)
    return { state: 'exists', hash: hashOf(found) ?? '', replicaSet: found, digest: templateOnly };

  const { config } = version;
  const digest = config === 'any' ? templateOnly : `${templateOnly}/${markText(config)}`;
  const names = new Set([...taken, ...replicaSets.map((rs) => rs.metadata.name)]);
  const hashes = new Set(replicaSets.map(hashOf));
  for (let collisions = 0; ; collisions += 1) {
    const hash = shortHash(collisions === 0 ? digest : `${digest}/${collisions}`);
    if (!hashes.has(hash) && !names.has(`${rollout}-${hash}`))
      return { state: 'new', hash, digest: templateOnly, collisions };
  }
}

/** Versioned digest of a template as it was asked for. */
export const templateDigest = onceByIdentity(
  (template: PodTemplate): string => `${SCHEME}:${sha256Hex(`template/${SCHEME}\n${canonicalJson(template)}`)}`,
);

function equalTo(template: PodTemplate, replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  if (replicaSets.length === 0) return [];
  const wanted = comparable(template);
  return replicaSets.filter((rs) => comparableIn(rs) === wanted);
}

/** The one of several with equal templates that is meant. */
function chosen(replicaSets: readonly ReplicaSet[], { config, inUse }: Version): ReplicaSet | undefined {
  const used = (among: readonly ReplicaSet[]): ReplicaSet | undefined =>
    inUse.flatMap((hash) => among.find((rs) => hash !== undefined && hashOf(rs) === hash) ?? [])[0];
  if (config === 'any') return used(replicaSets) ?? preferred(replicaSets);
  const text = markText(config);
  const same = replicaSets.filter((rs) => markText(markOf(rs)) === text);
  return preferred(same) ?? used(replicaSets.filter((rs) => agrees(markOf(rs), config)));
}

const comparable = onceByIdentity((template: PodTemplate): string => canonicalJson(comparableTemplate(template)));

const comparableIn = onceByIdentity((rs: ReplicaSet): string => canonicalJson(comparableTemplate(undressed(rs))));

/** The oldest, then the first by name: the same answer whatever the order of the list. */
function preferred(replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const key = (rs: ReplicaSet): string => `${rs.metadata.creationTimestamp ?? ''}/${rs.metadata.name}`;
  return [...replicaSets].sort((a, b) => (key(a) < key(b) ? -1 : 1))[0];
}
