import type { Experiment } from '../api/generated/experiment.ts';
import type { ExperimentSnapshot } from '../rollout/experiment/snapshot.ts';
import { rolloutTargets } from '../rollout/targets.ts';
import { experimentTemplates } from './experiment-watches.ts';
import type { RolloutCaches } from './rollout-caches.ts';
import { owningRollout } from './rollout-references.ts';
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
    routedServices: routedBy(caches, experiment),
    templates: Object.fromEntries(templates.map((name) => [name, templateState(caches, namespace, name)])),
    refused,
  };
}

/** The Services of an Experiment to which its Rollout may still send requests, by what that has recorded. */
function routedBy(caches: RolloutCaches, { metadata }: Experiment): readonly string[] {
  const owner = owningRollout({ apiVersion: '', kind: '', metadata });
  const rollout = owner === undefined ? undefined : caches.rollouts.get(owner);
  return rollout === undefined ? [] : (rolloutTargets(rollout).experimentServices ?? []);
}
