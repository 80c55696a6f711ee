import type {
  RolloutStatus,
  RolloutStatusBlueGreen,
  RolloutStatusCanaryCurrentStepAnalysisRunStatus,
  RolloutStatusCanaryWeights,
  RolloutStatusCondition,
  RolloutStatusModel,
  RolloutStatusModelCurrent,
  RolloutStatusModelRejected,
  RolloutStatusPauseCondition,
} from '../api/generated/rollout.ts';
import { onceByIdentity } from './memo.ts';
import { asInteger, asList, asObject, asText, asTime, compact, type Json } from './plain.ts';

const RUN_PHASES = ['Pending', 'Running', 'Successful', 'Failed', 'Error', 'Inconclusive'] as const;
const PAUSE_REASONS = [
  'CanaryPauseStep',
  'BlueGreenPause',
  'InconclusiveAnalysisRun',
  'InconclusiveExperiment',
] as const;
const MAX_INT32 = 2 ** 31 - 1;

/**
 * The status as far as it can be believed. People and older versions write to it; a field that makes no sense is
 * treated as absent, so that no decision can be stopped by one.
 */
export function readStatus(raw: unknown): RolloutStatus {
  return read(asObject(raw) ?? NONE);
}

const NONE: Json = {};
const read = onceByIdentity((status: Json): RolloutStatus => {
  const pauses = asList(status['pauseConditions']).flatMap(readPause);
  const canary = asObject(status['canary']) ?? {};
  return compact<RolloutStatus>({
    observedGeneration: asInteger(status['observedGeneration'], 0),
    workloadObservedGeneration: asInteger(status['workloadObservedGeneration'], 0),
    phase: oneOf(status['phase'], ['Healthy', 'Progressing', 'Paused', 'Degraded'] as const),
    message: asText(status['message']),
    step: asText(status['step']),
    replicas: count(status['replicas']),
    updatedReplicas: count(status['updatedReplicas']),
    readyReplicas: count(status['readyReplicas']),
    availableReplicas: count(status['availableReplicas']),
    HPAReplicas: count(status['HPAReplicas']),
    selector: asText(status['selector']),
    currentPodHash: asText(status['currentPodHash']),
    stableRS: asText(status['stableRS']),
    currentStepHash: asText(status['currentStepHash']),
    currentStepIndex: count(status['currentStepIndex']),
    collisionCount: count(status['collisionCount']),
    retries: count(status['retries']),
    abort: flag(status['abort']),
    abortedAt: asTime(status['abortedAt']),
    abortMessage: asText(status['abortMessage']),
    restartedAt: asTime(status['restartedAt']),
    promoteFull: flag(status['promoteFull']),
    controllerPause: flag(status['controllerPause']),
    pauseConditions: pauses.length > 0 ? pauses : undefined,
    canary: compact<NonNullable<RolloutStatus['canary']>>({
      weights: readWeights(canary['weights']),
      currentExperiment: asText(canary['currentExperiment']),
      currentStepAnalysisRunStatus: readStepRun(canary['currentStepAnalysisRunStatus']),
      currentBackgroundAnalysisRunStatus: readStepRun(canary['currentBackgroundAnalysisRunStatus']),
    }),
    blueGreen: readBlueGreen(status['blueGreen']),
    model: readModel(status['model']),
    conditions: asList(status['conditions']).flatMap(readCondition),
  });
});

/** The identity of a model version, from a status or from the annotation of a ReplicaSet. */
export function readIdentity(raw: unknown): RolloutStatusModelCurrent | undefined {
  const value = asObject(raw);
  const registry = asText(value?.['registry']);
  const name = asText(value?.['name']);
  const version = asText(value?.['version']);
  if (value === undefined || registry === undefined || name === undefined || version === undefined) return undefined;
  return compact<RolloutStatusModelCurrent>({
    registry,
    name,
    version,
    uri: asText(value['uri']),
    source: asText(value['source']),
    runId: asText(value['runId']),
    createdAt: asTime(value['createdAt']),
  });
}

function count(value: unknown): number | undefined {
  return asInteger(value, 0, MAX_INT32);
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((one) => one === value);
}

function readPause(raw: unknown): RolloutStatusPauseCondition[] {
  const value = asObject(raw);
  const reason = oneOf(value?.['reason'], PAUSE_REASONS);
  const startTime = asTime(value?.['startTime']);
  return reason === undefined || startTime === undefined ? [] : [{ reason, startTime }];
}

