import { FIELD_MANAGER } from '../api/names.ts';
import { isConflict, isInvalid, isKubeError, isObjectNotFound } from '../kube/errors.ts';
import { type KubeClient, type KubeObject, keyOf, type ObjectKey, type ResourceInfo } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Random } from '../platform/random.ts';
import { firstDifference } from './compare.ts';
import { retryDelay, withoutSubject } from './failure.ts';
import { refusalOf } from './foreign-items.ts';
import { adoptIgnored } from './ignore/adopt.ts';
import { isIgnoring } from './ignore/rules.ts';
import { anewFor } from './immutable.ts';
import { knownLive } from './known-live.ts';
import { markOf, toAnswer } from './live.ts';
import { NOT_THERE } from './plan.ts';
import { type PruneVerdict, pruneVerdict } from './prune.ts';
import type { Consent } from './prune-consent.ts';
import { type Sending, sendingOf } from './sending.ts';
import type { Leftover, PairedObject } from './snapshot.ts';
import { fieldBeyondGit, takeover } from './takeover.ts';
import { otherOwner } from './tracking.ts';
import type { ObjectRecord, Verdict } from './verdict.ts';
import { slimming } from './watched-kind.ts';
import { applyBody, type WriteDeps, writeObject } from './write.ts';

/** What the effects on one Application's objects need. */
export interface ExecutorDeps {
  client: KubeClient;
  clock: Clock;
  random: Random;
  application: ObjectKey;
  /** Whether another Application exists and still has the object in its Git path. */
  wants: (owner: ObjectKey, key: string) => boolean;
  signal: AbortSignal;
}

/** What writing an object needs. */
export interface ApplyDeps extends ExecutorDeps, WriteDeps {
  /** Whether another Application has the object in Git or in its inventory. */
  contested: (key: string) => boolean;
}

/** An object that waits for another to go is looked at this often, should no watch tell. */
const RELOOK_MS = 15_000;
const BUSY = 'changes faster than it can be written';
const TERMINATING = 'is being deleted; it is applied when it is gone';
/** What lost a race against another writer reads again, this often. */
export const MAX_RACES = 5;

/**
 * Brings one object to what Git says. Unless the cache is enough, it reads before it writes: to see who owns the object, and
 * to take in the fields that a Rollout owns or that are ignored. If there are any, the write carries the version that was
 * read, so that a weight that moved in between is never moved back.
 */
export async function applyObject(deps: ApplyDeps, object: PairedObject): Promise<ObjectRecord> {
  const known = knownLive(object, deps.application, deps.contested(object.desired.key));
  let rounds = 0;
  return await settle(deps, object, known, async (resource, read) => {
    const sending = sendingOf(object, read);
    // A PUT drops what Git lacks, whoever wrote it.
    const { replace } = object.desired.options;
    const live = replace ? read : await takeOver(deps, resource, read, sending);
    const applied = await writeObject(deps, object, resource, sending, live);
    if (applied === 'stale') return 'stale';
    // A cache does not know who wrote which field, and with its first apply fields became ours that others share or shall have.
    const again = !replace && takeover(applied, sendingOf(object, applied).left) !== undefined;
    return again && ++rounds === 1 ? 'stale' : { verdict: { state: 'synced' }, live: applied };
  });
}

/**
 * Finds out by a dry run whether applying would change the object. Writes nothing. The dry run answers with the version that
 * it started from: when that is the cached one, the cache is what it is compared with, and one request is enough.
 *
 * @param onSides is given both sides of the comparison: the object as it is, and as applying would make it
 */
export async function compareObject(
  deps: ExecutorDeps,
  object: PairedObject,
  onSides?: (live: KubeObject, predicted: KubeObject) => void,
): Promise<ObjectRecord> {
  const compared = await settle(deps, object, wholeInCache(object), async (resource, live) => {
    // The dry run also tells whether the API server would take the object at all.
    const sending = sendingOf(object, live);
    let dryRun: KubeObject;
    try {
      dryRun = await applyBody(deps, resource, sending, live, true);
    } catch (error) {
      const message =
        anewFor(error, object.desired, { wanted: sending.body, live }) ?? takenOverFirst(error, live, sending);
      if (message === undefined) throw error;
      return { verdict: { state: 'differs', message }, live };
    }
    if (live === undefined) return { verdict: { state: 'differs', message: NOT_THERE }, live };
    if (dryRun.metadata.resourceVersion !== live.metadata.resourceVersion) return 'stale';
    const predicted = adoptIgnored(dryRun, live, sending.ignored);
    onSides?.(live, predicted);
    const path = firstDifference(live, predicted);
    const beyond = path === undefined ? fieldBeyondGit(dryRun, sending.left) : undefined;
    const message = beyond === undefined ? `differs at ${path}` : differsBeyond(beyond);
    return { verdict: (path ?? beyond) ? { state: 'differs', message } : { state: 'synced' }, live };
  });
  const known = object.record?.digest === object.desired.digest ? object.record.verdict : undefined;
  return compared.mark === 'busy' && known !== undefined ? { ...compared, verdict: known } : compared;
}

function differsBeyond({ path, manager }: { path: string; manager: string }): string {
  return `differs at ${path}, which ${manager} added`;
}

/**
 * What a former manager has put beside the word of Git, which the API server does not take together: applying removes it
 * first. Undefined for any other error.
 */
function takenOverFirst(error: unknown, live: KubeObject | undefined, { left }: Sending): string | undefined {
  const beyond = live !== undefined && isInvalid(error) ? fieldBeyondGit(live, left) : undefined;
  return beyond && differsBeyond(beyond);
}

