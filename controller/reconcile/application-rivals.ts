import type { Application } from '../api/generated/application.ts';
import type { ObjectKey, Store } from '../kube/types.ts';
import { parseObjectId } from '../manifest/identity.ts';
import type { Clock } from '../platform/clock.ts';
import type { DesiredObject } from '../sync/desired.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import { claims, otherClaimants } from './application-claims.ts';
import type { ApplicationMemory } from './application-memory.ts';
import type { ApplicationSiblings } from './application-siblings.ts';

/** How often, right after a commit, it is looked whether its siblings have been read, and how long that lasts; milliseconds. */
export const SIBLING_GRACE = { everyMs: 100, forMs: 3_000 };

/** Where other Applications are found, and what their Git paths have. */
export interface RivalsDeps {
  applications: Store<Application>;
  siblings: ApplicationSiblings;
}

/**
 * Right after a commit the paths of all Applications that follow the branch are read within a moment: better to wait for
 * that than to begin with what this one has lost, which another may have.
 */
export function awaitsSiblings(
  { clock, siblings }: { clock: Clock; siblings: ApplicationSiblings },
  memory: ApplicationMemory,
  { application, leftovers, revision }: SyncSnapshot,
): boolean {
  if (leftovers.length === 0 || application.spec.syncPolicy?.automated?.prune !== true) return false;
  const waited = clock.monotonic() - memory.since(`siblings ${revision}`, clock.monotonic());
  return waited < SIBLING_GRACE.forMs && siblings.unread(application, revision) !== undefined;
}

/** Whether an Application exists and still wants an object. */
export function stillClaims({ applications, siblings }: RivalsDeps, application: ObjectKey, object: string): boolean {
  return claims(applications, application, object) && !letsGo(siblings, application, object);
}

/** By object of an Application: the others that want it, too. */
export function claimantsOf(
  { applications, siblings }: RivalsDeps,
  self: ObjectKey,
  desired: readonly DesiredObject[],
): ReadonlyMap<string, readonly ObjectKey[]> {
  const stillWant = (key: string): ObjectKey[] =>
    otherClaimants(applications, self, key).filter((other) => !letsGo(siblings, other, key));
  return new Map(desired.map(({ key }) => [key, stillWant(key)]));
}

/** A status tells what an Application wanted in its last pass; its Git path may be known to want less by now. */
function letsGo(siblings: ApplicationSiblings, application: ObjectKey, object: string): boolean {
  const id = parseObjectId(object);
  return id !== undefined && siblings.letsGo(application, id);
}
