import { EPHEMERAL_METADATA_ANNOTATION, PODS_TO_UPDATE_ANNOTATION } from '../api/names.ts';
import { canonicalJson } from '../manifest/canonical.ts';
import { affinityPatch, apartFrom, plainRule, withoutRule } from './anti-affinity.ts';
import type { Command, TemplatePatch } from './decision.ts';
import { isUpdating, type Lineup } from './lineup.ts';
import { asList, asObject } from './plain.ts';
import { injectedIn, type PodMetadata, withoutInjected, withPodMetadata } from './pod-metadata.ts';
import { createdPods, hashOf, wantedPods } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { PodState, PodTemplate, ReplicaSet } from './snapshot.ts';

/** Pods that are brought up to date in one decision; the others come right after. */
const PODS_AT_ONCE = 100;
/** When it is seen whether pods keep what they got, in milliseconds. */
const RELOOK_MS = 1000;
const NOTHING: PodMetadata = { labels: {}, annotations: {} };

/** The template of a ReplicaSet without what was added for its part in the release: what its version is. */
export function undressed({ metadata, spec }: ReplicaSet): PodTemplate {
  const template = withoutInjected(spec.template, injectedIn({ metadata } as ReplicaSet));
  const { affinity, ...rest } = template.spec ?? {};
  if (affinity === undefined) return template;
  const plain = withoutRule(affinity);
  return { ...template, spec: plain === undefined ? rest : { ...rest, affinity: plain } };
}

/** A ReplicaSet that is about to be made, with what its pods have for their part in the release. */
export function dressed(replicaSet: ReplicaSet, replicas: number, lineup: Lineup, settings: Settings): ReplicaSet {
  const { template, note } = dress(replicaSet, lineup, settings);
  const annotations = { ...replicaSet.metadata.annotations };
  if (note !== null) annotations[EPHEMERAL_METADATA_ANNOTATION] = note;
  return {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...replicaSet.spec, replicas, template },
  };
}

/** What a ReplicaSet that exists is to get. */
export interface Redress {
  annotations: Record<string, string | null>;
  template?: TemplatePatch;
}

/** What brings the ReplicaSets, then their pods, to their part in the release. */
export interface Wardrobe {
  replicaSets: ReadonlyMap<ReplicaSet, Redress>;
  pods: readonly Command[];
  /** Milliseconds until there is more to do; undefined: nothing is left, or a change of a ReplicaSet comes first. */
  waitMs: number | undefined;
}

/**
 * Gives ReplicaSets and pods the labels, annotations and the anti-affinity of their part in the release, without restarting a
 * pod. First the template, with a note of the keys that pods may have otherwise. When the ReplicaSet controller has seen that
 * (observedGeneration), every pod that it will ever make is as it should be, so the pods that are there then are all
 * that is left; the note goes when all of them are seen to be right.
 */
export function wardrobe(lineup: Lineup, settings: Settings, pods: readonly PodState[] | undefined): Wardrobe {
  const sets = [...new Set([lineup.stable, lineup.current, ...lineup.older])].filter((rs) => rs !== undefined);
  const changes = new Map<ReplicaSet, Redress>();
  const patches: Command[] = [];
  let waitMs: number | undefined;
  for (const rs of sets) {
    if (rs.metadata.resourceVersion === undefined) continue;
    const change = redress(rs, lineup, settings);
    if (change !== undefined) {
      changes.set(rs, change);
    } else if (hasPodsToUpdate(rs)) {
      const own = pods?.filter((pod) => pod.replicaSet === rs.metadata.uid && !pod.leaving);
      const missing = own?.flatMap((pod) => podPatch(rs, pod) ?? []);
      if (missing?.length === 0) changes.set(rs, { annotations: { [PODS_TO_UPDATE_ANNOTATION]: null } });
      // More of them at once; whether they keep what they got a moment later, since a webhook may set it back each time.
      else waitMs = Math.min(waitMs ?? RELOOK_MS, (missing?.length ?? 0) > PODS_AT_ONCE ? 1 : RELOOK_MS);
      patches.push(...(missing ?? []).slice(0, PODS_AT_ONCE - patches.length));
    }
  }
  return { replicaSets: changes, pods: patches, waitMs };
}

/** True while pods of a ReplicaSet may lack what its template has, and no more of them can come. */
export function hasPodsToUpdate(rs: ReplicaSet): boolean {
  return rs.metadata.annotations?.[PODS_TO_UPDATE_ANNOTATION] !== undefined && isSeen(rs);
}

/** The ReplicaSet controller has seen what the ReplicaSet is now. */
function isSeen({ metadata, status }: ReplicaSet): boolean {
  return metadata.generation === undefined || (status?.observedGeneration ?? 0) >= metadata.generation;
}

