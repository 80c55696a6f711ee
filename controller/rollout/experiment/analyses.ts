import type { AnalysisRun } from '../../api/generated/analysisrun.ts';
import { ANALYSIS_RUN_RESOURCE } from '../../api/generated/analysisrun.ts';
import type {
  ExperimentSpecAnalysis as Analysis,
  ExperimentStatusAnalysisRun as AnalysisStatus,
  Experiment,
} from '../../api/generated/experiment.ts';
import { applyRules } from '../../api/metric-rules.ts';
import { hasVerdict, runPhase } from '../analysis-step.ts';
import { type MergedAnalysis, mergeAnalysis } from '../analysis-templates.ts';
import { compact } from '../plain.ts';
import { hashOf, ownedBy } from '../replica-sets.ts';
import type { ReplicaSet } from '../snapshot.ts';
import { isOver } from './ending.ts';
import { runName, templateNameOf } from './objects.ts';
import { durationOf } from './settings.ts';
import type { ExperimentSnapshot } from './snapshot.ts';

/** What becomes of one analysis. */
export interface AnalysisStep {
  /** undefined: it has not begun. */
  status: AnalysisStatus | undefined;
  create?: AnalysisRun;
}

/** Looks at the run of one analysis, and begins it when the pods have been available and nothing ends. */
export function analysisStep(snapshot: ExperimentSnapshot, analysis: Analysis, ending: boolean): AnalysisStep {
  const { experiment, refused } = snapshot;
  const before = experiment.status?.analysisRuns?.find(({ name }) => name === analysis.name);
  if (before !== undefined && isOver(before.phase)) return { status: before };
  const name = before?.analysisRun ?? freshName(snapshot, analysis);
  const run = snapshot.analysisRuns.find(({ metadata }) => metadata.name === name);
  if (run !== undefined) return { status: seen(analysis, run) };
  if (before !== undefined) {
    return { status: failed(analysis, `AnalysisRun ${name} is gone, and had no verdict`, name) };
  }
  if (ending || experiment.status?.availableAt === undefined) return { status: undefined };
  const why = refused?.[name];
  if (why !== undefined) return { status: failed(analysis, why) };
  const merged = mergeFor(snapshot, analysis, values(snapshot));
  if ('problem' in merged) return { status: failed(analysis, `${merged.field}: ${merged.problem}`) };
  const create = newRun(experiment, name, merged);
  return { status: seen(analysis, create), create };
}

/**
 * The name of a run that is not begun, as far as the status knows. One that has a verdict already is of an earlier try: somebody
 * took the status away to have it all done again.
 */
function freshName({ experiment, analysisRuns }: ExperimentSnapshot, analysis: Analysis): string {
  const base = runName(experiment, analysis);
  const over = new Set(analysisRuns.filter(hasVerdict).map(({ metadata }) => metadata.name));
  let name = base;
  for (let n = 1; over.has(name); n += 1) name = `${base}.${n}`;
  return name;
}

/**
 * What one analysis comes to. The rules of an Experiment are for all its analyses: to each go those that are about one of its
 * metrics.
 */
export function mergeFor(
  { experiment, templates }: Pick<ExperimentSnapshot, 'experiment' | 'templates'>,
  analysis: Analysis,
  known: ReadonlyMap<string, string> | 'any',
): MergedAnalysis {
  const { templateName, clusterScope, args = [] } = analysis;
  const { dryRun = [], measurementRetention = [], analysisRunMetadata } = experiment.spec;
  const reference = { templateName, ...(clusterScope === undefined ? {} : { clusterScope }) };
  const filled: { name: string; value: string }[] = [];
  for (const { name, value } of args) {
    const text = fillIn(value, known);
    if (typeof text !== 'string')
      return { field: fieldOf(experiment, analysis, 'analysis.args'), problem: `argument "${name}": ${text.problem}` };
    filled.push({ name, value: text });
  }
  const template = templates[clusterScope === true ? `cluster/${templateName}` : templateName];
  const names = template?.state === 'found' ? template.spec.metrics.map((metric) => metric.name) : [];
  const fits = (rules: Parameters<typeof applyRules>[0]): boolean => !('problem' in applyRules(rules, names));
  const asked = {
    templates: [reference],
    args: filled,
    dryRun: dryRun.filter((rule) => fits({ dryRun: [rule] })),
    measurementRetention: measurementRetention.filter((rule) => fits({ measurementRetention: [rule] })),
    ...(analysisRunMetadata === undefined ? {} : { analysisRunMetadata }),
  };
  const merged = mergeAnalysis(asked, templates, {
    rollout: experiment,
    stableHash: undefined,
    latestHash: undefined,
  });
  return 'problem' in merged ? { ...merged, field: fieldOf(experiment, analysis, merged.field) } : merged;
}

