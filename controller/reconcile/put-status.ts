import { isDeepStrictEqual } from 'node:util';
import { ROLLOUT_FIELD_MANAGER } from '../api/names.ts';
import { isConflict, isNotFound } from '../kube/errors.ts';
import type { KubeClient, KubeObject, ResourceInfo } from '../kube/types.ts';
import { isUnwritable } from './unwritable-status.ts';

/**
 * What became of a status: nothing had to be written, somebody else wrote first, nothing can be written because of the spec
 * (see {@link isUnwritable}), or the object as it is now.
 */
export type PutStatus = { result: 'unchanged' | 'stale' | 'unwritable' } | { result: 'written'; object: KubeObject };

/** Writes a status if it differs from what was read. The PUT carries the version that was read: a stale one changes nothing. */
export async function putStatus<T extends KubeObject & { status?: object }>(
  client: KubeClient,
  resource: ResourceInfo,
  object: T,
  status: NonNullable<T['status']>,
  signal: AbortSignal,
): Promise<PutStatus> {
  // As JSON: a field that is undefined is a field that is not there.
  const next: unknown = JSON.parse(JSON.stringify(status));
  if (isDeepStrictEqual(next, object.status ?? {})) return { result: 'unchanged' };
  try {
    const options = { subresource: 'status', fieldManager: ROLLOUT_FIELD_MANAGER, signal };
    return { result: 'written', object: await client.update(resource, { ...object, status: next }, options) };
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return { result: 'stale' };
    if (isUnwritable(object, error)) return { result: 'unwritable' };
    throw error;
  }
}
