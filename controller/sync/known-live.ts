import type { KubeObject, ObjectKey } from '../kube/types.ts';
import { isIgnoring } from './ignore/rules.ts';
import type { PairedObject } from './snapshot.ts';
import { ownerOf } from './tracking.ts';

/**
 * The live object as far as a cache is enough to write over it, so that an apply is one request and not two. What nobody
 * else has a hand in cannot be anybody else's: it is tracked as ours, or it is not there and no other Application wants it.
 * Fields that another owner decides need the object as it is this moment.
 *
 * @param contested whether another Application has the object in Git or in its inventory
 * @returns undefined when the object must be read first
 */
export function knownLive(
  object: PairedObject,
  application: ObjectKey,
  contested: boolean,
): { live: KubeObject | undefined } | undefined {
  const { live, ownedPaths, ignored } = object;
  if (contested || ownedPaths.length > 0 || isIgnoring(ignored)) return undefined;
  switch (live.state) {
    case 'unknown':
      return undefined;
    case 'absent':
      return live.doubtful === true ? undefined : { live: undefined };
    case 'present': {
      const ours = ownerOf(live.object) === application && live.object.metadata.deletionTimestamp === undefined;
      return ours ? { live: live.object } : undefined;
    }
  }
}
