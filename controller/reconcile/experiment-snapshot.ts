import type { Experiment } from '../api/generated/experiment.ts';
import type { ExperimentSnapshot } from '../rollout/experiment/snapshot.ts';
import { experimentTemplates } from './experiment-watches.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { templateState } from './rollout-snapshot.ts';

/** Gathers from the caches what one decision about an Experiment may look at. */
export function experimentSnapshot(
  experiment: Experiment,
  caches: RolloutCaches,
  refused: Readonly<Record<string, string>>,
): ExperimentSnapshot {
  const { uid = '', namespace } = experiment.metadata;
  const templates = experimentTemplates(experiment);
  return {
    experiment,
    replicaSets: caches.replicaSets.byIndex('controller', uid),
    services: caches.services.byIndex('controller', uid),
    analysisRuns: caches.analysisRuns.byIndex('controller', uid),
    templates: Object.fromEntries(templates.map((name) => [name, templateState(caches, namespace, name)])),
    refused,
  };
}
