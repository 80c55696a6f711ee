import type { ApplicationStatusResource } from '../api/generated/application.ts';
import type { ObjectKey } from '../kube/types.ts';
import { formatObjectId, type ObjectId } from '../manifest/identity.ts';
import { comparedDigest } from './compared.ts';
import { complaintOf } from './describe.ts';
import { assess } from './health/assess.ts';
import type { Health } from './health/health.ts';
import type { UserRules } from './health/user-rules.ts';
import type { Cached } from './live.ts';
import type { PruneConsent } from './prune-consent.ts';
import type { Leftover, PairedObject } from './snapshot.ts';
import type { Verdict } from './verdict.ts';

/** Health of an object of Git: an object that should exist and does not is Missing; what nobody can see has none. */
export function healthOf(live: Cached, rules: UserRules): Health | undefined {
  switch (live.state) {
    case 'unknown':
      return undefined;
    case 'absent':
      return { status: 'Missing', message: 'is not in the cluster' };
    case 'present':
      return assess(live.object, rules);
  }
}

/** The entry of status.resources for an object of Git. `claimants` are other Applications that want it and do not get it. */
export function resourceEntry(
  object: PairedObject,
  verdict: Verdict,
  claimants: readonly ObjectKey[],
  rules: UserRules,
): ApplicationStatusResource {
  const { id, version } = object.desired;
  const shared = `also in the Git path of Application ${claimants.join(', ')}, which does not get it`;
  const message = complaintOf(verdict) ?? (claimants.length > 0 ? shared : undefined);
  const uncounted = verdict.state === 'owned' || object.desired.options.ignoreHealth;
  const health = uncounted ? undefined : healthOf(object.live, rules);
  const compared = verdict.state === 'synced' ? comparedDigest(object) : undefined;
  return {
    ...identityFields(id, version),
    status: syncedStatus(verdict),
    ...(compared !== undefined && { compared }),
    ...(object.desired.options.wave !== 0 && { syncWave: object.desired.options.wave }),
    ...(message !== undefined && { message }),
    ...(health !== undefined && { health }),
  };
}

/** The entry for an object that is gone from Git and still in the cluster. */
export function leftoverEntry(leftover: Leftover, consent: PruneConsent, rules: UserRules): ApplicationStatusResource {
  const { id, entry, live, failure, doubt } = leftover;
  const message =
    failure !== undefined
      ? `could not be deleted: ${failure.message}`
      : consent.type === 'given'
        ? doubt && `is gone from Git, but ${doubt.message}`
        : consent.message;
  const health = live.state === 'present' ? assess(live.object, rules) : undefined;
  return {
    ...identityFields(id, entry.version),
    status: consent.quiet ? 'Synced' : 'OutOfSync',
    requiresPruning: true,
    ...(consent.type === 'awaited' && { requiresDeletionConfirmation: true }),
    ...(doubt !== undefined && { file: doubt.file }),
    ...(message !== undefined && { message }),
    ...(health !== undefined && { health }),
  };
}

/** The inventory is in order of identity, so that it changes only when its content does. */
export function sortEntries(entries: readonly ApplicationStatusResource[]): ApplicationStatusResource[] {
  return entries
    .map((entry): [string, ApplicationStatusResource] => [entryKey(entry), entry])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, entry]) => entry);
}

type Identified = Pick<ApplicationStatusResource, 'group' | 'kind' | 'namespace' | 'name'>;

export function entryId(entry: Identified): ObjectId {
  return { group: entry.group ?? '', kind: entry.kind, namespace: entry.namespace ?? '', name: entry.name };
}

/** The key of an entry; the same as that of the desired object. */
export function entryKey(entry: Identified): string {
  return formatObjectId(entryId(entry));
}

/** The fields by which an object is found again. */
export function identityFields(
  id: ObjectId,
  version: string,
): Pick<ApplicationStatusResource, 'group' | 'version' | 'kind' | 'namespace' | 'name'> {
  return {
    ...(id.group !== '' && { group: id.group }),
    version,
    kind: id.kind,
    ...(id.namespace !== '' && { namespace: id.namespace }),
    name: id.name,
  };
}

function syncedStatus(verdict: Verdict): 'Synced' | 'OutOfSync' | 'Unknown' {
  switch (verdict.state) {
    case 'synced':
      return 'Synced';
    case 'unseen':
      return 'Unknown';
    case 'differs':
    case 'failed':
    case 'owned':
    case 'waiting':
      return 'OutOfSync';
  }
}
