import type { ApplicationStatus, ApplicationStatusResource } from '../api/generated/application.ts';
import type { HookRecord } from './hooks.ts';
import { entryId, entryKey, identityFields } from './status-resources.ts';

/** An object that goes with its Application. */
export interface DeletionEntry {
  entry: ApplicationStatusResource;
  /** It was made for a sync, which may run still, and goes before everything else. */
  hook: boolean;
}

/**
 * What an Application that is deleted has in the cluster: its inventory, and the hooks of its last sync.
 *
 * @param made hooks that a pass has made and could not write down, since the Application was deleted meanwhile
 */
export function deletionEntries(
  status: ApplicationStatus | undefined,
  made: readonly HookRecord[],
): readonly DeletionEntry[] {
  const inventory = status?.resources ?? [];
  const known = new Set(inventory.map(entryKey));
  const hooks = [...(status?.operationState?.hooks ?? []), ...made].filter((record) => {
    const key = entryKey(record);
    return !known.has(key) && known.add(key);
  });
  return [
    ...inventory.map((entry) => ({ entry, hook: false })),
    ...hooks.map((record) => ({ entry: identityFields(entryId(record), record.version), hook: true })),
  ];
}
