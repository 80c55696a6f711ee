import type { KubeObject } from '../kube/types.ts';
import { textAt } from './health/read.ts';
import type { HookRecord } from './hooks.ts';

/** Why the Job controller gives a Job up; each becomes the reason of a condition and of a Warning. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  'BackoffLimitExceeded',
  'DeadlineExceeded',
  'FailedIndexes',
  'MaxFailedIndexesExceeded',
  'PodFailurePolicy',
]);

/**
 * How a Job ended that is gone, by the Events that its controller has left of it; undefined when none says so. Events are kept
 * for an hour, and not each one is written.
 *
 * @param events of this Job only, by its uid
 */
export function jobResult(events: readonly KubeObject[]): Pick<HookRecord, 'hookPhase' | 'message'> | undefined {
  if (events.some((event) => textAt(event, 'type') === 'Normal' && textAt(event, 'reason') === 'Completed')) {
    return {
      hookPhase: 'Succeeded',
      message: 'completed, by an Event: it was deleted while no controller was looking',
    };
  }
  const failed = events.find((event) => textAt(event, 'type') === 'Warning' && GIVEN_UP.has(textAt(event, 'reason')));
  return failed && { hookPhase: 'Failed', message: textAt(failed, 'message') };
}
