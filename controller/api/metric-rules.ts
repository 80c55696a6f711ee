import { RE2JS } from 're2js';

/** Rules of an analysis about some of its metrics, as they stand in a template, a Rollout or a run. */
export interface MetricRules {
  dryRun?: readonly { metricName: string }[];
  measurementRetention?: readonly { metricName: string; limit: number }[];
}

/** What the rules come to for the metrics of one analysis. */
export interface AppliedRules {
  /** Names of the metrics that are measured and never decide. */
  dryRun: ReadonlySet<string>;
  /** How many measurements to keep, by name of the metric; of several rules that match, the last one counts. */
  kept: ReadonlyMap<string, number>;
}

/** The field of the rule that cannot be followed, for example `dryRun[0].metricName`, and why. */
export interface RuleProblem {
  field: string;
  problem: string;
}

/** Most measurements that the status of a run has room for. */
const MOST_KEPT = 100;

/**
 * Applies the rules to the names of the metrics. A rule is a regular expression that has to match a part of a name, in the
 * syntax of RE2, which no pattern of a stranger can slow down. One that matches no metric is a mistake: somebody
 * believes that a metric does not decide, and it does.
 */
export function applyRules(rules: MetricRules, names: readonly string[]): AppliedRules | RuleProblem {
  const dryRun = new Set<string>();
  for (const [index, { metricName }] of (rules.dryRun ?? []).entries()) {
    const matched = matching(metricName, names, `dryRun[${index}].metricName`);
    if ('problem' in matched) return matched;
    for (const name of matched.names) dryRun.add(name);
  }
  const kept = new Map<string, number>();
  for (const [index, { metricName, limit }] of (rules.measurementRetention ?? []).entries()) {
    const matched = matching(metricName, names, `measurementRetention[${index}].metricName`);
    if ('problem' in matched) return matched;
    // As in Argo Rollouts a limit below 1 is none.
    if (limit >= 1) for (const name of matched.names) kept.set(name, Math.min(limit, MOST_KEPT));
  }
  return { dryRun, kept };
}

/**
 * The rules of the templates and of what refers to them: that comes last, so that its rules count. What is no rule is left
 * out; the API server and the check of stored objects refuse it.
 */
export function joinRules(all: readonly object[]): MetricRules {
  const dryRun = lastOfEach(all.flatMap((rules) => listOf<'dryRun'>(rules, 'dryRun')));
  const measurementRetention = lastOfEach(
    all.flatMap((rules) => listOf<'measurementRetention'>(rules, 'measurementRetention')),
  );
  return {
    ...(dryRun.length > 0 ? { dryRun } : {}),
    ...(measurementRetention.length > 0 ? { measurementRetention } : {}),
  };
}

function matching(pattern: string, names: readonly string[], field: string): { names: string[] } | RuleProblem {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { field, problem: `"${pattern}" is no regular expression: ${why}` };
  }
  const found = names.filter((name) => expression.matcher(name).find());
  const problem = `"${pattern}" matches none of the metrics ${names.join(', ')}: correct or remove it`;
  return found.length === 0 ? { field, problem } : { names: found };
}

function listOf<K extends keyof MetricRules>(rules: object, key: K): NonNullable<MetricRules[K]>[number][] {
  const list = (rules as Record<string, unknown>)[key];
  return Array.isArray(list) ? list.filter((rule) => typeof rule?.metricName === 'string') : [];
}

function lastOfEach<T extends { metricName: string }>(rules: readonly T[]): T[] {
  return [...new Map(rules.map((rule) => [rule.metricName, rule])).values()];
}
