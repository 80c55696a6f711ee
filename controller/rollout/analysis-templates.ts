import type { AnalysisRunSpec, AnalysisRunSpecArg } from '../api/generated/analysisrun.ts';
import type { RolloutSpecStrategyCanaryStepAnalysis } from '../api/generated/rollout.ts';
import { applyRules, joinRules } from '../api/metric-rules.ts';
import { asList, asObject, asText } from './plain.ts';
import { metadataProblem, type RunMetadata } from './run-metadata.ts';
import type { TemplateState } from './snapshot.ts';

/** What arguments of an analysis can refer to. */
export interface ArgumentSources {
  rollout: object;
  stableHash: string | undefined;
  latestHash: string | undefined;
}

/** What to measure and what to write on the run, or the field that stands in the way and why. */
export type MergedAnalysis = { spec: AnalysisRunSpec; metadata?: RunMetadata } | { field: string; problem: string };

/**
 * Joins the templates of an analysis step and fills in their arguments. The step's value of an argument goes before the
 * template's; a metric that two templates define is refused, since neither may silently win.
 *
 * @param check true to look at everything that does not depend on the progress of the release: values that only come to
 *   be during an update count as given
 */
export function mergeAnalysis(
  analysis: RolloutSpecStrategyCanaryStepAnalysis,
  templates: Readonly<Record<string, TemplateState>>,
  sources: ArgumentSources,
  check = false,
): MergedAnalysis {
  const metrics = new Map<string, { metric: AnalysisRunSpec['metrics'][number]; template: string }>();
  const args = new Map<string, { value: string | undefined; template: string }>();
  const rules: object[] = [];
  for (const [index, reference] of asList(analysis.templates).entries()) {
    const name = asText(asObject(reference)?.['templateName']) ?? '';
    const cluster = asObject(reference)?.['clusterScope'] === true;
    const kind = cluster ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
    const field = `analysis.templates[${index}]`;
    const key = cluster ? `cluster/${name}` : name;
    const template = Object.hasOwn(templates, key) ? templates[key] : undefined;
    if (template?.state === 'invalid') return { field, problem: `${kind} "${name}": ${template.message}` };
    if (template?.state !== 'found') {
      return { field, problem: `${kind} "${name}" does not exist: create it or correct the name` };
    }
    rules.push(template.spec);
    for (const metric of asList(template.spec.metrics) as AnalysisRunSpec['metrics']) {
      const other = metrics.get(metric.name)?.template;
      if (other !== undefined) {
        return { field, problem: `metric "${metric.name}" is defined by both "${other}" and "${name}": rename one` };
      }
      metrics.set(metric.name, { metric, template: name });
    }
    for (const arg of asList(template.spec.args) as { name: string; value?: string }[]) {
      const other = args.get(arg.name);
      if (other?.value !== undefined && arg.value !== undefined && other.value !== arg.value) {
        const problem = `argument "${arg.name}" has different values in "${other.template}" and "${name}": set it in the step`;
        if (givenArgument(analysis, arg.name) === undefined) return { field, problem };
      }
      args.set(arg.name, { value: other?.value ?? arg.value, template: name });
    }
  }
  if (metrics.size === 0) return { field: 'analysis.templates', problem: 'the templates define no metric' };

  const values: AnalysisRunSpecArg[] = [];
  for (const [name, { value, template }] of args) {
    const given = givenArgument(analysis, name);
    const resolved = given === undefined ? { value } : argumentValue(given, sources, check);
    if ('problem' in resolved) return { field: 'analysis.args', problem: `argument "${name}": ${resolved.problem}` };
    if (resolved.value === undefined) {
      return {
        field: 'analysis.args',
        problem: `argument "${name}" of template "${template}" has no value: set it here`,
      };
    }
    values.push({ name, value: resolved.value });
  }
  const joined = joinRules([...rules, analysis]);
  const applied = applyRules(joined, [...metrics.keys()]);
  // Which of the rules it is stands in the words: it may be one of a template.
  if ('problem' in applied) {
    return { field: `analysis.${applied.field.replace(/\[.*/, '')}`, problem: applied.problem };
  }
  const { analysisRunMetadata: metadata } = analysis;
  const wrong = metadataProblem(metadata);
  if (wrong !== undefined) return { ...wrong, field: `analysis.analysisRunMetadata.${wrong.field}` };
  return {
    spec: {
      metrics: [...metrics.values()].map(({ metric }) => metric),
      ...(values.length > 0 ? { args: values } : {}),
      ...joined,
    } as AnalysisRunSpec,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function givenArgument(
  analysis: RolloutSpecStrategyCanaryStepAnalysis,
  name: string,
): Record<string, unknown> | undefined {
  return asList(analysis.args)
    .map(asObject)
    .find((arg) => arg?.['name'] === name);
}

/** The value that an argument of a Rollout has; see {@link mergeAnalysis} for `check`. */
export function argumentValue(
  arg: Record<string, unknown>,
  sources: ArgumentSources,
  check: boolean,
): { value: string | undefined } | { problem: string } {
  if (typeof arg['value'] === 'string') return { value: arg['value'] };
  const from = asObject(arg['valueFrom']);
  const which = from?.['podTemplateHashValue'];
  if (which === 'Stable' || which === 'Latest') {
    const hash = which === 'Stable' ? sources.stableHash : sources.latestHash;
    return hash === undefined && !check ? { problem: `there is no ${which} version yet` } : { value: hash ?? '' };
  }
  const path = asText(asObject(from?.['fieldRef'])?.['fieldPath']);
  if (path === undefined) return { problem: 'write value, podTemplateHashValue or fieldRef.fieldPath' };
  if (check && /^\.?status\b/.test(path)) return { value: '' };
  const value = fieldAt(sources.rollout, path);
  return value === undefined
    ? { problem: `the Rollout has no value at ${path}: correct the path or set the field` }
    : { value };
}

/** One part of a path: a name, a quoted key in brackets, or an index. */
const PATH_PART = /(?:^\.?|\.)([^.[\]]+)|\[(?:'([^']*)'|"([^"]*)"|(\d+))\]/y;

/** The text of a primitive at a path such as `metadata.labels['team']` or `spec.strategy.canary.steps[0].setWeight`. */
export function fieldAt(object: unknown, path: string): string | undefined {
  let value: unknown = object;
  PATH_PART.lastIndex = 0;
  while (PATH_PART.lastIndex < path.length) {
    const part = PATH_PART.exec(path);
    if (part === null || typeof value !== 'object' || value === null) return undefined;
    const key = part.slice(1).find((group) => group !== undefined) ?? '';
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
