import { timestamp } from '../api/conditions.ts';
import type {
  Application,
  ApplicationStatus,
  ApplicationStatusHistory,
  ApplicationStatusOperationState,
} from '../api/generated/application.ts';
import { canonicalJson } from '../manifest/canonical.ts';

/** What `spec.revisionHistoryLimit` is where the API server has not filled it in. */
const DEFAULT_LIMIT = 10;

/**
 * The list of successful syncs, oldest first: one entry when the revision, or where it comes from, became another. Putting
 * drift right, trying again and syncing some of the objects makes none: there would be nothing new to go back to.
 *
 * @param operation the sync as it stands now
 * @param now milliseconds since the epoch
 */
export function nextHistory(
  { spec, status }: Application,
  operation: ApplicationStatusOperationState | undefined,
  now: number,
): ApplicationStatus['history'] {
  const { history } = status ?? {};
  const last = history?.at(-1);
  const whole = operation?.operation?.sync?.resources === undefined;
  const ended = whole && operation?.phase === 'Succeeded' && status?.operationState?.phase !== 'Succeeded';
  const grown = ended && !repeats(last, operation.revision, spec.source);
  const entry = grown && {
    id: (last?.id ?? -1) + 1,
    revision: operation.revision,
    deployStartedAt: operation.startedAt,
    deployedAt: timestamp(now),
    source: { ...spec.source },
    ...(operation.initiatedBy !== undefined && { initiatedBy: operation.initiatedBy }),
  };
  const limit = spec.revisionHistoryLimit ?? DEFAULT_LIMIT;
  const entries = [...(history ?? []), ...(entry ? [entry] : [])];
  if (entries.length <= limit) return entry ? entries : history;
  return limit === 0 ? undefined : entries.slice(-limit);
}

/** An entry from before entries had a source speaks of the revision only. */
function repeats(
  last: ApplicationStatusHistory | undefined,
  revision: string,
  source: Application['spec']['source'],
): boolean {
  if (last?.revision !== revision) return false;
  return last.source === undefined || canonicalJson(last.source) === canonicalJson(source);
}
