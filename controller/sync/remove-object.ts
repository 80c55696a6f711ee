import type { Application } from '../api/generated/application.ts';
import { FIELD_MANAGER, TRACKING_ANNOTATION } from '../api/names.ts';
import { isConflict, isObjectNotFound } from '../kube/errors.ts';
import { type KubeObject, keyOf, type ResourceInfo } from '../kube/types.ts';
import { formatObjectId, idOf } from '../manifest/identity.ts';
import { messageOf } from '../platform/errors.ts';
import type { DeletionPolicy, DeletionTarget } from './deletion.ts';
import { type ExecutorDeps, MAX_RACES, pruneObject, readOrUndefined } from './executor.ts';
import { withoutSubject } from './failure.ts';
import { pruneVerdict } from './prune.ts';
import { type Consent, deleteConsent } from './prune-consent.ts';

/** How an object stands after it was asked to go, as the API server says: only `gone` and `released` are final. */
export type Removal =
  | { state: 'gone' }
  /** It is there, and not ours (any more), or it stays for the reason given. */
  | { state: 'released'; why?: string }
  /** `awaits`: it is not asked to go before a person has confirmed that. */
  | { state: 'there'; object: KubeObject; awaits?: string }
  | { state: 'failed'; message: string };

type Removed = Pick<DeletionTarget, 'id' | 'key'>;

/**
 * Deletes one object of an Application that is deleted, or with `orphan` takes our mark off it. It reads first: what is not
 * ours, or what another Application has in Git (`claimed`), is left to its owner.
 */
export async function removeObject(
  deps: ExecutorDeps,
  target: Removed,
  resource: ResourceInfo,
  { application, policy, claimed }: { application: Application; policy: DeletionPolicy; claimed: boolean },
): Promise<Removal> {
  if (policy === 'orphan') return await releaseObject(deps, target, resource);
  const propagation = policy === 'foreground' ? 'Foreground' : 'Background';
  const consentTo = (live: KubeObject): Consent => deleteConsent(live, application, propagation);
  const pruned = await pruneObject(deps, target, resource, claimed, consentTo);
  switch (pruned.result) {
    case 'gone':
    case 'released':
      return { state: pruned.result };
    case 'failed':
      return { state: 'failed', message: pruned.message };
    case 'delete':
    case 'terminating':
    case 'kept':
      return await lookAt(deps, target, resource, consentTo);
  }
}

/** What has come of it. An object that is going already may also be told to be left alone. */
async function lookAt(
  deps: ExecutorDeps,
  target: Removed,
  resource: ResourceInfo,
  consentTo: (live: KubeObject) => Consent,
): Promise<Removal> {
  try {
    const live = await readOrUndefined(deps, resource, keyOf({ metadata: target.id }));
    if (live === undefined || formatObjectId(idOf(live)) !== target.key) return { state: 'gone' };
    const consent = consentTo(live);
    switch (consent.type) {
      case 'given':
        return { state: 'there', object: live };
      case 'refused':
        return { state: 'released', why: consent.message };
      case 'awaited':
        return { state: 'there', object: live, awaits: consent.message };
    }
  } catch (error) {
    return failed(deps, error);
  }
}

async function releaseObject(deps: ExecutorDeps, target: Removed, resource: ResourceInfo): Promise<Removal> {
  const key = keyOf({ metadata: target.id });
  for (let races = 1; ; races++) {
    try {
      const live = await readOrUndefined(deps, resource, key);
      const verdict = pruneVerdict(target, live, deps.application, false);
      if (verdict === 'gone' || verdict === 'released' || live === undefined) {
        return { state: verdict === 'released' ? 'released' : 'gone' };
      }
      const { uid, resourceVersion } = live.metadata;
      // With the version that was read: another Application may take the object over at any moment.
      const metadata = { uid, resourceVersion, annotations: { [TRACKING_ANNOTATION]: null } };
      const { signal } = deps;
      const options = { fieldManager: FIELD_MANAGER, signal };
      await deps.client.patch(resource, key, 'application/merge-patch+json', { metadata }, options);
      return { state: 'released' };
    } catch (error) {
      if (!isConflict(error) || races === MAX_RACES) return failed(deps, error);
    }
  }
}

function failed(deps: ExecutorDeps, error: unknown): Removal {
  if (deps.signal.aborted) throw error;
  return isObjectNotFound(error) ? { state: 'gone' } : { state: 'failed', message: withoutSubject(messageOf(error)) };
}
