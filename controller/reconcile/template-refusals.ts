import { isKubeError, type KubeError } from '../kube/errors.ts';
import type { ObjectKey } from '../kube/types.ts';
import { badQuantities } from '../rollout/bad-quantities.ts';
import type { ReplicaSet } from '../rollout/snapshot.ts';

const FIRST_RETRY_MS = 10_000;
const MAX_RETRY_MS = 300_000;

/** What the API server said of the ReplicaSet that a template would make. */
interface Refusal {
  name: string;
  message: string;
  /** Times it was refused in a row. */
  times: number;
  retryAt: number;
}

/**
 * Remembers which ReplicaSets the API server would not take, so that a template that cannot work is asked about now and
 * then, since an admission rule may change, and not in a loop. One entry per Rollout: that of its present template. It is
 * only memory: after a restart the API server is asked once more.
 */
export class TemplateRefusals {
  readonly #byRollout = new Map<ObjectKey, Refusal>();

  /** The message for this ReplicaSet, and how long it stands, in milliseconds; undefined when it may be tried. */
  find(rollout: ObjectKey, replicaSet: ReplicaSet, now: number): { message: string; forMs: number } | undefined {
    const refusal = this.#byRollout.get(rollout);
    if (refusal?.name !== replicaSet.metadata.name || now >= refusal.retryAt) return undefined;
    return { message: refusal.message, forMs: refusal.retryAt - now };
  }

  add(rollout: ObjectKey, replicaSet: ReplicaSet, error: KubeError, now: number): void {
    const { name } = replicaSet.metadata;
    const known = this.#byRollout.get(rollout);
    const times = known?.name === name ? known.times + 1 : 1;
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (times - 1), MAX_RETRY_MS);
    this.#byRollout.set(rollout, { name, message: refusalMessage(replicaSet, error), times, retryAt: now + wait });
  }

  /** The template was taken, or the Rollout is gone. */
  forget(rollout: ObjectKey): void {
    this.#byRollout.delete(rollout);
  }
}

/** Whether the object itself is what the API server refused, rather than the request, our rights, or the moment. */
export function isRefusal(error: unknown): error is KubeError {
  return isKubeError(error) && !error.retryable && [400, 413, 422].includes(error.status);
}

/**
 * What to tell the user: the API server's own words, which name the field. Only for a quantity that cannot be parsed they
 * do not, so these are looked up.
 */
function refusalMessage(replicaSet: ReplicaSet, error: KubeError): string {
  const bad = badQuantities(replicaSet.spec.template, 'spec.template');
  if (bad.length > 0) {
    return bad
      .map(({ path, value }) => `${path}: "${value}" is not a quantity; write for example 500m or 1Gi`)
      .join('; ');
  }
  return error.message.replace(/^create replicasets [^:]+: /, '');
}
