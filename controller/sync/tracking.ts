import { type KubeObject, keyOf, type ObjectKey } from '../kube/types.ts';
import { trackedBy } from '../manifest/identity.ts';

/** The Application that a live object says it belongs to. */
export function ownerOf(live: KubeObject): ObjectKey | undefined {
  const owner = trackedBy(live);
  return owner === undefined ? undefined : keyOf({ metadata: owner });
}

/**
 * Where two Applications want one object, the first owner keeps it for as long as it exists and wants it.
 *
 * @param wants whether an Application exists and still has the object in its Git path
 * @returns the other owner, or undefined when `application` may have the object
 */
export function otherOwner(
  live: KubeObject | undefined,
  application: ObjectKey,
  wants: (other: ObjectKey) => boolean,
): ObjectKey | undefined {
  const owner = live === undefined ? undefined : ownerOf(live);
  return owner === undefined || owner === application || !wants(owner) ? undefined : owner;
}
