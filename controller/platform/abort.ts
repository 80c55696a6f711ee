import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';

/** A signal that follows a parent and a deadline; `dispose` must be called or the parent keeps it alive. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the deadline, not the parent, ended it. */
  readonly expired: boolean;
  dispose(): void;
}

/**
 * Aborts when `parent` does or after `ms` milliseconds (never, when undefined). Used in place of AbortSignal.any, which
 * on Node 20 leaks one entry per call into a parent that lives as long as the process.
 */
export function withDeadline(clock: Clock, ms: number | undefined, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  // Many requests may hang on one signal; Node takes eleven listeners for a leak and says so on stderr.
  if (parent !== undefined) setMaxListeners(0, parent);
  let expired = false;
  const follow = (): void => controller.abort(parent?.reason);
  const cancel =
    ms === undefined
      ? undefined
      : clock.after(ms, () => {
          expired = true;
          controller.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError'));
        });
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    dispose() {
      cancel?.();
      parent?.removeEventListener('abort', follow);
    },
  };
}