/** The path in the Experiment of a field that {@link mergeAnalysis} names. */
function fieldOf({ spec }: Experiment, analysis: Analysis, field: string): string {
  if (field.startsWith('analysis.analysisRunMetadata')) return field.replace('analysis', 'spec');
  const at = `spec.analyses[${(spec.analyses ?? []).indexOf(analysis)}]`;
  return field.startsWith('analysis.args') ? `${at}.args` : `${at}.templateName`;
}

/** What `{{…}}` in an argument can stand for. */
function values({ experiment, replicaSets }: ExperimentSnapshot): ReadonlyMap<string, string> {
  const { availableAt } = experiment.status ?? {};
  const duration = durationOf(experiment.spec.duration);
  const found = new Map<string, string>();
  if (availableAt !== undefined) {
    found.set('experiment.availableAt', availableAt);
    if (duration !== undefined) {
      const ends = new Date(Date.parse(availableAt) + duration).toISOString();
      found.set('experiment.finishedAt', ends.replace(/\.\d+Z$/, 'Z'));
    }
  }
  for (const replicaSet of replicaSets) {
    const name = templateNameOf(replicaSet);
    if (name === undefined) continue;
    for (const [key, value] of placeholders(name, replicaSet)) found.set(key, value);
  }
  return found;
}

function placeholders(template: string, replicaSet: ReplicaSet): [string, string][] {
  return [
    [`templates.${template}.podTemplateHash`, hashOf(replicaSet) ?? ''],
    [`templates.${template}.replicaset.name`, replicaSet.metadata.name],
  ];
}

function fillIn(text: string, known: ReadonlyMap<string, string> | 'any'): string | { problem: string } {
  if (known === 'any') return text;
  let unknown: string | undefined;
  const filled = text.replaceAll(/\{\{([^{}]*)\}\}/g, (_, inner: string) => {
    const value = known.get(inner.trim());
    if (value === undefined) unknown ??= inner;
    return value ?? '';
  });
  const remedy = [...known.keys()].sort().join(', ');
  return unknown === undefined ? filled : { problem: `{{${unknown}}} is not known: write one of ${remedy}` };
}

function newRun(
  experiment: Experiment,
  name: string,
  merged: Exclude<MergedAnalysis, { problem: string }>,
): AnalysisRun {
  const { labels, annotations } = merged.metadata ?? {};
  return {
    apiVersion: `${ANALYSIS_RUN_RESOURCE.group}/${ANALYSIS_RUN_RESOURCE.version}`,
    kind: ANALYSIS_RUN_RESOURCE.kind,
    metadata: {
      name,
      namespace: experiment.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: ownedBy(experiment),
    },
    spec: merged.spec,
  };
}

function seen({ name }: Analysis, run: AnalysisRun): AnalysisStatus {
  return compact<AnalysisStatus>({
    name,
    analysisRun: run.metadata.name,
    phase: runPhase(run),
    message: run.status?.message === '' ? undefined : run.status?.message,
  });
}

function failed({ name }: Analysis, message: string, analysisRun?: string): AnalysisStatus {
  return compact<AnalysisStatus>({ name, analysisRun, phase: 'Error', message });
}