function dress(
  replicaSet: ReplicaSet,
  lineup: Lineup,
  settings: Settings,
): { template: PodTemplate; note: string | null } {
  const tested = isUpdating(lineup) && replicaSet === lineup.current;
  const serves = replicaSet === lineup.stable || (replicaSet === lineup.current && !tested);
  const metadata = tested ? settings.testedMetadata : serves ? settings.stableMetadata : NOTHING;
  const { template, note } = withPodMetadata(replicaSet.spec.template, injectedIn(replicaSet), metadata);
  const hash = lineup.stable === undefined ? undefined : hashOf(lineup.stable);
  // For a version that serves it says nothing any more.
  if (!tested || hash === undefined) return { template, note };
  const { affinity } = template.spec ?? {};
  const { antiAffinity } = settings;
  const wanted = antiAffinity === undefined ? withoutRule(affinity) : apartFrom(affinity, antiAffinity, hash);
  if (canonicalJson(wanted ?? {}) === canonicalJson(plainAffinity(affinity))) return { template, note };
  const { affinity: _, ...rest } = template.spec ?? {};
  return { template: { ...template, spec: wanted === undefined ? rest : { ...rest, affinity: wanted } }, note };
}

/** An affinity without what says nothing: empty parts, and the pods' own namespace, which Argo Rollouts names in its rule. */
function plainAffinity(affinity: unknown): object {
  const { podAntiAffinity, ...rest } = asObject(affinity) ?? {};
  const lists = Object.entries(asObject(podAntiAffinity) ?? {}).flatMap(([name, terms]) =>
    asList(terms).length === 0 ? [] : [[name, asList(terms).map(plainRule)] as const],
  );
  return lists.length === 0 ? rest : { ...rest, podAntiAffinity: Object.fromEntries(lists) };
}

/** The change of a ReplicaSet that is not as its part wants it; none for one without pods, which takes no part. */
function redress(rs: ReplicaSet, lineup: Lineup, settings: Settings): Redress | undefined {
  const idle = rs !== lineup.stable && rs !== lineup.current && wantedPods(rs) === 0 && createdPods(rs) === 0;
  if (idle) return undefined;
  const { template, note } = dress(rs, lineup, settings);
  const old = rs.spec.template;
  const [labels, annotations] = [metadataPatch(old, template, 'labels'), metadataPatch(old, template, 'annotations')];
  const moved = labels !== undefined || annotations !== undefined;
  const affinity = canonicalJson(old.spec?.['affinity'] ?? {}) !== canonicalJson(template.spec?.['affinity'] ?? {});
  const noted = rs.metadata.annotations?.[EPHEMERAL_METADATA_ANNOTATION] ?? null;
  if (!moved && !affinity && noted === note) return undefined;
  // One that it was to make before, and that nobody has reported yet, counts as well.
  const hasPods = wantedPods(rs) > 0 || createdPods(rs) > 0 || !isSeen(rs);
  return {
    annotations: {
      ...(noted === note ? {} : { [EPHEMERAL_METADATA_ANNOTATION]: note }),
      ...(moved && hasPods ? { [PODS_TO_UPDATE_ANNOTATION]: keysToUpdate(rs, labels, annotations) } : {}),
    },
    template: {
      ...(moved ? { metadata: { ...(labels && { labels }), ...(annotations && { annotations }) } } : {}),
      ...(affinity ? { spec: { affinity: affinityPatch(asObject(template.spec?.['affinity'])) } } : {}),
    },
  };
}

function metadataPatch(
  old: PodTemplate,
  next: PodTemplate,
  kind: 'labels' | 'annotations',
): Record<string, string | null> | undefined {
  const [was, is] = [old.metadata?.[kind] ?? {}, next.metadata?.[kind] ?? {}];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((key) => was[key] !== is[key]);
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, is[key] ?? null]));
}

/** The keys of this change, and of earlier ones that not every pod has yet. */
function keysToUpdate(rs: ReplicaSet, labels: object = {}, annotations: object = {}): string {
  const before = noteOf(rs);
  const all = (old: readonly string[], now: object): string[] => [...new Set([...old, ...Object.keys(now)])].sort();
  return JSON.stringify({ labels: all(before.labels, labels), annotations: all(before.annotations, annotations) });
}

function noteOf({ metadata }: ReplicaSet): { labels: string[]; annotations: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(metadata.annotations?.[PODS_TO_UPDATE_ANNOTATION] ?? '');
  } catch {
    value = undefined;
  }
  const keys = (kind: string): string[] => asList(asObject(value)?.[kind]).map(String);
  return { labels: keys('labels'), annotations: keys('annotations') };
}

/** The patch for a pod that is not as the template says in the noted keys. */
function podPatch(rs: ReplicaSet, pod: PodState): Command | undefined {
  const keys = noteOf(rs);
  const change = (kind: 'labels' | 'annotations') => {
    const is = rs.spec.template.metadata?.[kind] ?? {};
    const wrong = keys[kind].filter((key) => pod[kind][key] !== is[key]);
    return wrong.length === 0 ? {} : { [kind]: Object.fromEntries(wrong.map((key) => [key, is[key] ?? null])) };
  };
  const metadata = { ...change('labels'), ...change('annotations') };
  if (Object.keys(metadata).length === 0) return undefined;
  return { type: 'patchPod', name: pod.name, uid: pod.uid, metadata };
}
