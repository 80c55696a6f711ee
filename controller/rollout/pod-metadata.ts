import { EPHEMERAL_METADATA_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { asList, asObject, compact, type Json } from './plain.ts';
import type { Problem } from './problem.ts';
import type { PodTemplate, ReplicaSet, Service } from './snapshot.ts';

/** Labels and annotations that pods have only as long as their version has its part in the release. */
export interface PodMetadata {
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
}

/** What a ReplicaSet was given, and the values of the user's template that it hides. */
export interface Injected extends PodMetadata {
  replaced: PodMetadata;
}

const KINDS = ['labels', 'annotations'] as const;
/** Names of labels and annotations: an optional DNS subdomain, and a name of at most 63 characters. */
const KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/** Reads canaryMetadata and its like; what is no text is left out and reported by validation. */
export function readPodMetadata(raw: unknown): PodMetadata {
  const value = asObject(raw);
  return { labels: texts(value?.['labels']), annotations: texts(value?.['annotations']) };
}

/** What the pods of a ReplicaSet were given, as its annotation says; nothing when that cannot be read. */
export function injectedIn(replicaSet: ReplicaSet): Injected {
  const text = replicaSet.metadata.annotations?.[EPHEMERAL_METADATA_ANNOTATION];
  let value: Json | undefined;
  try {
    value = text === undefined ? undefined : asObject(JSON.parse(text));
  } catch {
    value = undefined;
  }
  return { ...readPodMetadata(value), replaced: readPodMetadata(value?.['replaced']) };
}

/** The template with these instead of what was injected before, and the annotation that says so (null: none). */
export function withPodMetadata(
  template: PodTemplate,
  before: Injected,
  wanted: PodMetadata,
): { template: PodTemplate; note: string | null } {
  const plain = withoutInjected(template, before);
  if (KINDS.every((kind) => Object.keys(wanted[kind]).length === 0)) return { template: plain, note: null };
  const metadata: NonNullable<PodTemplate['metadata']> = { ...plain.metadata };
  const replaced: Partial<Record<(typeof KINDS)[number], Record<string, string>>> = {};
  for (const kind of KINDS) {
    if (Object.keys(wanted[kind]).length === 0) continue;
    const own = plain.metadata?.[kind] ?? {};
    const hidden = Object.entries(own).filter(([key]) => Object.hasOwn(wanted[kind], key));
    if (hidden.length > 0) replaced[kind] = Object.fromEntries(hidden);
    metadata[kind] = { ...own, ...wanted[kind] };
  }
  const note = compact({
    labels: orNothing(wanted.labels),
    annotations: orNothing(wanted.annotations),
    replaced: orNothing(replaced),
  });
  return { template: { ...template, metadata }, note: JSON.stringify(note) };
}

/** The template as the user wrote it. */
export function withoutInjected(template: PodTemplate, injected: Injected): PodTemplate {
  const metadata: NonNullable<PodTemplate['metadata']> = { ...template.metadata };
  let changed = false;
  for (const kind of KINDS) {
    if (Object.keys(injected[kind]).length === 0) continue;
    changed = true;
    const kept = Object.entries(metadata[kind] ?? {}).filter(([key, value]) => injected[kind][key] !== value);
    const own = Object.fromEntries([...Object.entries(injected.replaced[kind]), ...kept]);
    if (Object.keys(own).length > 0) metadata[kind] = own;
    else delete metadata[kind];
  }
  return changed ? { ...template, metadata } : template;
}

/**
 * What of canaryMetadata and its like cannot be used: names and values that the API server would refuse, and labels that
 * decide which pods belong to the Rollout or to one of its Services.
 */
export function podMetadataProblems(
  raw: unknown,
  field: string,
  selector: unknown,
  services: readonly Service[],
): readonly Problem[] {
  const { matchLabels, matchExpressions } = asObject(selector) ?? {};
  const own = new Set([POD_TEMPLATE_HASH_LABEL, ...Object.keys(asObject(matchLabels) ?? {})]);
  for (const expression of asList(matchExpressions)) own.add(String(asObject(expression)?.['key']));
  return KINDS.flatMap((kind) =>
    Object.entries(asObject(asObject(raw)?.[kind]) ?? {}).flatMap(([key, value]) => {
      const problem = entryProblem(kind, key, value, own, services);
      return problem === undefined ? [] : [{ field: `${field}.${kind}["${key}"]`, problem }];
    }),
  );
}

function entryProblem(
  kind: (typeof KINDS)[number],
  key: string,
  value: unknown,
  own: ReadonlySet<string>,
  services: readonly Service[],
): string | undefined {
  if (!KEY.test(key)) return 'is no name: write letters, digits, -, _ and ., after an optional domain and /';
  if (typeof value !== 'string') return 'write a text';
  if (kind === 'annotations') return undefined;
  if (!LABEL_VALUE.test(value)) return `"${value}" is no value of a label: write up to 63 letters, digits, -, _ and .`;
  if (own.has(key)) return 'the pods of the Rollout are found by this label: use another';
  const service = services.find(({ spec }) => spec.selector !== undefined && Object.hasOwn(spec.selector, key));
  return service && `Service "${service.metadata.name}" selects pods by this label: use another`;
}

function texts(raw: unknown): Record<string, string> {
  const entries = Object.entries(asObject(raw) ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function orNothing<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
