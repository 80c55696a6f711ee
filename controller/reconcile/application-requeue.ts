import type { ReconcileResult } from '../kube/types.ts';
import type { SyncSnapshot } from '../sync/snapshot.ts';

/** How soon a kind whose CRD was just applied, and how soon one that is unclear or unknown, is asked for again; in ms. */
const AWAITED_MS = 1_000;
const UNCLEAR_MS = 15_000;
const ABSENT_MS = 180_000;

/** When to look again even if nothing tells. Undefined delay: only a change matters. */
export function requeueDelay(snapshot: SyncSnapshot, now: number): ReconcileResult {
  const delays: number[] = [];
  for (const { desired, record } of snapshot.objects) {
    switch (desired.kind.state) {
      case 'awaited':
        delays.push(AWAITED_MS);
        break;
      case 'unclear':
        delays.push(UNCLEAR_MS);
        break;
      case 'absent':
        delays.push(ABSENT_MS);
        break;
      case 'served':
        if (record?.verdict.state === 'failed' || record?.verdict.state === 'waiting')
          delays.push(record.retryAt - now);
    }
  }
  for (const { failure } of snapshot.leftovers) if (failure !== undefined) delays.push(failure.retryAt - now);
  return delays.length === 0 ? {} : { requeueAfterMs: Math.max(100, Math.min(...delays)) };
}
