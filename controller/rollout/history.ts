import type { AnalysisRun } from '../api/generated/analysisrun.ts';
import { POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import { hasVerdict, runPhase } from './analysis-step.ts';
import type { Command } from './decision.ts';
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
  const others = runs.filter(
    (run) => !waitedFor.includes(run.metadata.name) && run.metadata.deletionTimestamp === undefined,
  );
  const terminate = others.filter((run) => !hasVerdict(run) && run.spec.terminate !== true);
  const finished = others.filter(hasVerdict).sort(newestFirst);
  const orphans = finished.filter((run) => !hashes.has(run.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] ?? ''));
  const kept = finished.filter((run) => !orphans.includes(run));
  const good = kept.filter((run) => runPhase(run) === 'Successful').slice(settings.successfulRunLimit);
  const bad = kept.filter((run) => runPhase(run) !== 'Successful').slice(settings.unsuccessfulRunLimit);
  return [
    ...terminate.map((run): Command => ({ type: 'terminateAnalysisRun', name: run.metadata.name })),
    ...[...orphans, ...good, ...bad].map(
      (run): Command => ({ type: 'deleteAnalysisRun', name: run.metadata.name, uid: run.metadata.uid ?? '' }),
    ),
  ];
}

function newestFirst(a: AnalysisRun, b: AnalysisRun): number {
  const key = (run: AnalysisRun): string => `${run.metadata.creationTimestamp ?? ''} ${run.metadata.name}`;
  return key(a) < key(b) ? 1 : -1;
}
