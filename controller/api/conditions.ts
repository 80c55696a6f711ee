/** A condition as Kubernetes conventions want it, with the generation that it speaks of. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

/** What a decision says about a condition; the time is added by {@link setCondition}. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'>;

export function findCondition<T extends { type: string }>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/**
 * Returns the list with one condition set. `lastTransitionTime` moves only when `status` changes. The very same list is
 * returned when nothing changes, so that "no change, no write" can be decided by identity.
 *
 * @param now milliseconds since the epoch
 */
export function setCondition<T extends Condition>(
  conditions: readonly T[],
  next: NewCondition,
  now: number,
): readonly T[] {
  const old = findCondition(conditions, next.type);
  if (
    old !== undefined &&
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration
  ) {
    return conditions;
  }
  const lastTransitionTime = old?.status === next.status ? old.lastTransitionTime : timestamp(now);
  const condition = { ...old, ...next, lastTransitionTime } as T;
  return old === undefined ? [...conditions, condition] : conditions.map((c) => (c === old ? condition : c));
}

/** Removes a condition; the very same list when it was not there. */
export function removeCondition<T extends Condition>(conditions: readonly T[], type: string): readonly T[] {
  return findCondition(conditions, type) === undefined ? conditions : conditions.filter((c) => c.type !== type);
}

/** Kubernetes' metav1.Time: RFC 3339 in UTC with whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
