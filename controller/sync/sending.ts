import type { KubeObject } from '../kube/types.ts';
import { adoptOwned } from '../manifest/owned-paths.ts';
import { leaveIgnored } from './ignore/leave.ts';
import { pathsOfManagers } from './ignore/managed-paths.ts';
import type { PathStep } from './ignore/path-expression.ts';
import { isIgnoring } from './ignore/rules.ts';
import type { PairedObject } from './snapshot.ts';

/** One object as it is sent to the API server. */
export interface Sending {
  body: KubeObject;
  /** Whether `body` depends on what is live, so that it may only be written to the very version that was read. */
  dependsOnLive: boolean;
  /** All that is ignored in the live object, also by its manager. */
  ignored: readonly (readonly PathStep[])[];
  /** What is ignored, as far as it can be left to others: steps into managedFields, and managers. */
  left: { fields: readonly (readonly string[])[]; managers: readonly string[] };
}

/** What to send for an object: Git's, without the fields that a Rollout owns or that are ignored. */
export function sendingOf(paired: PairedObject, live: KubeObject | undefined): Sending {
  const { ownedPaths, ignored, desired } = paired;
  const byManager = live === undefined ? [] : pathsOfManagers(live, ignored.managers, desired.object.apiVersion);
  const paths = [...ignored.paths, ...byManager];
  const { object, left } = leaveIgnored(adoptOwned(desired.object, live, ownedPaths), live, paths);
  return {
    body: object,
    dependsOnLive: live !== undefined && (ownedPaths.length > 0 || isIgnoring(ignored)),
    ignored: paths,
    left: { fields: left, managers: ignored.managers },
  };
}
