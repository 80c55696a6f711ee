import type { AnalysisRun, AnalysisRunSpec } from '../api/generated/analysisrun.ts';
import { ANALYSIS_RUN_RESOURCE } from '../api/generated/analysisrun.ts';
import type { Rollout, RolloutStatusCanaryCurrentStepAnalysisRunStatus } from '../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION, ROLLOUT_TYPE_LABEL, STEP_INDEX_LABEL } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { compact } from './plain.ts';
import { ownedBy } from './replica-sets.ts';
import type { RunMetadata } from './run-metadata.ts';

/** What names the AnalysisRun of a step, beside the steps, or before or after a blue-green promotion: each start of each has its own. */
export interface StepRunKey {
  rollout: Rollout;
  hash: string;
  revision: number;
  step: number | 'background' | 'pre' | 'post';
  /** How often the revision was started over. */
  retries: number;
}

/**
 * `<rollout>-<hash>-<revision>-<step>`, beside the steps without `-<step>`, after a retry with `.N`. The name depends on nothing but the state of the release,
 * so a controller that dies right after the creation finds its run again and an older verdict is never taken for a new.
 */
export function stepRunName({ rollout, hash, revision, step, retries }: StepRunKey): string {
  const which = step === 'background' ? '' : `-${step}`;
  return `${rollout.metadata.name}-${hash}-${revision}${which}${retries === 0 ? '' : `.${retries}`}`;
}

/** The lowest count of retries for which a revision has no run and no Experiment at all: their verdicts belong to an earlier start. */
export function freeCount(
  { rollout, hash, revision }: Pick<StepRunKey, 'rollout' | 'hash' | 'revision'>,
  made: readonly KubeObject[],
): number {
  const prefix = `${rollout.metadata.name}-${hash}-${revision}`;
  const counts = made
    .filter((run) => run.metadata.name.startsWith(prefix))
    .map((run) => /^(?:-(?:\d+|pre|post))?(?:[.-](\d+))?$/.exec(run.metadata.name.slice(prefix.length)))
    .filter((match) => match !== null)
    .map((match) => Number(match[1] ?? 0));
  return counts.length === 0 ? 0 : Math.max(...counts) + 1;
}

/** The run for a step, of what its templates come to. */
export function stepRun(
  key: StepRunKey,
  { spec, metadata }: { spec: AnalysisRunSpec; metadata?: RunMetadata },
): AnalysisRun {
  return {
    apiVersion: `${ANALYSIS_RUN_RESOURCE.group}/${ANALYSIS_RUN_RESOURCE.version}`,
    kind: ANALYSIS_RUN_RESOURCE.kind,
    metadata: {
      name: stepRunName(key),
      namespace: key.rollout.metadata.namespace ?? '',
      labels: { ...metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: key.hash, ...typeLabels(key.step) },
      annotations: { ...metadata?.annotations, [REVISION_ANNOTATION]: String(key.revision) },
      ownerReferences: ownedBy(key.rollout),
    },
    spec,
  };
}

function typeLabels(step: StepRunKey['step']): Record<string, string> {
  switch (step) {
    case 'background':
      return { [ROLLOUT_TYPE_LABEL]: 'Background' };
    case 'pre':
      return { [ROLLOUT_TYPE_LABEL]: 'PrePromotion' };
    case 'post':
      return { [ROLLOUT_TYPE_LABEL]: 'PostPromotion' };
    default:
      return { [ROLLOUT_TYPE_LABEL]: 'Step', [STEP_INDEX_LABEL]: String(step) };
  }
}

export type RunPhase = RolloutStatusCanaryCurrentStepAnalysisRunStatus['status'];

/** The phase of a run; one without a status waits. */
export function runPhase(run: AnalysisRun): RunPhase {
  return run.status?.phase ?? 'Pending';
}

export function hasVerdict(run: AnalysisRun): boolean {
  const phase = runPhase(run);
  return phase !== 'Pending' && phase !== 'Running';
}

/** The run as the Rollout's status shows it. */
export function stepRunStatus(run: AnalysisRun): RolloutStatusCanaryCurrentStepAnalysisRunStatus {
  return compact<RolloutStatusCanaryCurrentStepAnalysisRunStatus>({
    name: run.metadata.name,
    status: runPhase(run),
    message: run.status?.message === '' ? undefined : run.status?.message,
  });
}
