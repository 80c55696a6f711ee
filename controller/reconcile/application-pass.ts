import type { Application } from '../api/generated/application.ts';
import type { Store } from '../kube/types.ts';
import { describeId } from '../manifest/identity.ts';
import { mapLimited } from '../platform/concurrent.ts';
import { type ApplyDeps, applyObject, compareObject, pruneObject } from '../sync/executor.ts';
import type { Kinds } from '../sync/kinds.ts';
import type { SyncPlan } from '../sync/plan.ts';
import { pruneConsent } from '../sync/prune-consent.ts';
import type { Leftover, PairedObject } from '../sync/snapshot.ts';
import { otherClaimants } from './application-claims.ts';
import { servedAs } from './application-kinds.ts';
import type { ApplicationMemory } from './application-memory.ts';
import type { ApplicationSiblings } from './application-siblings.ts';
import { typeOf } from './application-snapshot.ts';

/** Requests of one Application at the same time. */
const CONCURRENCY = 8;

export interface PassDeps extends ApplyDeps {
  applications: Store<Application>;
  siblings: Pick<ApplicationSiblings, 'wantedBy'>;
  memory: ApplicationMemory;
  /** False when a newer revision has been fetched: the rest of this pass would be for nothing. */
  isCurrent: () => boolean;
}

/** Sends what the plan says. Everything learned goes into the memory. Returns how many objects were to be written. */
export async function executePlan(deps: PassDeps, plan: SyncPlan): Promise<number> {
  let attempts = 0;
  for (const stage of plan.apply) {
    if (!deps.isCurrent()) break;
    attempts += stage.length;
    await remember(deps, stage, applyObject);
  }
  await remember(deps, plan.compare, compareObject);
  return attempts;
}

/** What pruning came to, by the names of the objects. */
export interface Pruned {
  deleted: string[];
  /** Left to another Application that has them in Git. */
  left: string[];
}

/** Deletes stage after stage. */
export async function executePrune(
  deps: PassDeps,
  application: Application,
  stages: readonly (readonly Leftover[])[],
  kinds: Kinds,
): Promise<Pruned> {
  const { memory } = deps;
  const deleted: string[] = [];
  const left: string[] = [];
  const failed = (key: string, message: string): void => {
    memory.pruneFailures.set(key, { message });
  };
  for (const stage of stages) {
    // A newer revision may have the objects again.
    if (!deps.isCurrent()) break;
    await mapLimited(stage, CONCURRENCY, async (leftover) => {
      const { key, entry, id } = leftover;
      const resource = servedAs(kinds, typeOf(entry));
      // Passing it over would end the sync as a success, and nothing would delete it any more.
      if (resource === undefined) return failed(key, 'the cluster cannot tell how its kind is served');
      const [claimant = deps.siblings.wantedBy(deps.application, id)] = otherClaimants(
        deps.applications,
        deps.application,
        key,
      );
      const claimed = claimant !== undefined;
      const pruned = await pruneObject(deps, leftover, resource, claimed, (live) => pruneConsent(live, application));
      if (pruned.result === 'failed') return failed(key, pruned.message);
      memory.pruneFailures.delete(key);
      if (pruned.result === 'delete') deleted.push(describeId(id));
      if (pruned.result === 'released' && claimed) left.push(`${describeId(id)} (${claimant})`);
      if (pruned.result === 'gone' || pruned.result === 'released') memory.dropped.add(key);
    });
  }
  return { deleted: deleted.sort(), left: left.sort() };
}

async function remember(deps: PassDeps, objects: readonly PairedObject[], act: typeof applyObject): Promise<void> {
  await mapLimited(objects, CONCURRENCY, async (object) => {
    deps.memory.records.set(object.desired.key, await act(deps, object));
  });
}
