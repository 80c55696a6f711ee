import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import type { Experiment } from '../api/generated/experiment.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { runPhase } from './analysis-step.ts';
import type { Command } from './decision.ts';
import { experimentPhase } from './experiment-step.ts';
import type { Lineup } from './lineup.ts';
import { createdPods, hashOf, revisionOf, wantedPods } from './replica-sets.ts';
import type { Settings } from './settings.ts';
import type { ReplicaSet } from './snapshot.ts';
import type { Traffic } from './traffic.ts';

/** Old ReplicaSets without pods beyond the newest `revisionHistoryLimit`; never one that anything points at. */
export function replicaSetsToDelete(
  lineup: Lineup,
  traffic: Pick<Traffic, 'pointsAt'>,
  settings: Settings,
): readonly ReplicaSet[] {
  const old = lineup.older
    .filter((rs) => rs.metadata.deletionTimestamp === undefined && hashOf(rs) !== lineup.currentHash)
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  return old
    .slice(settings.revisionHistoryLimit)
    .filter((rs) => wantedPods(rs) === 0 && createdPods(rs) === 0 && !traffic.pointsAt(rs));
}

/**
 * What happens to AnalysisRuns that no step waits for: one without a verdict is stopped, finished ones are kept up to
 * their limits, and all go with the ReplicaSet that they judged.
 *
 * @param waitedFor names of the runs that the status speaks of
 */
export function analysisRunCommands(
  runs: readonly AnalysisRun[],
  waitedFor: readonly (string | undefined)[],
  hashes: ReadonlySet<string>,
  settings: Settings,
): readonly Command[] {
  const others = runs.filter(({ metadata }) => !waitedFor.includes(metadata.name));
  const { stop, remove } = sorted(others, runPhase, hashes, settings);
  return [
    ...stop.map((name): Command => ({ type: 'terminateAnalysisRun', name })),
    ...remove.map((which): Command => ({ type: 'deleteAnalysisRun', ...which })),
  ];
}

/** The same for Experiments; their AnalysisRuns and pods are their own business. */
export function experimentCommands(
  experiments: readonly Experiment[],
  waitedFor: string | undefined,
  hashes: ReadonlySet<string>,
  settings: Settings,
): readonly Command[] {
  const others = experiments.filter(({ metadata }) => metadata.name !== waitedFor);
  const { stop, remove } = sorted(others, experimentPhase, hashes, settings);
  return [
    ...stop.map((name): Command => ({ type: 'terminateExperiment', name })),
    ...remove.map((which): Command => ({ type: 'deleteExperiment', ...which })),
  ];
}

type Judging = AnalysisRun | Experiment;

function sorted<T extends Judging>(
  all: readonly T[],
  phaseOf: (one: T) => string,
  hashes: ReadonlySet<string>,
  settings: Settings,
): { stop: string[]; remove: { name: string; uid: string }[] } {
  const others = all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const goesOn = (one: T): boolean => ['Pending', 'Running'].includes(phaseOf(one));
  const finished = others.filter((one) => !goesOn(one)).sort(newestFirst);
  const isOrphan = ({ metadata }: T): boolean => !hashes.has(metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? '');
  const kept = finished.filter((one) => !isOrphan(one));
  const good = kept.filter((one) => phaseOf(one) === 'Successful').slice(settings.successfulRunLimit);
  const bad = kept.filter((one) => phaseOf(one) !== 'Successful').slice(settings.unsuccessfulRunLimit);
  return {
    stop: others.filter((one) => goesOn(one) && one.spec.terminate !== true).map(({ metadata }) => metadata.name),
    remove: [...finished.filter(isOrphan), ...good, ...bad].map(({ metadata }) => ({
      name: metadata.name,
      uid: metadata.uid ?? '',
    })),
  };
}

function newestFirst(a: Judging, b: Judging): number {
  const key = ({ metadata }: Judging): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return key(a) < key(b) ? 1 : -1;
}
