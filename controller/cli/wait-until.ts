import type { ResourceInfo } from '../kube/types.ts';
import { SlipwayError } from '../platform/errors.ts';
import type { Session } from './session.ts';

export interface Wait {
  /** Kinds of the session's namespace whose changes are a reason to look again. */
  resources: readonly ResourceInfo[];
  /** Only changes of this object; without it, of all objects of the kinds. */
  name?: string;
  /** Looks once; true ends the wait. What it throws ends the wait too. */
  look(): Promise<boolean>;
  /** 0 waits for ever. */
  timeoutMs: number;
  /** What the time was not enough for, with what was seen last. */
  onTimeout(): SlipwayError;
}

/**
 * Looks at once and after each change until it is enough. Rejects with `onTimeout()` when the time is over, and with
 * SlipwayError `Interrupted` on Ctrl-C: a script must not take a wait that was broken off for one that was answered.
 */
export async function waitUntil(session: Session, wait: Wait): Promise<void> {
  const ended = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const { timeoutMs } = wait;
      if (timeoutMs > 0) {
        const cancel = session.clock.after(timeoutMs, () => reject(wait.onTimeout()));
        ended.signal.addEventListener('abort', cancel, { once: true });
      }
      const interrupt = (): void => reject(new SlipwayError('Interrupted', 'interrupted before the wait was over'));
      if (session.signal.aborted) interrupt();
      session.signal.addEventListener('abort', interrupt, { once: true, signal: ended.signal });
      const look = (): void => {
        wait.look().then((done) => {
          if (done) resolve();
        }, reject);
      };
      session.onChange(wait.resources, look, ended.signal, wait.name).catch(reject);
    });
  } finally {
    ended.abort();
  }
}
