import { Reason } from '../api/reasons.ts';
import type { EventRecorder, KubeObject } from '../kube/types.ts';
import type { Clock } from '../platform/clock.ts';

/** What one decision does is told in one or two decisions' time: a conclusion is stored before it is acted on. */
const HOLD_MS = 1000;
/** How long the means wait for the end that they serve, and the end of a step for what comes of it. */
const CARRY_MS = 5000;

/** Means to an end that an Event of its own tells. */
const MEANS: ReadonlySet<string> = new Set([Reason.NewReplicaSetCreated, Reason.ScalingReplicaSet]);
/** What ends a step may end in something that tells more. */
const MAY_GO_ON: ReadonlySet<string> = new Set([...MEANS, Reason.RolloutStepCompleted]);
/** What steps end in. */
const ENDS_OF_STEPS: ReadonlySet<string> = new Set([
  Reason.RolloutStepCompleted,
  Reason.RolloutPaused,
  Reason.RolloutCompleted,
]);

interface Said {
  reason: string;
  message: string;
}

interface Held {
  object: KubeObject;
  said: Said[];
  /** Milliseconds of a monotonic clock. */
  since: number;
  /** Held for longer, since the end is missing. */
  carried: boolean;
  cancel: () => void;
}

/**
 * Tells in one Event what belongs together. A step of a release takes several writes; an Event for each of them, as the code
 * notices it, would be more than half of all that a release writes, and bury what a person looks for. Normal Events of an
 * object are held for a second and put together by {@link digest}; a Warning is told at once, after what came before it.
 */
export class EventDigest implements EventRecorder {
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(events: EventRecorder, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  event(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { namespace = '', name, uid = '' } = object.metadata;
    const id = `${object.kind}/${namespace}/${name}/${uid}`;
    if (type === 'Warning') {
      this.#tell(id);
      this.#events.event(object, type, reason, message);
      return;
    }
    const held = this.#held.get(id) ?? this.#hold(id, object);
    held.object = object;
    held.said.push({ reason, message });
    if (!MAY_GO_ON.has(reason) && held.carried) {
      held.carried = false;
      held.cancel();
      held.cancel = this.#clock.after(HOLD_MS, () => this.#tell(id));
    }
  }

  /** Tells all that is held, for the end of the process. */
  flush(): void {
    for (const id of [...this.#held.keys()]) this.#tell(id);
  }

  #hold(id: string, object: KubeObject): Held {
    const held: Held = {
      object,
      said: [],
      since: this.#clock.monotonic(),
      carried: false,
      cancel: this.#clock.after(HOLD_MS, () => this.#tellUnlessIncomplete(id)),
    };
    this.#held.set(id, held);
    return held;
  }

  #tellUnlessIncomplete(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const left = held.since + CARRY_MS - this.#clock.monotonic();
    held.carried = left > 0 && held.said.every(({ reason }) => MAY_GO_ON.has(reason));
    if (held.carried) held.cancel = this.#clock.after(left, () => this.#tell(id));
    else this.#tell(id);
  }

  #tell(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.cancel();
    for (const { reason, message } of digest(held.said)) this.#events.event(held.object, 'Normal', reason, message);
  }
}

/**
 * Puts together what was said in a row, each message in its place: ReplicaSets that are made and scaled go with what they are
 * made and scaled for; steps that end together are told together, and with the pause or the promotion that they end in.
 */
export function digest(said: readonly Said[]): Said[] {
  const groups: { reason: string; messages: string[] }[] = [];
  let ahead: string[] = [];
  for (const { reason, message } of said) {
    const last = groups.at(-1);
    const afterStep = last?.reason === Reason.RolloutStepCompleted;
    if (MEANS.has(reason)) {
      (last?.messages ?? ahead).push(message);
    } else if (last !== undefined && afterStep && ENDS_OF_STEPS.has(reason)) {
      last.reason = reason;
      last.messages.push(message);
    } else {
      groups.push({ reason, messages: [...ahead, message] });
      ahead = [];
    }
  }
  const [first] = said;
  if (ahead.length > 0 && first !== undefined) groups.push({ reason: first.reason, messages: ahead });
  return groups.map(({ reason, messages }) => ({ reason, message: messages.join('; ') }));
}
