/** How far the number of pods may leave `replicas` during an update without traffic routing. */
export interface Fenceposts {
  /** Pods above replicas. */
  surge: number;
  /** Pods below replicas. */
  unavailable: number;
}

const DEFAULT_FENCEPOST = '25%';

/**
 * maxSurge rounds up and maxUnavailable down, as for Deployments. When both come to 0 nothing could ever move, so one
 * pod may be missing.
 */
export function fenceposts(maxSurge: unknown, maxUnavailable: unknown, replicas: number): Fenceposts {
  const surge = absolute(maxSurge, replicas, Math.ceil);
  const unavailable = Math.min(absolute(maxUnavailable, replicas, Math.floor), replicas);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Why a value is neither a number of pods nor a percentage; undefined when it is fine or absent. */
export function fencepostProblem(value: unknown): string | undefined {
  return value === undefined || parse(value) !== undefined
    ? undefined
    : `${JSON.stringify(value)} is neither a number of pods nor a percentage such as 25%`;
}

function absolute(value: unknown, replicas: number, round: (pods: number) => number): number {
  const parsed = parse(value ?? DEFAULT_FENCEPOST) ?? { percent: 25 };
  // Multiplied before divided: 0.07 * 100 is more than 7 in floating point and would round up to 8.
  return 'pods' in parsed ? parsed.pods : round((parsed.percent * replicas) / 100);
}

function parse(value: unknown): { pods: number } | { percent: number } | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? { pods: value } : undefined;
  const match = typeof value === 'string' ? /^(\d{1,9})(%?)$/.exec(value) : null;
  if (match === null) return undefined;
  return match[2] === '%' ? { percent: Number(match[1]) } : { pods: Number(match[1]) };
}
