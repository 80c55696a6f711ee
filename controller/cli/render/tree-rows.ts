import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { KubeObject } from '../../kube/types.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { age } from './age.ts';
import { podLine } from './pod-line.ts';
import { symbolOf, toneOf } from './symbols.ts';
import type { Cell } from './table.ts';

/** Rows of one object and what is below it; the first cell of each holds the name with what leads to it. */
export type Block = Cell[][];

/** Blocks as the children of one object, with the lines that lead to them below `stem`. */
export function nested(children: readonly Block[], stem = ''): Cell[][] {
  return children.flatMap((block, i) => {
    const last = i === children.length - 1;
    return block.map((row, k) => {
      const branch = k === 0 ? (last ? '└──' : '├──') : last ? '   ' : '│  ';
      return [{ ...row[0], text: `${stem}${branch}${row[0]?.text ?? ''}` }, ...row.slice(1)];
    });
  });
}

/** A state with its symbol. */
export function statusCell(phase: string): Cell {
  return { text: `${symbolOf(phase)} ${phase}`, tone: toneOf(phase) };
}

/** A ReplicaSet with those of the pods that are its own. @param now milliseconds since the epoch */
export function replicaSetBlock(
  replicaSet: ReplicaSet,
  pods: readonly KubeObject[],
  info: readonly string[],
  now: number,
): Block {
  const { metadata, spec, status } = replicaSet;
  const desired = spec.replicas ?? 0;
  const available = status?.availableReplicas ?? 0;
  const gone = desired === 0 && (status?.replicas ?? 0) === 0;
  const state = gone ? 'ScaledDown' : available >= desired ? 'Healthy' : 'Progressing';
  const own = pods
    .filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.uid === metadata.uid))
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  return [
    [
      { text: `⧉ ${metadata.name}` },
      { text: 'ReplicaSet' },
      statusCell(state),
      { text: age(metadata.creationTimestamp, now) },
      { text: info.join(',') },
    ],
    ...nested(own.map((pod) => [podRow(pod, now)])),
  ];
}

function podRow(pod: KubeObject, now: number): Cell[] {
  const line = podLine(pod);
  return [
    { text: `□ ${pod.metadata.name}` },
    { text: 'Pod' },
    { text: `${line.symbol} ${line.status}`, tone: line.tone },
    { text: age(pod.metadata.creationTimestamp, now) },
    { text: line.info },
  ];
}

/** An AnalysisRun with the counts of its measurements. */
export function analysisRow(run: AnalysisRun, now: number): Cell[] {
  const phase = run.status?.phase ?? 'Pending';
  const totals = { successful: 0, failed: 0, inconclusive: 0, error: 0 };
  for (const result of run.status?.metricResults ?? []) {
    totals.successful += result.successful ?? 0;
    totals.failed += result.failed ?? 0;
    totals.inconclusive += result.inconclusive ?? 0;
    totals.error += result.error ?? 0;
  }
  const info = [
    totals.successful > 0 ? `✔ ${totals.successful}` : '',
    totals.failed > 0 ? `✖ ${totals.failed}` : '',
    totals.inconclusive > 0 ? `? ${totals.inconclusive}` : '',
    totals.error > 0 ? `⚠ ${totals.error}` : '',
  ];
  return [
    { text: `α ${run.metadata.name}` },
    { text: 'AnalysisRun' },
    statusCell(phase),
    { text: age(run.metadata.creationTimestamp, now) },
    { text: info.filter((part) => part !== '').join(',') },
  ];
}
