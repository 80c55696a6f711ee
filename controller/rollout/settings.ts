import type { RolloutSpec, RolloutSpecModel, RolloutSpecStrategyCanaryAnalysis } from '../api/generated/rollout.ts';
import { type AntiAffinity, readAntiAffinity } from './anti-affinity.ts';
import { type BlueGreenSettings, blueGreenSettings } from './blue-green/settings.ts';
import { type Fenceposts, fenceposts } from './fenceposts.ts';
import { onceByIdentity } from './memo.ts';
import { asInteger, asList, asObject, asText, asTime } from './plain.ts';
import { type PodMetadata, readPodMetadata } from './pod-metadata.ts';
import { parseSteps, type Step, stepsHash } from './steps.ts';

/** A Rollout's spec with all defaults, as decisions use it. Times are milliseconds. */
export interface Settings extends Fenceposts {
  /** spec.replicas; 1 when it is absent, which is never written back: an autoscaler or Git may own the field. */
  replicas: number;
  /** Pods that must serve during an update without traffic routing, and behind the active Service. */
  least: number;
  minReadySeconds: number;
  revisionHistoryLimit: number;
  progressDeadlineMs: number;
  progressDeadlineAbort: boolean;
  paused: boolean;
  /** Milliseconds since the epoch: pods that were made before are replaced. */
  restartAt: number | undefined;
  /** undefined: no rollback window. */
  rollbackRevisions: number | undefined;
  successfulRunLimit: number;
  unsuccessfulRunLimit: number;
  /** Of a canary; a blue-green update has none. */
  steps: readonly Step[];
  stepsHash: string | undefined;
  /** The analysis beside the steps of a canary. */
  background: { analysis: RolloutSpecStrategyCanaryAnalysis; startingStep: number } | undefined;
  /** undefined: the strategy is canary. */
  blueGreen: BlueGreenSettings | undefined;
  canaryService: string | undefined;
  stableService: string | undefined;
  /** True with spec.strategy.canary.trafficRouting. */
  routed: boolean;
  /** Names of the routes that steps may set, the one that comes first first. */
  managedRoutes: readonly string[];
  /** With traffic routing: the version that serves has only the pods that its share of the requests needs. */
  dynamicStable: boolean;
  /** Most pods of all versions together with dynamicStable, where maxSurge is given; else Infinity. */
  maxPods: number;
  /** With dynamicStable: after an abort the pods under test go with their requests, without a delay. */
  drainsOnAbort: boolean;
  /** Least pods of a ReplicaSet that gets requests, with trafficRouting; never more than `replicas`. */
  minPods: number;
  /** How many available pods are enough for a step; undefined: all. */
  threshold: { type: 'Percent' | 'Pods'; value: number } | undefined;
  /** What the pods of the version under test have as long as it is that. */
  testedMetadata: PodMetadata;
  /** What the pods of the version that serves have. */
  stableMetadata: PodMetadata;
  /** How the pods of the version under test keep away from those that serve. */
  antiAffinity: AntiAffinity | undefined;
  scaleDownDelayMs: number;
  /** Infinity: the pods under test stay after an abort. */
  abortScaleDownDelayMs: number;
  model: RolloutSpecModel | undefined;
}

const MAX_INT32 = 2 ** 31 - 1;

/** Total: what makes no sense gets its default here and is reported by validation. */
export function settingsOf(rawSpec: RolloutSpec): Settings {
  return read((asObject(rawSpec) ?? NONE) as Partial<RolloutSpec>);
}

