import { type CapacityInput, isAny, type Reached } from './capacity.ts';
import { dynamicPass } from './dynamic-stable.ts';
import { availablePods, wantedPods } from './replica-sets.ts';
import { retire, type Wanted } from './retire.ts';
import { podsForWeight } from './routed-replicas.ts';
import type { ReplicaSet } from './snapshot.ts';

/**
 * The wanted pods with dynamicStableScale: each version has what its share of the requests needs. Where maxSurge limits all
 * pods together, what has to go goes with its requests, without a delay, as soon as another version waits for its room.
 */
export function dynamicCapacity(input: CapacityInput, isReached: Reached): readonly Wanted[] {
  const { settings, traffic, tested, stable, older, aborted, now } = input;
  const needed = (rs: ReplicaSet): number => {
    const by = isReached(rs);
    const share = Math.max(by.canary ? traffic.highest : 0, by.stable ? 100 - traffic.lowest : 0);
    return podsForWeight(settings.replicas, share);
  };
  if (stable === undefined) return firstVersion(input, isReached, needed);

  const testing = aborted ? undefined : tested;
  const leaving = aborted && tested !== undefined ? [tested, ...older] : older;
  // What is given back to the stable version in this decision needs its pods right after.
  const written = input.written ?? 100;
  const elsewhere = testing === undefined || !isReached(testing).canary;
  const pass = dynamicPass({
    settings,
    stable,
    tested: testing,
    older: pods(leaving),
    weight: testing === undefined ? 0 : input.weight,
    scale: input.scale,
    recorded: elsewhere ? 0 : Math.min(traffic.recorded, written),
    lowest: Math.min(traffic.lowest, written),
    needed: testing === undefined ? 0 : needed(testing),
    // Right after a promotion both Services send it all requests.
    viaCanary: isReached(stable).canary && traffic.highest > 0 ? settings.replicas : 0,
  });
  const { goal } = pass;
  const othersComplete = pass.stable === goal.stable && availablePods(stable) >= goal.stable;
  const waits = pass.stable < goal.stable || (testing !== undefined && pass.tested < goal.tested);
  const crowded = waits && isLimited(input);
  return [
    kept(stable, pass.stable),
    ...(testing === undefined ? [] : [kept(testing, pass.tested)]),
    ...leaving.map((rs) => {
      if (crowded || (rs === tested && settings.drainsOnAbort)) return kept(rs, Math.min(wantedPods(rs), needed(rs)));
      const delayMs = rs === tested ? settings.abortScaleDownDelayMs : settings.scaleDownDelayMs;
      return retire(rs, { reached: isAny(isReached(rs)), othersComplete, delayMs, now });
    }),
  ];
}

/** Nothing has served yet; a version before it that never got complete gives way. */
function firstVersion(input: CapacityInput, isReached: Reached, needed: (rs: ReplicaSet) => number): readonly Wanted[] {
  const { settings, tested, older, now } = input;
  const { replicas, unavailable, maxPods, scaleDownDelayMs: delayMs } = settings;
  const has = tested === undefined ? 0 : wantedPods(tested);
  const grown = Math.max(0, Math.min(replicas, maxPods - pods(older)));
  const wanted = Math.max(grown, Math.min(has, replicas));
  const serving = tested === undefined ? 0 : availablePods(tested);
  let spare = older.reduce((sum, rs) => sum + availablePods(rs), serving) - (replicas - unavailable);
  return [
    ...(tested === undefined ? [] : [kept(tested, wanted)]),
    ...older.map((rs) => {
      if (tested === undefined || (wanted >= replicas && wanted + pods(older) <= maxPods)) {
        return retire(rs, { reached: isAny(isReached(rs)), othersComplete: serving >= replicas, delayMs, now });
      }
      const taken = Math.max(0, Math.min(availablePods(rs), spare));
      spare -= taken;
      return kept(rs, Math.max(Math.min(wantedPods(rs), needed(rs)), availablePods(rs) - taken));
    }),
  ];
}

function isLimited({ settings }: CapacityInput): boolean {
  return settings.maxPods !== Number.POSITIVE_INFINITY;
}

function pods(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, rs) => sum + wantedPods(rs), 0);
}

function kept(replicaSet: ReplicaSet, replicas: number): Wanted {
  return { replicaSet, replicas, deadline: undefined };
}