function readWeights(raw: unknown): RolloutStatusCanaryWeights | undefined {
  const value = asObject(raw);
  const share = (part: unknown): RolloutStatusCanaryWeights['canary'] | undefined => {
    const fields = asObject(part);
    const weight = asInteger(fields?.['weight'], 0, 100);
    if (fields === undefined || weight === undefined) return undefined;
    return compact<RolloutStatusCanaryWeights['canary']>({
      weight,
      serviceName: asText(fields['serviceName']),
      podTemplateHash: asText(fields['podTemplateHash']),
    });
  };
  const canary = share(value?.['canary']);
  const stable = share(value?.['stable']);
  if (canary === undefined || stable === undefined) return undefined;
  const additional = asList(value?.['additional']).flatMap((part) => {
    const given = share(part);
    const serviceName = given?.serviceName;
    return given === undefined || serviceName === undefined ? [] : [{ ...given, serviceName }];
  });
  return compact<RolloutStatusCanaryWeights>({
    canary,
    stable,
    additional: additional.length > 0 ? additional : undefined,
    verified: flag(value?.['verified']),
  });
}

function readBlueGreen(raw: unknown): RolloutStatusBlueGreen | undefined {
  const value = asObject(raw);
  if (value === undefined) return undefined;
  const served = asList(value['served']).filter((hash) => asText(hash) !== undefined) as string[];
  return compact<RolloutStatusBlueGreen>({
    activeSelector: asText(value['activeSelector']),
    previewSelector: asText(value['previewSelector']),
    scaleUpPreviewCheckPoint: flag(value['scaleUpPreviewCheckPoint']),
    fastTracked: flag(value['fastTracked']),
    served: served.length > 0 ? served : undefined,
    updatedAvailableReplicas: count(value['updatedAvailableReplicas']),
    prePromotionAnalysisRunStatus: readStepRun(value['prePromotionAnalysisRunStatus']),
    postPromotionAnalysisRunStatus: readStepRun(value['postPromotionAnalysisRunStatus']),
  });
}

function readStepRun(raw: unknown): RolloutStatusCanaryCurrentStepAnalysisRunStatus | undefined {
  const value = asObject(raw);
  const name = asText(value?.['name']);
  const status = oneOf(value?.['status'], RUN_PHASES);
  if (name === undefined || status === undefined) return undefined;
  return compact<RolloutStatusCanaryCurrentStepAnalysisRunStatus>({
    name,
    status,
    message: asText(value?.['message']),
  });
}

function readModel(raw: unknown): RolloutStatusModel | undefined {
  const value = asObject(raw);
  if (value === undefined) return undefined;
  const rejected = asList(value['rejected']).flatMap(readRejected);
  return compact<RolloutStatusModel>({
    summary: asText(value['summary']),
    current: readIdentity(value['current']),
    stable: readIdentity(value['stable']),
    rejected: rejected.length > 0 ? rejected : undefined,
    // Belongs to the write-back, which reads it with its own care.
    writtenBack: asObject(value['writtenBack']) as RolloutStatusModel['writtenBack'],
  });
}

function readRejected(raw: unknown): RolloutStatusModelRejected[] {
  const value = asObject(raw);
  const version = asText(value?.['version']);
  const podTemplateHash = asText(value?.['podTemplateHash']);
  const rejectedAt = asTime(value?.['rejectedAt']);
  if (version === undefined || podTemplateHash === undefined || rejectedAt === undefined) return [];
  const reason = asText(value?.['reason']) ?? '';
  return [
    compact<RolloutStatusModelRejected>({
      name: asText(value?.['name']),
      version,
      podTemplateHash,
      reason,
      rejectedAt,
    }),
  ];
}

function readCondition(raw: unknown): RolloutStatusCondition[] {
  const value = asObject(raw);
  const type = asText(value?.['type']);
  const status = oneOf(value?.['status'], ['True', 'False', 'Unknown'] as const);
  const reason = asText(value?.['reason']);
  const lastTransitionTime = asTime(value?.['lastTransitionTime']);
  if (type === undefined || status === undefined || reason === undefined || lastTransitionTime === undefined) return [];
  return [
    compact<RolloutStatusCondition>({
      type,
      status,
      reason,
      message: typeof value?.['message'] === 'string' ? value['message'] : '',
      lastTransitionTime,
      lastUpdateTime: asTime(value?.['lastUpdateTime']),
      observedGeneration: asInteger(value?.['observedGeneration'], 0),
    }),
  ];
}
