import type {
  RolloutStatus,
  RolloutStatusModel,
  RolloutStatusModelCurrent,
  RolloutStatusModelRejected,
} from '../api/generated/rollout.ts';
import { compact } from './plain.ts';
import { identityOf } from './replica-sets.ts';
import type { ReplicaSet } from './snapshot.ts';

const MAX_REJECTED = 10;

export interface ModelStatusInput {
  before: RolloutStatusModel | undefined;
  /** The next status but for its model. */
  state: RolloutStatus;
  /** The version that is rolled out: from its ReplicaSet, or as it was just resolved. */
  current: RolloutStatusModelCurrent | undefined;
  stable: ReplicaSet | undefined;
}

/** What status.model says; undefined when no version of the Rollout has to do with a model. */
export function modelStatus({ before, state, current, stable }: ModelStatusInput): RolloutStatusModel | undefined {
  const serving = stable === undefined ? undefined : (identityOf(stable) ?? undefined);
  const rejected = rejectedVersions(before?.rejected ?? [], state, current);
  if (current === undefined && serving === undefined && rejected.length === 0 && before?.writtenBack === undefined) {
    return undefined;
  }
  return compact<RolloutStatusModel>({
    summary: summary(state, current, serving),
    current,
    stable: serving,
    rejected: rejected.length > 0 ? rejected : undefined,
    writtenBack: before?.writtenBack,
  });
}

/** For people: `fraud 7`, during an update `fraud 7 → 8`, or `fraud 7 → score 1` when the model changes. */
function summary(
  state: RolloutStatus,
  current: RolloutStatusModelCurrent | undefined,
  stable: RolloutStatusModelCurrent | undefined,
): string | undefined {
  const one = (model: RolloutStatusModelCurrent): string => `${model.name} ${model.version}`;
  const updating = state.stableRS !== undefined && state.currentPodHash !== state.stableRS;
  if (!updating || current === undefined) {
    const shown = updating ? stable : (stable ?? current);
    return shown === undefined ? undefined : one(shown);
  }
  if (stable === undefined || (stable.name === current.name && stable.version === current.version)) return one(current);
  return `${one(stable)} → ${stable.name === current.name ? current.version : one(current)}`;
}

/** An abort adds the version with its reason; a retry or a success takes it off again. */
function rejectedVersions(
  before: readonly RolloutStatusModelRejected[],
  state: RolloutStatus,
  current: RolloutStatusModelCurrent | undefined,
): RolloutStatusModelRejected[] {
  const hash = state.currentPodHash;
  if (hash === undefined) return [...before];
  const others = before.filter((entry) => entry.podTemplateHash !== hash);
  if (state.abortedAt === undefined || current === undefined) {
    return others.filter((entry) => entry.podTemplateHash !== state.stableRS);
  }
  const entry = compact<RolloutStatusModelRejected>({
    name: current.name,
    version: current.version,
    podTemplateHash: hash,
    reason: state.abortMessage ?? 'aborted',
    rejectedAt: state.abortedAt,
  });
  return [...others, entry].slice(-MAX_REJECTED);
}
