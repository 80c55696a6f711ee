import { ROLLOUT_RESOURCE, type Rollout } from '../../api/generated/rollout.ts';
import { SlipwayError } from '../../platform/errors.ts';
import { readRollout } from '../read-rollout.ts';
import type { Session } from '../session.ts';

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
  const ended = new AbortController();
  const stop = (): void => ended.abort();
  session.signal.addEventListener('abort', stop, { once: true });
  let last = '';
  let result = { phase: '', line: '' };
  const look = async (): Promise<boolean> => {
    result = statusLine(await readRollout(session, name));
    if (result.line !== last) session.print(result.line);
    last = result.line;
    return result.phase === 'Healthy' || result.phase === 'Degraded';
  };
  try {
    if (!(await look()) && watch) await waitUntil(session, look, ended.signal, timeoutMs);
  } finally {
    stop();
    session.signal.removeEventListener('abort', stop);
  }
  if (result.phase === 'Degraded') throw new SlipwayError('RolloutDegraded', `rollout "${name}" is degraded`);
}

function waitUntil(
  session: Session,
  look: () => Promise<boolean>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel =
      timeoutMs === 0
        ? undefined
        : session.clock.after(timeoutMs, () =>
            reject(new SlipwayError('StatusTimeout', `no verdict within ${timeoutMs / 1000} s`)),
          );
    const finish = (settle: () => void): void => {
      cancel?.();
      settle();
    };
    signal.addEventListener('abort', () => finish(resolve), { once: true });
    const onChange = (): void => {
      look().then(
        (done) => {
          if (done) finish(resolve);
        },
        (error) => finish(() => reject(error)),
      );
    };
    session.onChange([ROLLOUT_RESOURCE], onChange, signal).catch((error) => finish(() => reject(error)));
  });
}
