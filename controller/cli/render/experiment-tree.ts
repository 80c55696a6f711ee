import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Experiment } from '../../api/generated/experiment.ts';
import { EXPERIMENT_TEMPLATE_ANNOTATION, SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { humanDuration } from '../../platform/duration.ts';
import { durationOf } from '../../rollout/experiment/settings.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { age } from './age.ts';
import { symbolOf, toneOf } from './symbols.ts';
import { type Paint, table } from './table.ts';
import { analysisRow, type Block, nested, replicaSetBlock, statusCell } from './tree-rows.ts';

/** An Experiment with what it made. */
export interface ExperimentView {
  experiment: Experiment;
  replicaSets: readonly ReplicaSet[];
  pods: readonly KubeObject[];
  analysisRuns: readonly AnalysisRun[];
}

/** The Experiment with its ReplicaSets, pods and analyses. @param now milliseconds since the epoch */
export function experimentTree(view: ExperimentView, now: number, paint: Paint): string {
  const header = ['NAME', 'KIND', 'STATUS', 'AGE', 'INFO'].map((text) => ({ text }));
  return table([header, ...experimentRows(view, now)], paint);
}

/** The rows of {@link experimentTree}, also for the tree of a Rollout. */
export function experimentRows(view: ExperimentView, now: number): Block {
  const { experiment, pods } = view;
  const byName = (a: KubeObject, b: KubeObject): number => a.metadata.name.localeCompare(b.metadata.name);
  const sets = [...view.replicaSets].sort(byName).map((replicaSet) => {
    const deadline = replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION];
    const waits = deadline !== undefined && (replicaSet.spec.replicas ?? 0) > 0;
    const info = waits ? [`delay:${humanDuration(Date.parse(deadline) - now)}`] : [];
    return replicaSetBlock(replicaSet, pods, info, now);
  });
  const runs = [...view.analysisRuns].sort(byName).map((run) => [analysisRow(run, now)]);
  return [
    [
      { text: `Σ ${experiment.metadata.name}` },
      { text: 'Experiment' },
      statusCell(experiment.status?.phase ?? 'Pending'),
      { text: age(experiment.metadata.creationTimestamp, now) },
      { text: leftOf(experiment, now) },
    ],
    ...nested([...sets, ...runs]),
  ];
}

/** The lines above the tree. */
export function experimentSummary(view: ExperimentView, now: number, paint: Paint): string {
  const { metadata, spec, status } = view.experiment;
  const phase = status?.phase ?? 'Pending';
  const lines: [string, string][] = [
    ['Name:', metadata.name],
    ['Namespace:', metadata.namespace ?? 'default'],
    ['Status:', paint(`${symbolOf(phase)} ${phase}`, toneOf(phase))],
  ];
  if (status?.message) lines.push(['Message:', status.message]);
  lines.push([
    'Duration:',
    [spec.duration ?? 'until it is ended', leftOf(view.experiment, now)].filter(Boolean).join(', '),
  ]);
  for (const { name, replicas } of spec.templates) {
    const made = view.replicaSets.find((set) => set.metadata.annotations?.[EXPERIMENT_TEMPLATE_ANNOTATION] === name);
    const serving = made?.status?.availableReplicas ?? 0;
    const state = status?.templateStatuses?.find((one) => one.name === name)?.status ?? 'Progressing';
    lines.push([`  ${name}:`, `${state}, ${serving} of ${replicas ?? 1} pods serve`]);
  }
  return lines.map(([key, value]) => `${key.padEnd(17)}${value}`.trimEnd()).join('\n');
}

function leftOf({ spec, status }: Experiment, now: number): string {
  const since = Date.parse(status?.availableAt ?? '');
  const duration = durationOf(spec.duration);
  const runs = status?.phase === 'Running' || status?.phase === 'Pending';
  if (!runs || duration === undefined || Number.isNaN(since)) return '';
  return `left:${humanDuration(Math.max(0, since + duration - now))}`;
}