const NONE = {};
const read = onceByIdentity((spec: Partial<RolloutSpec>): Settings => {
  const strategy = asObject(spec.strategy);
  const canary = asObject(strategy?.['canary']);
  const blueGreen = canary === undefined ? asObject(strategy?.['blueGreen']) : undefined;
  const chosen = canary ?? blueGreen ?? {};
  const replicas = count(spec.replicas) ?? 1;
  const seconds = (value: unknown, fallback: number): number => (count(value) ?? fallback) * 1000;
  const routed = asObject(canary?.['trafficRouting']) !== undefined;
  const dynamic = routed && canary?.['dynamicStableScale'] === true;
  const limited = dynamic && (canary?.['maxSurge'] ?? undefined) !== undefined;
  const minPods = Math.min(replicas, count(canary?.['minPodsPerReplicaSet']) ?? 0);
  const abortDelay = seconds(chosen['abortScaleDownDelaySeconds'], 30);
  const { surge, unavailable } = fenceposts(canary?.['maxSurge'], chosen['maxUnavailable'], replicas);
  return {
    surge,
    unavailable,
    replicas,
    least: Math.max(0, replicas - unavailable),
    minReadySeconds: count(spec.minReadySeconds) ?? 0,
    revisionHistoryLimit: count(spec.revisionHistoryLimit) ?? 10,
    progressDeadlineMs: seconds(spec.progressDeadlineSeconds, 600),
    progressDeadlineAbort: spec.progressDeadlineAbort === true,
    paused: spec.paused === true,
    restartAt: time(spec.restartAt),
    rollbackRevisions: count(asObject(spec.rollbackWindow)?.['revisions']),
    successfulRunLimit: count(asObject(spec.analysis)?.['successfulRunHistoryLimit']) ?? 5,
    unsuccessfulRunLimit: count(asObject(spec.analysis)?.['unsuccessfulRunHistoryLimit']) ?? 5,
    steps: parseSteps(canary?.['steps']),
    background: readBackground(canary?.['analysis']),
    stepsHash: blueGreen === undefined ? stepsHash(canary?.['steps']) : undefined,
    blueGreen: blueGreen === undefined ? undefined : blueGreenSettings(blueGreen, replicas),
    canaryService: asText(canary?.['canaryService']),
    stableService: asText(canary?.['stableService']),
    routed,
    managedRoutes: readNames(asObject(canary?.['trafficRouting'])?.['managedRoutes']),
    dynamicStable: dynamic,
    // One pod more than the replicas, or the last of the old version would wait for the last of the new one for ever.
    maxPods: limited ? replicas + Math.max(1, surge, minPods) : Number.POSITIVE_INFINITY,
    drainsOnAbort: dynamic && chosen['abortScaleDownDelaySeconds'] === undefined,
    minPods,
    threshold: readThreshold(canary?.['replicaProgressThreshold']),
    testedMetadata: readPodMetadata(canary?.['canaryMetadata'] ?? blueGreen?.['previewMetadata']),
    stableMetadata: readPodMetadata(canary?.['stableMetadata'] ?? blueGreen?.['activeMetadata']),
    antiAffinity: readAntiAffinity(chosen['antiAffinity']),
    scaleDownDelayMs: seconds(chosen['scaleDownDelaySeconds'], 30),
    abortScaleDownDelayMs: abortDelay === 0 ? Number.POSITIVE_INFINITY : abortDelay,
    model: readModel(spec.model),
  };
});

function count(value: unknown): number | undefined {
  return asInteger(value, 0, MAX_INT32);
}

function readNames(raw: unknown): readonly string[] {
  return asList(raw).flatMap((one) => asText(asObject(one)?.['name']) ?? []);
}

function readBackground(raw: unknown): Settings['background'] {
  const analysis = asObject(raw);
  if (analysis === undefined) return undefined;
  return {
    analysis: analysis as unknown as RolloutSpecStrategyCanaryAnalysis,
    startingStep: count(analysis['startingStep']) ?? 0,
  };
}

function readThreshold(raw: unknown): Settings['threshold'] {
  const { type, value } = asObject(raw) ?? {};
  const least = asInteger(value, 1, type === 'Percent' ? 100 : MAX_INT32);
  return least !== undefined && (type === 'Percent' || type === 'Pods') ? { type, value: least } : undefined;
}

function time(value: unknown): number | undefined {
  const text = asTime(value);
  return text === undefined ? undefined : Date.parse(text);
}

function readModel(raw: unknown): RolloutSpecModel | undefined {
  const model = asObject(raw);
  const complete =
    asText(model?.['name']) !== undefined &&
    asText(model?.['version']) !== undefined &&
    asText(asObject(model?.['registry'])?.['name']) !== undefined;
  return complete ? (model as unknown as RolloutSpecModel) : undefined;
}
