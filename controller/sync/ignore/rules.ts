import type { Application } from '../../api/generated/application.ts';
import type { ObjectId } from '../../manifest/identity.ts';
import { type ParsedPath, type PathStep, parsePathExpression, parsePointerPath } from './path-expression.ts';

type Item = NonNullable<Application['spec']['ignoreDifferences']>[number];

/** One item of `spec.ignoreDifferences`, parsed. */
export interface IgnoreRule {
  item: Item;
  paths: readonly (readonly PathStep[])[];
}

/** The rules of an Application, or the first thing wrong with them: one line that names the field and the remedy. */
export type IgnoreRules = { ok: true; rules: readonly IgnoreRule[] } | { ok: false; problem: string };

/** Of the metadata, what others write; the rest says which object it is, or is the API server's. */
const METADATA: ReadonlySet<string> = new Set(['annotations', 'labels', 'finalizers', 'ownerReferences']);

/** Parses `spec.ignoreDifferences`. One bad path refuses the whole, since applying without it could undo another's work. */
export function ignoreRules({ spec }: Application): IgnoreRules {
  const rules: IgnoreRule[] = [];
  for (const [i, item] of (spec.ignoreDifferences ?? []).entries()) {
    const parsed: [field: string, path: ParsedPath][] = [
      ...(item.jsonPointers ?? []).map((text, j): [string, ParsedPath] => [
        `jsonPointers[${j}]`,
        parsePointerPath(text),
      ]),
      ...(item.jqPathExpressions ?? []).map((text, j): [string, ParsedPath] => [
        `jqPathExpressions[${j}]`,
        parsePathExpression(text),
      ]),
    ];
    const paths: (readonly PathStep[])[] = [];
    for (const [field, path] of parsed) {
      const problem = path.ok ? reachProblem(path.steps) : path.problem;
      if (problem !== undefined) return { ok: false, problem: `spec.ignoreDifferences[${i}].${field} ${problem}` };
      if (path.ok) paths.push(path.steps);
    }
    rules.push({ item, paths });
  }
  return { ok: true, rules };
}

/** Why `spec.ignoreDifferences` cannot be followed, if so. */
export function ignoreProblem(application: Application): string | undefined {
  const parsed = ignoreRules(application);
  return parsed.ok ? undefined : parsed.problem;
}

/** The ignored paths of one object. */
export function ignoredPaths(rules: readonly IgnoreRule[], id: ObjectId): readonly (readonly PathStep[])[] {
  return rules.filter(({ item }) => matches(item, id)).flatMap(({ paths }) => paths);
}

function matches({ group = '', kind, namespace, name }: Item, id: ObjectId): boolean {
  return (
    (group === '*' || group === id.group) &&
    (kind === '*' || kind === id.kind) &&
    (namespace === undefined || namespace === id.namespace) &&
    (name === undefined || name === id.name)
  );
}

function reachProblem([first, second]: readonly PathStep[]): string | undefined {
  const whole = 'would ignore what says which object it is; name a field below spec, data, metadata.labels or the like';
  if (first?.step !== 'field' || first.name === 'apiVersion' || first.name === 'kind') return whole;
  if (first.name !== 'metadata') return undefined;
  return second?.step === 'field' && METADATA.has(second.name) ? undefined : whole;
}
