import { findCondition } from '../../api/conditions.ts';
import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import type { Rollout, RolloutSpecStrategyBlueGreen } from '../../api/generated/rollout.ts';
import { POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION, SCALE_DOWN_DEADLINE_ANNOTATION } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { humanDuration } from '../../platform/duration.ts';
import type { ReplicaSet } from '../../rollout/snapshot.ts';
import { age } from './age.ts';
import { type ExperimentView, experimentRows } from './experiment-tree.ts';
import { symbolOf, toneOf } from './symbols.ts';
import { type Cell, type Paint, table } from './table.ts';
import { analysisRow, nested, replicaSetBlock, statusCell } from './tree-rows.ts';

/** Everything that `get rollout` shows, read at about one moment. */
export interface RolloutView {
  rollout: Rollout;
  replicaSets: readonly ReplicaSet[];
  pods: readonly KubeObject[];
  analysisRuns: readonly AnalysisRun[];
  experiments: readonly ExperimentView[];
}

/**
 * The rollout with its revisions, newest first, each with its ReplicaSet, pods, Experiments and analysis. Old revisions without pods
 * are listed without detail.
 *
 * @param now milliseconds since the epoch, for ages
 */
export function rolloutTree(view: RolloutView, now: number, paint: Paint): string {
  const { rollout } = view;
  const rows: Cell[][] = [['NAME', 'KIND', 'STATUS', 'AGE', 'INFO'].map((text) => ({ text }))];
  const phase = rollout.status?.phase ?? 'Progressing';
  rows.push([
    { text: `⟳ ${rollout.metadata.name}` },
    { text: 'Rollout' },
    statusCell(phase),
    { text: age(rollout.metadata.creationTimestamp, now) },
    { text: '' },
  ]);

  const revisions = groupByRevision(view);
  revisions.forEach(({ revision, replicaSet, experiments, runs }, i) => {
    const lastRevision = i === revisions.length - 1;
    const stem = lastRevision ? '   ' : '│  ';
    rows.push([
      { text: `${lastRevision ? '└──' : '├──'}# revision:${revision}` },
      { text: '' },
      { text: '' },
      { text: '' },
      { text: '' },
    ]);
    const children: Cell[][][] = [];
    if (replicaSet !== undefined) children.push(replicaSetRows(view, replicaSet, now));
    for (const experiment of experiments) children.push(experimentRows(experiment, now));
    for (const run of runs) children.push([analysisRow(run, now)]);
    rows.push(...nested(children, stem));
  });
  return table(rows, paint);
}

/** What belongs to one revision. */
interface RevisionParts {
  revision: number;
  replicaSet?: ReplicaSet;
  experiments: ExperimentView[];
  runs: AnalysisRun[];
}

function groupByRevision(view: RolloutView): RevisionParts[] {
  const byRevision = new Map<number, RevisionParts>();
  const partsOf = (object: KubeObject): RevisionParts => {
    const revision = revisionOf(object);
    const found = byRevision.get(revision) ?? { revision, experiments: [], runs: [] };
    byRevision.set(revision, found);
    return found;
  };
  for (const replicaSet of view.replicaSets) partsOf(replicaSet).replicaSet = replicaSet;
  for (const experiment of view.experiments) partsOf(experiment.experiment).experiments.push(experiment);
  for (const run of view.analysisRuns) partsOf(run).runs.push(run);
  const byName = (a: KubeObject, b: KubeObject): number =>
    a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true });
  for (const { experiments, runs } of byRevision.values()) {
    experiments.sort((a, b) => byName(a.experiment, b.experiment));
    runs.sort(byName);
  }
  return [...byRevision.values()].sort((a, b) => b.revision - a.revision);
}

function replicaSetRows(view: RolloutView, replicaSet: ReplicaSet, now: number): Cell[][] {
  const { rollout } = view;
  const hash = replicaSet.metadata.labels?.[POD_TEMPLATE_HASH_LABEL];
  const desired = replicaSet.spec.replicas ?? 0;
  const info: string[] = [];
  info.push(...rolesOf(rollout, hash));
  const weights = rollout.status?.canary?.weights;
  if (weights?.canary.podTemplateHash === hash && weights?.canary.weight) info.push(`weight:${weights.canary.weight}`);
  else if (weights?.stable.podTemplateHash === hash && weights?.stable.weight)
    info.push(`weight:${weights.stable.weight}`);
  const deadline = replicaSet.metadata.annotations?.[SCALE_DOWN_DEADLINE_ANNOTATION];
  if (deadline !== undefined && desired > 0) info.push(`delay:${humanDuration(Date.parse(deadline) - now)}`);
  return replicaSetBlock(replicaSet, view.pods, info, now);
}

