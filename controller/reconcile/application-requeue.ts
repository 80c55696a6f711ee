import type { ReconcileResult } from '../kube/types.ts';
import { healing, modeOf } from '../sync/plan.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';
import { walkDelay } from '../sync/walk.ts';

/**
 * How soon a kind is asked for again, in milliseconds: one whose CRD is there is served in about a second, unless the CRD
 * is broken, which shows by waiting long; one that is unclear or unknown may take hours.
 */
const AWAITED_MS = { first: 500, last: 15_000 };
const UNCLEAR_MS = 15_000;
const ABSENT_MS = 180_000;

/** When to look again even if nothing tells. Undefined delay: only a change matters. */
export function requeueDelay(snapshot: SyncSnapshot, now: number): ReconcileResult {
  const delays: number[] = [];
  const operation = snapshot.application.status?.operationState;
  const syncing = modeOf(snapshot, now) !== 'compare';
  if (syncing && operation?.nextRetryAt !== undefined) delays.push(Date.parse(operation.nextRetryAt) - now);
  const since = Date.parse(operation?.startedAt ?? '');
  const waited = Number.isNaN(since) ? AWAITED_MS.last : now - since;
  for (const { desired, record } of snapshot.objects) {
    switch (desired.kind.state) {
      case 'awaited':
        delays.push(Math.min(Math.max(waited / 4, AWAITED_MS.first), AWAITED_MS.last));
        break;
      case 'unclear':
        delays.push(UNCLEAR_MS);
        break;
      case 'absent':
        delays.push(ABSENT_MS);
        break;
      case 'served':
        if (record?.verdict.state === 'waiting' || (record?.verdict.state === 'failed' && !syncing))
          delays.push(record.retryAt - now);
    }
  }
  const heal = healing(snapshot, now);
  if (heal.type !== 'off') delays.push(heal.type === 'wait' ? heal.at - now : 0);
  const walk = walkDelay(snapshot.application, operation, now);
  if (syncing && walk !== undefined) delays.push(walk);
  return delays.length === 0 ? {} : { requeueAfterMs: Math.max(100, Math.min(...delays)) };
}
