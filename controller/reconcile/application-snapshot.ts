import type { Application, ApplicationStatusResource } from '../api/generated/application.ts';
import { apiVersionOf, type KubeObject, type ObjectKey, type ResourceInfo, type Store } from '../kube/types.ts';
import { formatObjectId } from '../manifest/identity.ts';
import type { SkippedDocument } from '../manifest/load.ts';
import { ownedPaths, type RolloutTargets } from '../manifest/owned-paths.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { recordFromStatus } from '../sync/compared.ts';
import type { DesiredObject, DesiredSet } from '../sync/desired.ts';
import { type IgnoreRule, ignoredOf, ignoreRules } from '../sync/ignore/rules.ts';
import type { Kinds } from '../sync/kinds.ts';
import { type Cached, newest } from '../sync/live.ts';
import { isOurs } from '../sync/prune.ts';
import { doubtAbout } from '../sync/prune-doubt.ts';
import type { Leftover, PairedObject, SyncSnapshot } from '../sync/snapshot.ts';
import { entryId, entryKey } from '../sync/status-resources.ts';
import { claims } from './application-claims.ts';
import { isKindGone, servedAs } from './application-kinds.ts';
import type { ApplicationMemory } from './application-memory.ts';
import type { ApplicationWatches } from './application-watches.ts';

/** Where a snapshot is taken from. */
export interface SnapshotSources {
  applications: Store<Application>;
  rollouts: Store;
  watches: Pick<ApplicationWatches, 'cached'>;
}

export interface SnapshotInput {
  application: Application;
  key: ObjectKey;
  revision: string;
  desired: DesiredSet;
  /** Documents in Git that are no Kubernetes objects. */
  skipped: readonly SkippedDocument[];
  kinds: Kinds;
  memory: ApplicationMemory;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Pairs what Git says with what caches and memory know. Asks nobody. */
export function takeSnapshot(sources: SnapshotSources, input: SnapshotInput): SyncSnapshot {
  const { application, key, revision, desired } = input;
  const targets = targetsByNamespace([
    ...sources.rollouts.list(),
    ...desired.objects.map(({ object }) => object).filter(({ kind }) => kind === 'Rollout'),
  ]);
  const parsed = ignoreRules(application);
  // Such an Application has no source, and so no snapshot; without its rules another's fields would be overwritten.
  if (!parsed.ok) throw new Error(parsed.problem);
  const entries = new Map((application.status?.resources ?? []).map((entry) => [entryKey(entry), entry]));
  const objects = desired.objects.map((object) => pair(sources, input, targets, parsed.rules, entries, object));
  const wanted = new Set([...desired.objects.map((object) => object.key), ...desired.spared]);
  return { application, key, revision, objects, hooks: desired.hooks, leftovers: leftoversOf(sources, input, wanted) };
}

function pair(
  { applications, watches }: SnapshotSources,
  { memory, now }: SnapshotInput,
  targets: ReadonlyMap<string, readonly RolloutTargets[]>,
  rules: readonly IgnoreRule[],
  entries: ReadonlyMap<string, ApplicationStatusResource>,
  desired: DesiredObject,
): PairedObject {
  const paths = ownedPaths(targets.get(desired.id.namespace) ?? [], desired.object);
  const ignored = ignoredOf(rules, desired.id);
  const others = [...paths, ...ignored.paths.map((steps) => JSON.stringify(steps)), ...ignored.managers];
  const resource = desired.kind.state === 'served' ? desired.kind.resource : undefined;
  const fingerprint = [desired.digest, ...others].join(' ');
  const live = liveOf(watches, memory, desired.key, desired, resource, now);
  const record = memory.recall(desired.key, () =>
    recordFromStatus(entries.get(desired.key), { desired, fingerprint, live }),
  );
  const owner = record?.verdict.state === 'owned' ? record.verdict.by : undefined;
  return {
    desired,
    fingerprint,
    ownedPaths: paths,
    ignored,
    live,
    record,
    ownerWants: owner !== undefined && claims(applications, owner, desired.key),
  };
}

function liveOf(
  watches: SnapshotSources['watches'],
  memory: ApplicationMemory,
  key: string,
  { id }: Pick<DesiredObject, 'id'>,
  resource: ResourceInfo | undefined,
  now: number,
): Cached {
  const cached: Cached = resource === undefined ? { state: 'unknown' } : watches.cached(resource, id);
  memory.settle(key, cached);
  return newest(cached, memory.records.get(key)?.answer, now);
}

/** What is in the inventory, not in Git any more, and still in the cluster as an object of this Application. */
function leftoversOf(
  { watches }: SnapshotSources,
  { application, key: self, kinds, memory, now, skipped }: SnapshotInput,
  wanted: ReadonlySet<string>,
): Leftover[] {
  const leftovers: Leftover[] = [];
  for (const entry of application.status?.resources ?? []) {
    const id = entryId(entry);
    const key = formatObjectId(id);
    if (wanted.has(key) || memory.dropped.has(key)) continue;
    const resource = servedAs(kinds, typeOf(entry));
    const leftover: Leftover = {
      id,
      key,
      entry,
      live: liveOf(watches, memory, key, { id }, resource, now),
      kindGone: isKindGone(kinds, typeOf(entry)),
      failure: memory.pruneFailures.get(key),
      doubt: doubtAbout(id, memory.origins.get(key), entry.file, skipped),
    };
    if (isOurs(leftover, self)) leftovers.push(leftover);
  }
  return leftovers;
}

/** The type of an entry of the inventory, as an object would carry it. */
export function typeOf(entry: Pick<ApplicationStatusResource, 'group' | 'version' | 'kind'>): {
  apiVersion: string;
  kind: string;
} {
  return { apiVersion: apiVersionOf({ group: entry.group ?? '', version: entry.version }), kind: entry.kind };
}

/** A Rollout counts as it is in the cluster and as Git wants it: in between, both may hold. */
function targetsByNamespace(rollouts: readonly KubeObject[]): ReadonlyMap<string, readonly RolloutTargets[]> {
  const found = new Map<string, RolloutTargets[]>();
  for (const targets of rollouts.map(rolloutTargets)) {
    const here = found.get(targets.namespace);
    if (here === undefined) found.set(targets.namespace, [targets]);
    else here.push(targets);
  }
  return found;
}