/** The lines above the tree: what an operator wants to know first. */
export function rolloutSummary(view: RolloutView, paint: Paint): string {
  const { rollout } = view;
  const { spec, status: state } = rollout;
  const phase = state?.phase ?? 'Progressing';
  const lines: [string, string][] = [
    ['Name:', rollout.metadata.name],
    ['Namespace:', rollout.metadata.namespace ?? 'default'],
    ['Status:', paint(`${symbolOf(phase)} ${phase}`, toneOf(phase))],
  ];
  if (state?.message) lines.push(['Message:', state.message]);
  const abort = state?.abort ? state.abortMessage : undefined;
  if (abort && abort !== state?.message) lines.push(['Aborted:', abort]);
  const { canary, blueGreen } = spec.strategy;
  lines.push(['Strategy:', blueGreen === undefined ? 'Canary' : 'BlueGreen']);
  if (blueGreen !== undefined) lines.push(...serviceLines(blueGreen, view));
  const steps = canary?.steps?.length ?? 0;
  if (steps > 0) lines.push(['  Step:', `${Math.min(state?.currentStepIndex ?? 0, steps)}/${steps}`]);
  const weights = state?.canary?.weights;
  if (weights !== undefined) {
    const verified = weights.verified === false ? ' (not yet accepted by the router)' : '';
    lines.push(['  Weight:', `${weights.canary.weight} canary, ${weights.stable.weight} stable${verified}`]);
  }
  if (state?.model?.summary) lines.push(['Model:', state.model.summary]);
  const refused = findCondition(state?.conditions, 'ModelResolved');
  if (refused?.status === 'False') lines.push(['', paint(refused.message, 'bad')]);
  const config = findCondition(state?.conditions, 'ConfigResolved');
  if (config?.status === 'False') lines.push(['Config:', paint(config.message, 'bad')]);
  for (const rejected of state?.model?.rejected?.slice(-3) ?? [])
    lines.push(['Rejected:', `${rejected.name ?? ''}/${rejected.version}: ${rejected.reason}`]);
  lines.push(
    ['Replicas:', ''],
    ['  Desired:', String(spec.replicas)],
    ['  Current:', String(state?.replicas ?? 0)],
    ['  Updated:', String(state?.updatedReplicas ?? 0)],
    ['  Ready:', String(state?.readyReplicas ?? 0)],
    ['  Available:', String(state?.availableReplicas ?? 0)],
  );
  return lines.map(([key, value]) => `${key.padEnd(17)}${value}`.trimEnd()).join('\n');
}

/** What a ReplicaSet is for, for example `stable,active` or `preview`. */
function rolesOf({ spec, status }: Rollout, hash: string | undefined): string[] {
  if (hash === undefined) return [];
  const stable = hash === status?.stableRS ? ['stable'] : [];
  if (spec.strategy.blueGreen === undefined) {
    return stable.length === 0 && hash === status?.currentPodHash ? ['canary'] : stable;
  }
  const active = hash === status?.blueGreen?.activeSelector ? ['active'] : [];
  // Between two updates both Services are at one version, which says nothing.
  const preview = hash === status?.blueGreen?.previewSelector && active.length === 0 ? ['preview'] : [];
  return [...stable, ...active, ...preview];
}

/** Where the two Services point, by revision. */
function serviceLines(blueGreen: RolloutSpecStrategyBlueGreen, view: RolloutView): [string, string][] {
  const { activeSelector, previewSelector } = view.rollout.status?.blueGreen ?? {};
  const at = (service: string, hash: string | undefined): string => {
    const set = view.replicaSets.find((rs) => rs.metadata.labels?.[POD_TEMPLATE_HASH_LABEL] === hash);
    if (hash === undefined || set === undefined) return `${service} (all versions)`;
    return `${service} (revision:${revisionOf(set)})`;
  };
  const lines: [string, string][] = [['  Active:', at(blueGreen.activeService, activeSelector)]];
  if (blueGreen.previewService !== undefined) lines.push(['  Preview:', at(blueGreen.previewService, previewSelector)]);
  return lines;
}

function revisionOf(object: KubeObject): number {
  return Number(object.metadata.annotations?.[REVISION_ANNOTATION] ?? 0) || 0;
}