/** The cached object, if nothing was dropped from it that is needed: what is ignored may depend on who wrote which field. */
function wholeInCache({ live, ignored, desired: { kind } }: PairedObject): { live: KubeObject } | undefined {
  const whole = live.state === 'present' && kind.state === 'served' && slimming(kind.resource) === undefined;
  return whole && !isIgnoring(ignored) ? { live: live.object } : undefined;
}

interface Settled {
  verdict: Verdict;
  live: KubeObject | undefined;
}

async function settle(
  deps: ExecutorDeps,
  object: PairedObject,
  known: { live: KubeObject | undefined } | undefined,
  act: (resource: ResourceInfo, live: KubeObject | undefined) => Promise<Settled | 'stale'>,
): Promise<ObjectRecord> {
  const { kind, object: wanted, key } = object.desired;
  if (kind.state !== 'served') throw new Error(`${key} is of a kind that is not served`);
  let live: KubeObject | undefined;
  for (let races = 0; races < MAX_RACES; races++) {
    try {
      live = races === 0 && known ? known.live : await readOrUndefined(deps, kind.resource, keyOf(wanted));
      const owner = otherOwner(live, deps.application, (other) => deps.wants(other, key));
      if (owner !== undefined)
        return record(deps, object, { verdict: { state: 'owned', by: owner, where: object.desired.where }, live });
      if (live?.metadata.deletionTimestamp !== undefined) {
        return record(deps, object, { verdict: { state: 'waiting', message: TERMINATING }, live });
      }
      const settled = await act(kind.resource, live);
      if (settled !== 'stale') return record(deps, object, settled);
    } catch (error) {
      if (deps.signal.aborted) throw error;
      if (isConflict(error)) continue;
      // Who wrote which field, a cache does not know, and it may be why.
      if (races === 0 && known?.live !== undefined && isInvalid(error)) continue;
      const verdict = refusalOf(error, object.desired, live);
      return record(deps, object, { verdict, live }, retryAfterOf(error));
    }
  }
  // Whoever writes so busily will cause an event, and with this mark the object is looked at then.
  return { ...record(deps, object, { verdict: { state: 'waiting', message: BUSY }, live }), mark: 'busy' };
}

/** The object as it is once the fields of former managers are ours, and the ignored ones are not; as it was if they were. */
async function takeOver(
  deps: ExecutorDeps,
  resource: ResourceInfo,
  live: KubeObject | undefined,
  { left }: Sending,
): Promise<KubeObject | undefined> {
  const patch = live === undefined ? undefined : takeover(live, left);
  if (live === undefined || patch === undefined) return live;
  const options = { fieldManager: FIELD_MANAGER, signal: deps.signal };
  return await deps.client.patch(resource, keyOf(live), 'application/json-patch+json', patch, options);
}

function record(deps: ExecutorDeps, object: PairedObject, { verdict, live }: Settled, askedMs?: number): ObjectRecord {
  const now = deps.clock.now();
  const old = object.record;
  const failed = verdict.state === 'failed';
  const failures = failed ? 1 + (old?.fingerprint === object.fingerprint ? old.failures : 0) : 0;
  return {
    digest: object.desired.digest,
    fingerprint: object.fingerprint,
    mark: markOf(live === undefined ? { state: 'absent' } : { state: 'present', object: live }),
    verdict,
    failures,
    retryAt: failed ? now + retryDelay(verdict, failures, deps.random, askedMs) : now + RELOOK_MS,
    answer: live === undefined ? undefined : toAnswer(live, now),
  };
}

/** How pruning one object went; `failed` keeps it in the inventory. */
export type PruneResult = { result: PruneVerdict | 'kept' } | { result: 'failed'; message: string };

/**
 * Deletes one object, unless it turns out not to be ours any more, or not to be deleted.
 *
 * @param consentTo whether, and how, the live object may be deleted
 */
export async function pruneObject(
  deps: ExecutorDeps,
  leftover: Pick<Leftover, 'id' | 'key'>,
  resource: ResourceInfo,
  claimed: boolean,
  consentTo: (live: KubeObject) => Consent,
): Promise<PruneResult> {
  const key = keyOf({ metadata: leftover.id });
  for (let races = 1; ; races++) {
    try {
      const live = await readOrUndefined(deps, resource, key);
      const result = pruneVerdict(leftover, live, deps.application, claimed);
      if (result !== 'delete' || live === undefined) return { result };
      const consent = consentTo(live);
      if (consent.type !== 'given') return { result: 'kept' };
      const { uid, resourceVersion } = live.metadata;
      await deps.client.delete(resource, key, {
        propagationPolicy: consent.propagation,
        // The very object that was checked: neither a new one of the same name, nor one that was handed over since.
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
        signal: deps.signal,
      });
      return { result };
    } catch (error) {
      if (deps.signal.aborted) throw error;
      if (isConflict(error) && races < MAX_RACES) continue;
      return isObjectNotFound(error)
        ? { result: 'gone' }
        : { result: 'failed', message: withoutSubject(messageOf(error)) };
    }
  }
}

/** An object as the API server has it now. That its kind is not served in this version does not say that it is gone. */
export async function readOrUndefined(
  deps: ExecutorDeps,
  resource: ResourceInfo,
  key: ObjectKey,
): Promise<KubeObject | undefined> {
  try {
    return await deps.client.get(resource, key, { signal: deps.signal });
  } catch (error) {
    if (isObjectNotFound(error)) return undefined;
    throw error;
  }
}

function retryAfterOf(error: unknown): number | undefined {
  return isKubeError(error) ? error.retryAfterMs : undefined;
}
