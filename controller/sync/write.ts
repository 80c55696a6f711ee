import { FIELD_MANAGER } from '../api/names.ts';
import { isAlreadyExists, isNotFound } from '../kube/errors.ts';
import { type KubeClient, type KubeObject, keyOf, type ResourceInfo } from '../kube/types.ts';
import type { ObjectId } from '../manifest/identity.ts';
import { adoptOwned } from '../manifest/owned-paths.ts';
import { adoptIgnored } from './ignore/adopt.ts';
import { anewFor } from './immutable.ts';
import { type Sending, sendingOf } from './sending.ts';
import type { PairedObject } from './snapshot.ts';

/** What writing one object needs. */
export interface WriteDeps {
  client: KubeClient;
  signal: AbortSignal;
  /** Is told of an object that was deleted to be made anew, and why. */
  recreating: (id: ObjectId, why: string) => void;
}

/**
 * Writes an object as its sync options say: applied, or put as a whole with `Replace=true`. Where a field cannot be changed,
 * an object with `Force=true` is deleted instead. It never waits until that is done: `stale` says to look at it again.
 *
 * @param live the object that `sending` was made for, at its newest version; undefined when there is none
 */
export async function writeObject(
  deps: WriteDeps,
  object: PairedObject,
  resource: ResourceInfo,
  sending: Sending,
  live: KubeObject | undefined,
): Promise<KubeObject | 'stale'> {
  try {
    if (!object.desired.options.replace) return await applyBody(deps, resource, sending, live, false);
    return await putWhole(deps, object, resource, sending, live);
  } catch (error) {
    const why = anewFor(error, object.desired, { wanted: sending.body, live });
    if (why === undefined || live === undefined) throw error;
    await removeForAnew(deps, object, resource, live);
    deps.recreating(object.desired.id, why);
    return 'stale';
  }
}

/** Server-side apply, or its dry run. */
export async function applyBody(
  { client, signal }: Pick<WriteDeps, 'client' | 'signal'>,
  resource: ResourceInfo,
  { body, dependsOnLive }: Sending,
  live: KubeObject | undefined,
  dryRun: boolean,
): Promise<KubeObject> {
  const { resourceVersion } = live?.metadata ?? {};
  const sent =
    dependsOnLive && resourceVersion !== undefined
      ? { ...body, metadata: { ...body.metadata, resourceVersion } }
      : body;
  return await client.apply(resource, sent, { fieldManager: FIELD_MANAGER, force: true, dryRun, signal });
}

async function putWhole(
  { client, signal }: WriteDeps,
  { desired, ownedPaths }: PairedObject,
  resource: ResourceInfo,
  { ignored }: Sending,
  live: KubeObject | undefined,
): Promise<KubeObject | 'stale'> {
  const options = { fieldManager: FIELD_MANAGER, signal };
  if (live !== undefined) {
    const wanted = adoptIgnored(adoptOwned(desired.object, live, ownedPaths), live, ignored);
    return await client.update(resource, wholeObject(wanted, live), options);
  }
  try {
    return await client.create(resource, desired.object, options);
  } catch (error) {
    if (isAlreadyExists(error)) return 'stale';
    throw error;
  }
}

/**
 * What a PUT sends: all of Git and nothing else, except what is nobody's to drop with it. Without its finalizers an object
 * goes before what they wait for; without its owner it stays behind; the status of a kind without that subresource would go.
 */
export function wholeObject(wanted: KubeObject, live: KubeObject): KubeObject {
  const { finalizers, ownerReferences, resourceVersion } = live.metadata;
  const metadata = {
    ...(finalizers !== undefined && { finalizers }),
    ...(ownerReferences !== undefined && { ownerReferences }),
    ...wanted.metadata,
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
  const { status = live['status'] } = wanted as { status?: unknown };
  return { ...wanted, metadata, ...(status !== undefined && { status }) };
}

/** Deletes an object so that it can be made anew, if the API server would take the new one. */
async function removeForAnew(
  { client, signal }: WriteDeps,
  object: PairedObject,
  resource: ResourceInfo,
  live: KubeObject,
): Promise<void> {
  const { body } = sendingOf(object, undefined);
  try {
    await client.create(resource, body, { dryRun: true, fieldManager: FIELD_MANAGER, signal });
  } catch (error) {
    // That its name is taken is found out last: everything else about it is accepted.
    if (!isAlreadyExists(error)) throw error;
  }
  const { uid, resourceVersion } = live.metadata;
  try {
    await client.delete(resource, keyOf(live), {
      propagationPolicy: object.desired.options.prunePropagation,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
      signal,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
