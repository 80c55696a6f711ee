import { ROLLOUT_RESOURCE, type Rollout } from '../../api/generated/rollout.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { plainText } from '../plain-text.ts';
import { readRollout } from '../read-rollout.ts';
import type { Session } from '../session.ts';
import { waitUntil } from '../wait-until.ts';

/** The one line of `status`: the phase, and the message where there is one. */
export function statusLine(rollout: Rollout): { phase: string; line: string } {
  const { status, metadata } = rollout;
  if (status?.phase === undefined || status.observedGeneration !== metadata.generation) {
    return { phase: 'Progressing', line: 'Progressing - waiting for rollout spec update to be observed' };
  }
  return { phase: status.phase, line: status.message ? `${status.phase} - ${status.message}` : status.phase };
}

/**
 * `status NAME`: prints the phase; with `watch` each new phase until the Rollout is Healthy, Degraded or Paused without
 * end, or the time is over. SlipwayError `RolloutDegraded` and `StatusTimeout` make the exit code.
 *
 * @param timeoutMs 0 waits for ever
 */
export async function status(session: Session, name: string, watch: boolean, timeoutMs: number): Promise<void> {
  let last = '';
  let result = { phase: '', line: '' };
  const look = async (): Promise<boolean> => {
    result = statusLine(plainText(await readRollout(session, name)));
    if (result.line !== last) session.print(result.line);
    last = result.line;
    return result.phase === 'Healthy' || result.phase === 'Degraded';
  };
  if (!(await look()) && watch) {
    const onTimeout = (): SlipwayError => new SlipwayError('StatusTimeout', `no verdict within ${timeoutMs / 1000} s`);
    await waitUntil(session, { resources: [ROLLOUT_RESOURCE], name, look, timeoutMs, onTimeout });
  }
  if (result.phase === 'Degraded') throw new SlipwayError('RolloutDegraded', `rollout "${name}" is degraded`);
}
