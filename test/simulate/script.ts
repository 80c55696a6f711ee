import type { RolloutSpec } from '../../controller/api/generated/rollout.ts';
import { type Random, seededRandom } from '../../controller/platform/random.ts';
import { asVersion, randomSpec } from './random-spec.ts';

/** What can happen, with how often it does. */
const FREQUENCIES = {
  /** The controller looks at the Rollout. */
  look: 26,
  /** One watch reports one change; all report all. */
  hear: 11,
  hearAll: 13,
  podsComeUp: 12,
  podFails: 2,
  podFlaps: 2,
  routerAnswers: 6,
  routerRefuses: 1,
  verdict: 4,
  /** For a while everything works as it should. */
  calm: 5,
  timePasses: 5,
  registry: 1,
  /** A ConfigMap changes or is missing for a while, or its changes begin or cease to count. */
  config: 2,
  /** Somebody writes to an object that the controller has read. */
  conflict: 2,
  person: 15,
} as const;

export type Kind = keyof typeof FREQUENCIES;

const KINDS = Object.entries(FREQUENCIES).flatMap(([kind, often]) => new Array<Kind>(often).fill(kind as Kind));

/** One small thing, with the luck that it has: it does not depend on what happened before, so that any can be left out. */
export interface Happening {
  readonly kind: Kind;
  /** Seed of everything that is random about it. */
  readonly luck: number;
  /** Nothing goes wrong while it happens. */
  readonly quiet?: boolean;
}

/** A history before it is played. */
export interface Script {
  readonly spec: RolloutSpec;
  readonly happenings: readonly Happening[];
  /** Whether all is left to come to rest in the end: half of the histories, since that costs as much as the rest of it. */
  readonly rests: boolean;
}

/** What is left of a script: which happenings, by their numbers, and how the Rollout is made simpler. */
export interface Path {
  readonly simpler: readonly Simpler[];
  readonly kept: readonly { readonly index: number; readonly quiet: boolean }[];
}

const canary = (change: object) => (spec: RolloutSpec) =>
  spec.strategy.canary === undefined ? spec : { ...spec, strategy: { canary: { ...spec.strategy.canary, ...change } } };

/** Ways to make a Rollout simpler. */
export const SIMPLER = {
  one: (spec: RolloutSpec) => ({ ...spec, replicas: Math.min(spec.replicas, 1) }),
  plain: ({ model: _, rollbackWindow: _w, progressDeadlineAbort: _p, ...spec }: RolloutSpec) => asVersion(spec, 'v1'),
  undelayed: (spec: RolloutSpec) => {
    const delays = { scaleDownDelaySeconds: 0, abortScaleDownDelaySeconds: 30 };
    // The two cannot be combined.
    return spec.strategy.canary?.dynamicStableScale ? spec : canary(delays)(spec);
  },
  surge: canary({ maxSurge: 1, maxUnavailable: 0 }),
  step: canary({ steps: [{ setWeight: 50 }, { pause: {} }] }),
  whole: (spec: RolloutSpec) => {
    const { analysis: _, minPodsPerReplicaSet: _m, replicaProgressThreshold: _r, ...rest } = spec.strategy.canary ?? {};
    return spec.strategy.canary === undefined ? spec : { ...spec, strategy: { canary: rest } };
  },
} as const satisfies Record<string, (spec: RolloutSpec) => RolloutSpec>;

export type Simpler = keyof typeof SIMPLER;

/** The script of a seed: mostly short ones, which find most and cost least. */
export function scriptOf(seed: number, path?: Path): Script {
  const random = seededRandom(seed);
  const spec = randomSpec(random);
  const rests = random() < 0.5;
  const length = 6 + Math.floor(random() ** 2 * 54);
  const happenings = Array.from({ length }, () => happening(random));
  if (path === undefined) return { spec, happenings, rests };
  return {
    spec: path.simpler.reduce<RolloutSpec>((simpler, name) => SIMPLER[name](simpler), spec),
    rests,
    happenings: path.kept.flatMap(({ index, quiet }) => {
      const one = happenings[index];
      return one === undefined ? [] : [{ ...one, quiet }];
    }),
  };
}

/** The path that leaves out nothing. */
export function wholePath(seed: number): Path {
  return { simpler: [], kept: scriptOf(seed).happenings.map((_, index) => ({ index, quiet: false })) };
}

/** `one,plain:3,7q,12`: simpler forms of the Rollout, then what is kept, with q what goes quietly. */
export function formatPath({ simpler, kept }: Path): string {
  return `${simpler.join(',')}:${kept.map(({ index, quiet }) => `${index}${quiet ? 'q' : ''}`).join(',')}`;
}

/** Reads what {@link formatPath} wrote. */
export function parsePath(text: string): Path {
  const [simpler = '', kept = ''] = text.split(':');
  const words = (list: string): string[] => list.split(',').filter((word) => word !== '');
  return {
    simpler: words(simpler).filter((word): word is Simpler => word in SIMPLER),
    kept: words(kept).map((word) => ({ index: Number.parseInt(word, 10), quiet: word.endsWith('q') })),
  };
}

function happening(random: Random): Happening {
  const kind = KINDS[Math.floor(random() * KINDS.length)] as Kind;
  return { kind, luck: Math.floor(random() * 2 ** 32) };
}
