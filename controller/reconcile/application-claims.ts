import type { Application } from '../api/generated/application.ts';
import type { KubeObject } from '../kube/types.ts';
import { keyOf, type ObjectKey, type Store } from '../kube/types.ts';
import { entryKey } from '../sync/status-resources.ts';

/** Name of the index over Applications by the objects that they want. */
export const CLAIMS_INDEX = 'claims';

/** The objects that an Application has in Git, by its status; what it would prune it does not want. */
export function claimsOf(application: KubeObject): readonly string[] {
  if (application.metadata.deletionTimestamp !== undefined) return [];
  const { resources = [] } = (application as Application).status ?? {};
  return resources.filter((entry) => entry.requiresPruning !== true).map(entryKey);
}

/** Whether an Application exists and has the object in Git. */
export function claims(applications: Store<Application>, application: ObjectKey, object: string): boolean {
  return applications.byIndex(CLAIMS_INDEX, object).some((other) => keyOf(other) === application);
}

/** The other Applications that have the object in Git. */
export function otherClaimants(applications: Store<Application>, self: ObjectKey, object: string): ObjectKey[] {
  return applications
    .byIndex(CLAIMS_INDEX, object)
    .map(keyOf)
    .filter((other) => other !== self)
    .sort();
}
