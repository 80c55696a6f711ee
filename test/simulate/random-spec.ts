import type { RolloutSpec } from '../../controller/api/generated/rollout.ts';
import type { Random } from '../../controller/platform/random.ts';
import type { ReplicaSet } from '../../controller/rollout/snapshot.ts';
import { blueGreenSpec, imageOf, ROUTED, rolloutSpec, template } from './stage.ts';

export const VERSIONS = ['v1', 'v2', 'v3'] as const;
type Steps = NonNullable<NonNullable<RolloutSpec['strategy']['canary']>['steps']>;
const ANALYSIS = { analysis: { templates: [{ templateName: 'errors' }] } };
export const STEPS: readonly Steps[] = [
  [],
  [{ setWeight: 20 }, { pause: { duration: 10 } }, { setWeight: 50 }, { pause: {} }],
  [{ setWeight: 50 }, ANALYSIS, { setWeight: 20 }, { setWeight: 100 }],
  [{ pause: { duration: '5s' } }, { setWeight: 10 }, { setWeight: 0 }, { setWeight: 100 }, { pause: { duration: 3 } }],
  [ANALYSIS],
  [{ setCanaryScale: { replicas: 2 } }, { setWeight: 30 }, { setCanaryScale: { weight: 80 } }, { pause: {} }],
  [{ setCanaryScale: { weight: 50 } }, { setCanaryScale: { matchTrafficWeight: true } }, { setWeight: 60 }, ANALYSIS],
];

/** Labels and annotations for the parts of a release: some for both, some for one only. */
const PARTS = {
  stable: { labels: { role: 'stable', tier: 'gold' }, annotations: { 'part.example.com/is': 'stable' } },
  tested: {
    labels: { role: 'tested' },
    annotations: { 'part.example.com/is': 'tested', 'part.example.com/new': 'yes' },
  },
};
const APART = [
  { antiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } },
  { antiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: { weight: 1 } } },
] as const;

const THRESHOLD = { replicaProgressThreshold: { type: 'Percent', value: 80 } } as const;

/** A Rollout with everything that can be chosen chosen at random: router or not, Services, delays, limits, a model. */
export function randomSpec(random: Random): RolloutSpec {
  const choose = <T>(list: readonly T[]): T => pick(random, list);
  const services = random() < 0.5 ? { canaryService: 'canary', stableService: 'stable' } : {};
  const canary = {
    ...(random() < 0.6 ? ROUTED : services),
    steps: choose(STEPS),
    maxSurge: choose([0, 1, 2, '25%', '100%']),
    maxUnavailable: choose([0, 1, '25%', '50%']),
    scaleDownDelaySeconds: choose([0, 5, 30]),
    abortScaleDownDelaySeconds: choose([0, 5, 30]),
    ...choose([{}, {}, { minPodsPerReplicaSet: 2 }]),
    ...choose([{}, {}, THRESHOLD]),
    ...randomParts(random, 'stableMetadata', 'canaryMetadata'),
    ...choose([{}, {}, { analysis: ANALYSIS.analysis }]),
  };
  if ('trafficRouting' in canary && random() < 0.4) {
    Object.assign(canary, { dynamicStableScale: true });
    Reflect.deleteProperty(canary, 'scaleDownDelaySeconds');
    if (random() < 0.5) Reflect.deleteProperty(canary, 'abortScaleDownDelaySeconds');
    if (random() < 0.5) Reflect.deleteProperty(canary, 'maxSurge');
  }
  const more: Partial<RolloutSpec> = {
    revisionHistoryLimit: choose([0, 1, 10]),
    progressDeadlineAbort: random() < 0.3,
    ...(random() < 0.4 ? { rollbackWindow: { revisions: choose([1, 3]) } } : {}),
  };
  const replicas = Math.floor(random() * 7);
  const spec =
    random() < 0.35
      ? blueGreenSpec('v1', replicas, randomBlueGreen(random), more)
      : rolloutSpec('v1', replicas, canary, more);
  return random() < 0.3 ? asVersion({ ...spec, model: MODEL }, 'v1') : spec;
}

/** What can be chosen of a blue-green strategy. */
export function randomBlueGreen(random: Random): NonNullable<Parameters<typeof blueGreenSpec>[2]> {
  const choose = <T>(list: readonly T[]): T => pick(random, list);
  return {
    ...choose([{}, { autoPromotionEnabled: false }, { autoPromotionSeconds: 10 }]),
    ...choose([{}, { previewReplicaCount: 1 }, { previewReplicaCount: 4 }]),
    ...choose([{}, { prePromotionAnalysis: ANALYSIS.analysis }]),
    ...choose([{}, { postPromotionAnalysis: ANALYSIS.analysis }]),
    ...choose([{}, {}, { scaleDownDelayRevisionLimit: 1 }]),
    scaleDownDelaySeconds: choose([0, 5, 30]),
    abortScaleDownDelaySeconds: choose([0, 5, 30]),
    maxUnavailable: choose([0, 1, '50%']),
    ...randomParts(random, 'activeMetadata', 'previewMetadata'),
  };
}

/** What pods have and where they run for their part in the release; often nothing. */
export function randomParts(random: Random, stable: string, tested: string): object {
  const { labels, annotations } = PARTS.stable;
  const parts = pick<object>(random, [
    {},
    {},
    { [stable]: PARTS.stable, [tested]: PARTS.tested },
    { [tested]: PARTS.tested },
    { [stable]: pick<object>(random, [{ labels }, { annotations }]) },
  ]);
  return { ...parts, ...pick<object>(random, [{}, {}, ...APART]) };
}

const MODEL = { registry: { kind: 'ModelRegistry', name: 'mlflow' }, name: 'fraud', version: 'v1' } as const;

/** The spec that asks for another version: of the image, or of the model where there is one. */
export function asVersion(spec: RolloutSpec, version: string): RolloutSpec {
  return spec.model === undefined
    ? { ...spec, template: template(version) }
    : { ...spec, template: template('server'), model: { ...spec.model, version } };
}

/** The version of a ReplicaSet, as {@link asVersion} names it. */
export function versionOf(rs: ReplicaSet): string {
  return rs.metadata.annotations?.['slipway.dev/model']?.replace('fraud/', '') ?? imageOf(rs);
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.floor(random() * list.length)] as T;
}
