import { findCondition } from '../api/conditions.ts';
import type { Application } from '../api/generated/application.ts';
import { keyOf, type ObjectKey, splitKey } from '../kube/types.ts';
import { listed } from './describe.ts';
import { type Hold, LETS_GO_ON } from './hold.ts';

/** What is known of other Applications. */
export interface Others {
  get: (key: ObjectKey) => Application | undefined;
  /** Whether the branch of an Application has a commit that this is not, or nobody knows yet. */
  isBehind: (key: ObjectKey, revision: string | undefined) => boolean;
}

/** The keys of the Applications that one depends on. It is also asked about stored ones, whose spec may be anything. */
export function dependenciesOf(application: Application): readonly ObjectKey[] {
  const { namespace } = application.metadata;
  const named: unknown = (application.spec as Partial<Application['spec']> | undefined)?.dependsOn;
  if (!Array.isArray(named)) return [];
  return named.flatMap(({ name }: { name?: unknown }) =>
    typeof name === 'string' ? [keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } })] : [],
  );
}

/**
 * Whether the Applications that one depends on let it start a sync: each must be in sync with its newest revision and spec,
 * and healthy. A circle lets none of its members start, and each of them says so.
 */
export function decideDependencies(application: Application, others: Others): Hold | undefined {
  const wanted = dependenciesOf(application);
  if (wanted.length === 0) return undefined;
  const broken = (message: string): Hold => ({ message, ...LETS_GO_ON, always: true });
  const self = keyOf(application);
  if (wanted.includes(self)) return broken(`spec.dependsOn names ${application.metadata.name} itself: remove that`);
  const circle = circleThrough(self, others);
  if (circle !== undefined) {
    const path = circle.map((key) => splitKey(key).name).join(' -> ');
    return broken(`spec.dependsOn goes in a circle, ${path}: remove one of these`);
  }
  const missing = wanted.filter((key) => others.get(key) === undefined);
  if (missing.length > 0) {
    const names = listed(missing.map((key) => splitKey(key).name));
    const [does, it] = missing.length === 1 ? ['does', 'it'] : ['do', 'them'];
    return broken(`spec.dependsOn names ${names}, which ${does} not exist here: create ${it} or correct the name`);
  }
  const reasons = wanted.flatMap((key) => {
    const why = obstacle(key, others);
    return why === undefined ? [] : [`${splitKey(key).name}: ${why}`];
  });
  if (reasons.length === 0) return undefined;
  return { message: `waits for ${listed(reasons)}`, ...LETS_GO_ON, always: false };
}

/** Why an Application does not let others go on yet. Few words that stay the same: they are written to the others' status. */
function obstacle(key: ObjectKey, { get, isBehind }: Others): string | undefined {
  const { metadata, status } = get(key) ?? { metadata: {} };
  if (metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (status === undefined || status.observedGeneration !== metadata.generation) return 'its spec was not acted on yet';
  const sync = status.sync?.status ?? 'Unknown';
  // One whose source cannot be read follows no branch that it could be behind.
  if (sync === 'Unknown') return 'is Unknown';
  if (isBehind(key, status.sync?.revision)) return 'its newest revision was not looked at yet';
  if (sync !== 'Synced' || findCondition(status.conditions, 'Synced')?.status !== 'True') return 'is OutOfSync';
  if (status.operationState?.phase === 'Running') return 'is being synced';
  const health = status.health?.status ?? 'Unknown';
  return health === 'Healthy' ? undefined : `is ${health}`;
}

/** The shortest way from an Application back to itself, its key at both ends. */
function circleThrough(start: ObjectKey, { get }: Others): readonly ObjectKey[] | undefined {
  const seen = new Set<ObjectKey>();
  let paths: readonly (readonly ObjectKey[])[] = [[start]];
  while (paths.length > 0) {
    const longer: (readonly ObjectKey[])[] = [];
    for (const path of paths) {
      const application = get(path.at(-1) ?? start);
      for (const next of application === undefined ? [] : dependenciesOf(application)) {
        if (next === start) return [...path, next];
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...path, next]);
      }
    }
    paths = longer;
  }
  return undefined;
}
