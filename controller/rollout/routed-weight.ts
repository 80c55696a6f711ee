import { lowestDynamicWeight, lowestWeight, podsForWeight } from './routed-replicas.ts';

/** What the weight of the new version is decided from. Weights are percent for the canary Service. */
export interface WeightInput {
  replicas: number;
  unavailable: number;
  /** The version that serves has only the pods of its share. */
  dynamic: boolean;
  /** How many of the pods that a weight needs must be available before it rises. */
  enough: (pods: number) => number;
  /** The weight that the step wants; undefined to stay where it is. */
  wanted: number | undefined;
  /** The weight to keep while pods for more are missing. */
  recorded: number;
  /** The weight that the routes have now. */
  shown: number;
  /** Whether the canary Service points at the version under test, and requests may go to it. */
  canaryReady: boolean;
  /** Available pods of the version under test. */
  currentAvailable: number;
  /** Available pods of whatever the canary Service points at. */
  behindCanary: number;
  /** Whether the stable Service points at the version that serves; if not, nothing can be given to it. */
  stableReady: boolean;
  /** Available pods of the version that serves. */
  stableAvailable: number;
}

/**
 * The weight to write now. It rises only when the pods that the new weight needs serve; it falls at once, as far as the
 * stable version can carry the requests, and to 0 when nothing serves behind the canary Service. Trouble of the stable
 * version never raises it.
 */
export function weightToWrite(input: WeightInput): number {
  const { replicas, recorded } = input;
  if (!input.stableReady) return input.shown;
  const wanted = input.canaryReady ? (input.wanted ?? recorded) : 0;
  if (wanted > recorded) {
    if (input.currentAvailable >= input.enough(podsForWeight(replicas, wanted))) return wanted;
    return lowered(input, input.currentAvailable === 0 && replicas > 0 ? 0 : recorded);
  }
  return lowered(input, wanted);
}

function lowered(input: WeightInput, wanted: number): number {
  const { replicas, shown } = input;
  if (input.behindCanary === 0 && replicas > 0) return 0;
  const lowest = (input.dynamic ? lowestDynamicWeight : lowestWeight)(
    replicas,
    input.stableAvailable,
    input.unavailable,
  );
  return Math.max(wanted, Math.min(shown, lowest));
}
