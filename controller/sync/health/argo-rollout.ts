import type { KubeObject } from '../../kube/types.ts';
import { degraded, type Finding, progressing } from './health.ts';
import { at, conditionOf, explain, textAt } from './read.ts';
import { phaseHealth } from './rollout.ts';

const WORKLOAD_GENERATION = 'rollout.argoproj.io/workload-generation';
const FAILED: ReadonlySet<string> = new Set(['RolloutAborted', 'ProgressDeadlineExceeded']);

/**
 * Argo's Rollout: its phase, once it speaks of this generation and of that of the Deployment that it refers to. Both are
 * numbers in text; versions before 1.0 write a hash there and no phase.
 */
export function argoRolloutHealth(object: KubeObject): Finding {
  const behind = behindText(object.metadata.generation, at(object, 'status', 'observedGeneration'), 'generation');
  if (behind !== undefined) return progressing(behind, 'generation');
  const workload = behindText(
    Number(object.metadata.annotations?.[WORKLOAD_GENERATION] ?? Number.NaN),
    at(object, 'status', 'workloadObservedGeneration'),
    'workload generation',
  );
  if (workload !== undefined) return progressing(workload, 'workload-generation');
  if (textAt(object, 'status', 'phase') !== '') return phaseHealth(object);
  const invalid = conditionOf(object, 'InvalidSpec');
  if (invalid?.status === 'True') return degraded(explain(invalid), 'invalid-spec');
  const progress = conditionOf(object, 'Progressing');
  return progress !== undefined && FAILED.has(progress.reason)
    ? degraded(explain(progress), 'failed')
    : phaseHealth(object);
}

function behindText(wanted: number | undefined, seen: unknown, what: string): string | undefined {
  if (wanted === undefined || Number.isNaN(wanted)) return undefined;
  // The absent one has not been written yet; a hash cannot be compared.
  const observed = seen === undefined ? 0 : Number(seen);
  return observed < wanted
    ? `its controller has not seen ${what} ${wanted} yet (last ${observed === 0 ? 'none' : observed})`
    : undefined;
}
