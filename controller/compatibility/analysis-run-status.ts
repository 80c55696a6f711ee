import { completeCondition } from '../analysis/verdict.ts';
import type { AnalysisRunStatus } from '../api/generated/analysisrun.ts';
import { asInteger, asText, type Json } from '../rollout/plain.ts';

/** The status of an AnalysisRun in the published schema, which has neither conditions nor the generation. */
export function argoRunStatus(own: Json): Json {
  const { conditions: _, observedGeneration: __, phase, ...rest } = own;
  // The schema wants a phase from the first write on.
  return { ...rest, phase: phase ?? 'Pending' };
}

/**
 * The inverse of {@link argoRunStatus}: the condition says what phase and results say. In that schema the status is no
 * subresource, so each write of it makes a new generation, which then has been seen.
 */
export function ownRunStatus(argo: Json, generation: unknown): Json {
  const observed = asInteger(generation, 0);
  const seen = observed === undefined ? {} : { observedGeneration: observed };
  const condition = completeCondition(argo as AnalysisRunStatus);
  const time = asText(argo[condition.status === 'True' ? 'completedAt' : 'startedAt']);
  if (time === undefined) return { ...argo, ...seen };
  return { ...argo, ...seen, conditions: [{ ...condition, ...seen, lastTransitionTime: time }] };
}
