import type { KubeObject } from '../kube/types.ts';
import { asInteger, asList, asObject, asText, type Json } from '../rollout/plain.ts';

/** The status of an Experiment in the published schema, which has no generations and asks for some fields that we leave out. */
export function argoExperimentStatus(own: Json): Json {
  const { observedGeneration: _, ...rest } = own;
  const status: Json = { ...rest };
  if (own['conditions'] !== undefined) {
    status['conditions'] = asList(own['conditions']).map((raw) => {
      const { observedGeneration: __, ...condition } = asObject(raw) ?? {};
      return { ...condition, lastUpdateTime: condition['lastTransitionTime'] };
    });
  }
  if (own['analysisRuns'] !== undefined) {
    status['analysisRuns'] = asList(own['analysisRuns']).map((raw) => ({ analysisRun: '', ...asObject(raw) }));
  }
  return status;
}

/** The inverse of {@link argoExperimentStatus}. */
export function ownExperimentStatus(argo: Json, { metadata }: KubeObject): Json {
  const observed = asInteger(metadata.generation, 0);
  const seen = observed === undefined ? {} : { observedGeneration: observed };
  const status: Json = { ...argo, ...seen };
  if (argo['conditions'] !== undefined) {
    status['conditions'] = asList(argo['conditions']).map((raw) => {
      const { lastUpdateTime: _, ...condition } = asObject(raw) ?? {};
      return { ...condition, ...seen };
    });
  }
  if (argo['analysisRuns'] !== undefined) {
    status['analysisRuns'] = asList(argo['analysisRuns']).map((raw) => {
      const { analysisRun, ...run } = asObject(raw) ?? {};
      return asText(analysisRun) === undefined ? run : { ...run, analysisRun };
    });
  }
  return status;
}
