import { deadlineOf, wantedPods } from './replica-sets.ts';
import type { ReplicaSet } from './snapshot.ts';

/** The pods that one ReplicaSet should have, and the time after which it may lose them. */
export interface Wanted {
  replicaSet: ReplicaSet;
  replicas: number;
  /** Milliseconds since the epoch; undefined: no deadline. */
  deadline: number | undefined;
}

export interface RetireInput {
  /** Requests come, or are about to come, to it in particular. */
  reached: boolean;
  /** Those that serve instead of it have all their pods. */
  othersComplete: boolean;
  /** Infinity: it stays. */
  delayMs: number;
  now: number;
}

/** Keeps a ReplicaSet until nothing points at it and the others are complete, then for the delay, then takes its pods. */
export function retire(rs: ReplicaSet, { reached, othersComplete, delayMs, now }: RetireInput): Wanted {
  const pods = wantedPods(rs);
  if (pods === 0) return { replicaSet: rs, replicas: 0, deadline: undefined };
  if (reached) return { replicaSet: rs, replicas: pods, deadline: undefined };
  const started = deadlineOf(rs);
  if (started === undefined && (!othersComplete || delayMs === Number.POSITIVE_INFINITY)) {
    return { replicaSet: rs, replicas: pods, deadline: undefined };
  }
  const deadline = started ?? Math.ceil((now + delayMs) / 1000) * 1000;
  return deadline <= now || delayMs === 0
    ? { replicaSet: rs, replicas: 0, deadline: undefined }
    : { replicaSet: rs, replicas: pods, deadline };
}
