import type { Application } from '../../api/generated/application.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import type { ObjectId } from '../../manifest/identity.ts';
import { type ParsedPath, type PathStep, parsePathExpression, parsePointerPath } from './path-expression.ts';

type Item = NonNullable<Application['spec']['ignoreDifferences']>[number];

/** One item of `spec.ignoreDifferences`, parsed. */
export interface IgnoreRule {
  item: Item;
  paths: readonly (readonly PathStep[])[];
  /** Managers whose fields are ignored, whichever they are. */
  managers: readonly string[];
}

/** The rules of an Application, or the first thing wrong with them: one line that names the field and the remedy. */
export type IgnoreRules = { ok: true; rules: readonly IgnoreRule[] } | { ok: false; problem: string };

/** Of the metadata, what others write; the rest says which object it is, or is the API server's. */
const METADATA: ReadonlySet<string> = new Set(['annotations', 'labels', 'finalizers', 'ownerReferences']);

/** Whether a path may be ignored. */
export function isReachable(steps: readonly PathStep[]): boolean {
  return reachProblem(steps) === undefined;
}

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
    const managers = item.managedFieldsManagers ?? [];
    if (managers.includes(FIELD_MANAGER)) {
      const field = `spec.ignoreDifferences[${i}].managedFieldsManagers[${managers.indexOf(FIELD_MANAGER)}]`;
      return { ok: false, problem: `${field} would ignore all that Git says; name who else writes the fields` };
    }
    rules.push({ item, paths, managers });
  }
  return { ok: true, rules };
}

/** Why `spec.ignoreDifferences` cannot be followed, if so. */
export function ignoreProblem(application: Application): string | undefined {
  const parsed = ignoreRules(application);
  return parsed.ok ? undefined : parsed.problem;
}

/** What of one object is left to somebody else. */
export interface Ignored {
  paths: readonly (readonly PathStep[])[];
  managers: readonly string[];
}

/** What the rules say of one object. */
export function ignoredOf(rules: readonly IgnoreRule[], id: ObjectId): Ignored {
  const mine = rules.filter(({ item }) => matches(item, id));
  return { paths: mine.flatMap(({ paths }) => paths), managers: mine.flatMap(({ managers }) => managers) };
}

/** Whether anything is. */
export function isIgnoring({ paths, managers }: Ignored): boolean {
  return paths.length + managers.length > 0;
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
