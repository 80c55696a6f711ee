import type { Fenceposts } from './fenceposts.ts';

/** Pods of the new version and of the stable one. */
export interface Pair {
  canary: number;
  stable: number;
}

/** One ReplicaSet as the maths sees it. */
export interface Count {
  /** spec.replicas */
  wanted: number;
  available: number;
  /** It must not be scaled below this, because a Service points at it. */
  floor: number;
}

/**
 * How `replicas` pods are best split for a weight without traffic routing. Candidates for the new version are
 * ⌈n·w/100⌉ and ⌊n·w/100⌋ of n pods and, with a surge, of n+1; the one whose share is nearest to the weight wins, the first
 * at a tie. Neither version gets all the pods except at 0 and 100 percent, or when there is only one pod to give.
 */
export function targetPair(replicas: number, weight: number, surge: number): Pair {
  const zeroAllowed = weight === 0 || weight === 100 || (replicas === 1 && surge === 0);
  const exact = (replicas * weight) / 100;
  const up = Math.ceil(exact);
  const down = Math.floor(exact);
  const halfway = exact - down === 0.5;
  let best: Pair = { canary: up, stable: Math.max(0, replicas - up) };
  let error = Number.POSITIVE_INFINITY;
  for (const total of surge > 0 ? [replicas, replicas + 1] : [replicas]) {
    for (const canary of [up, down]) {
      const allowed = canary === up ? canary < total || zeroAllowed : (canary > 0 || zeroAllowed) && !halfway;
      const distance = total === 0 ? 0 : Math.abs((canary / total) * 100 - weight);
      if (allowed && distance < error) {
        error = distance;
        best = { canary, stable: total - canary };
      }
    }
  }
  return best;
}

/** What one pass wants; at most one of the three differs from what is there. */
export interface CanaryPass {
  canary: number;
  stable: number;
  older: readonly number[];
}

/**
 * One pass of scaling without traffic routing: first the stable version, then the new one, then the older ones; a pass
 * ends with its first change. All ReplicaSets together never get more than replicas + surge pods, and no pod that
 * serves is taken away when fewer than replicas − unavailable would be left.
 *
 * While the share of the new version grows, its pods count only once they serve and those of the stable version count
 * as wanted, so that a broken stable version cannot hold up its repair; while it falls it is the other way round.
 */
export function canaryPass(
  replicas: number,
  { surge, unavailable }: Fenceposts,
  target: Pair,
  canary: Count,
  stable: Count,
  older: readonly Count[],
): CanaryPass {
  const most = replicas + surge;
  const least = replicas - unavailable;
  const olderWanted = older.reduce((sum, rs) => sum + rs.wanted, 0);
  const room = Math.max(0, most - canary.wanted - stable.wanted - olderWanted);
  const stableGrowth = Math.min(room, Math.max(0, target.stable - stable.wanted));
  const canaryGrowth = Math.min(room - stableGrowth, Math.max(0, target.canary - canary.wanted));
  let nextStable = stable.wanted + stableGrowth;
  let nextCanary = canary.wanted + canaryGrowth;

  if (olderWanted === 0) {
    const increasing = target.canary >= canary.wanted;
    const counted = increasing ? serving(canary) + stable.wanted : canary.wanted + serving(stable);
    const excess = counted - least;
    if (increasing) nextStable -= shrink(nextStable, target.stable, stable.floor, excess);
    else nextCanary -= shrink(nextCanary, target.canary, canary.floor, excess);
  }

  const same = older.map((rs) => rs.wanted);
  if (nextStable !== stable.wanted) return { stable: nextStable, canary: canary.wanted, older: same };
  if (nextCanary !== canary.wanted) return { stable: stable.wanted, canary: nextCanary, older: same };
  return {
    stable: stable.wanted,
    canary: canary.wanted,
    older: drain(older, serving(canary) + serving(stable) - least),
  };
}

/** Takes first what does not serve, then as much of what serves as the others can spare. */
function drain(older: readonly Count[], servingElsewhere: number): readonly number[] {
  let spare = servingElsewhere + older.reduce((sum, rs) => sum + serving(rs), 0);
  return older.map((rs) => {
    const broken = rs.wanted - serving(rs);
    const taken = Math.max(0, Math.min(serving(rs), spare));
    spare -= taken;
    return Math.max(Math.min(rs.floor, rs.wanted), rs.wanted - broken - taken);
  });
}

function shrink(next: number, target: number, floor: number, excess: number): number {
  return Math.max(0, Math.min(next - Math.max(target, Math.min(floor, next)), excess));
}

function serving(count: Count): number {
  return Math.min(count.wanted, count.available);
}
