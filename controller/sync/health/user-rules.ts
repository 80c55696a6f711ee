import type { Application } from '../../api/generated/application.ts';
import { specProblem } from '../../api/stored-object.ts';
import type { KubeObject } from '../../kube/types.ts';
import { messageOf } from '../../platform/errors.ts';
import { Lru } from '../../platform/lru.ts';
import { type CelExpression, compileCel } from '../cel/expression.ts';
import { celValue } from '../cel/values.ts';
import { hasPayload } from '../live.ts';
import { degraded, type Finding, healthy, progressing, suspended, unknown } from './health.ts';
import { behindSpec } from './read.ts';
import type { NamedRule } from './rules.ts';

type Item = NonNullable<Application['spec']['healthChecks']>[number];

/** Rules of `spec.healthChecks` by `group/kind`: they come before the built-in ones. */
export type UserRules = ReadonlyMap<string, NamedRule>;

/** For objects that no Application speaks of. */
export const NO_USER_RULES: UserRules = new Map();

/** What an expression can read. `object` is another name of `self`. */
const VARIABLES = ['self', 'object', 'apiVersion', 'kind', 'metadata', 'spec', 'status'] as const;

/** In the order in which they are asked; the first that is true decides. */
const QUESTIONS = [
  { field: 'suspended', clause: 'suspended', finding: suspended },
  { field: 'inProgress', clause: 'in-progress', finding: progressing },
  { field: 'failed', clause: 'failed', finding: degraded },
  { field: 'current', clause: undefined, finding: healthy },
] as const;

type Field = (typeof QUESTIONS)[number]['field'] | 'message';
type Compiled = Partial<Record<Field, CelExpression>>;
interface Checked {
  rules: UserRules;
  problem: string | undefined;
}

/** Compiling takes a millisecond, and Applications made from one template have the same rules. */
const compiled = new Lru<string, Checked>(256);

/** The rules of an Application, compiled once for each content. A rule that is wrong judges its kind Unknown and says why. */
export function userRules(application: Application): UserRules {
  return check(application).rules;
}

/** Why `spec.healthChecks` cannot be followed, if so: one line that names the field. */
export function userRulesProblem(application: Application): string | undefined {
  return check(application).problem;
}

function check(application: Application): Checked {
  const none = { rules: NO_USER_RULES, problem: undefined };
  if (specProblem(application) !== undefined) return none;
  const { healthChecks = [] } = application.spec;
  if (healthChecks.length === 0) return none;
  const key = JSON.stringify(healthChecks);
  const checked = compiled.get(key) ?? compileRules(healthChecks);
  compiled.set(key, checked);
  return checked;
}

function compileRules(items: readonly Item[]): Checked {
  const rules = new Map<string, NamedRule>();
  const first = new Map<string, string>();
  let problem: string | undefined;
  for (const [i, item] of items.entries()) {
    const name = `healthChecks[${i}]`;
    const subject = `${item.group ?? ''}/${item.kind}`;
    const earlier = first.get(subject);
    const [expressions, wrong] = earlier === undefined ? compileItem(item, name) : [{}, twice(item, name, earlier)];
    problem ??= wrong;
    if (earlier !== undefined) continue;
    first.set(subject, name);
    const judge =
      wrong === undefined
        ? (object: KubeObject) => judgeBy(expressions, name, object)
        : () => unknown(wrong, 'invalid');
    rules.set(subject, { name, judge });
  }
  return { rules, problem };
}

function twice({ kind }: Item, name: string, earlier: string): string {
  return `spec.${name} speaks of the same group and kind ${kind} as spec.${earlier}; make one item of them`;
}

function compileItem(item: Item, name: string): [Compiled, string | undefined] {
  if (hasPayload({ group: item.group ?? '', kind: item.kind })) {
    return [
      {},
      `spec.${name}.kind ${item.kind} cannot have a rule: the data of such objects is not kept; remove the item`,
    ];
  }
  const expressions: Compiled = {};
  for (const field of ['suspended', 'inProgress', 'failed', 'current', 'message'] as const) {
    const text = item[field];
    if (text === undefined) continue;
    const result = compileCel(text, VARIABLES, field === 'message' ? 'string' : 'bool');
    if (!result.ok) return [{}, `spec.${name}.${field} ${result.problem}`];
    expressions[field] = result.expression;
  }
  return [expressions, undefined];
}

function judgeBy(expressions: Compiled, name: string, object: KubeObject): Finding {
  const behind = behindSpec(object);
  if (behind !== undefined) return progressing(behind, 'generation');
  let values: Readonly<Record<string, unknown>>;
  try {
    values = valuesFor(expressions, object);
  } catch (error) {
    return unknown(`spec.${name} cannot judge it: ${messageOf(error)}`, 'error');
  }
  for (const { field, clause, finding } of QUESTIONS) {
    const expression = expressions[field];
    if (expression === undefined) continue;
    const outcome = expression.evaluate(values);
    if (outcome.type === 'missing') continue;
    if (outcome.type === 'failed') return unknown(`spec.${name}.${field} failed: ${outcome.why}`, 'error');
    if (typeof outcome.value !== 'boolean') {
      return unknown(`spec.${name}.${field} gives ${nameOf(outcome.value)}, not true or false`, 'error');
    }
    if (!outcome.value) continue;
    const message = messageBy(expressions.message, name, values) ?? `${field} is true: ${expression.text}`;
    return clause === undefined ? healthy(message) : finding(message, clause);
  }
  const asked = QUESTIONS.map(({ field }) => field).filter((field) => expressions[field] !== undefined);
  const nothing = asked.length === 1 ? `${asked[0]} is not true yet` : `none of ${asked.join(', ')} is true yet`;
  return progressing(messageBy(expressions.message, name, values) ?? nothing, 'pending');
}

/** The user's text; undefined when what it reads is not there. A text that fails does not change the health. */
function messageBy(
  expression: CelExpression | undefined,
  name: string,
  values: Readonly<Record<string, unknown>>,
): string | undefined {
  const outcome = expression?.evaluate(values);
  if (outcome === undefined || outcome.type === 'missing') return undefined;
  if (outcome.type === 'failed') return `spec.${name}.message failed: ${outcome.why}`;
  if (typeof outcome.value === 'string') return outcome.value.trim() === '' ? undefined : outcome.value;
  return `spec.${name}.message gives ${nameOf(outcome.value)}, not text; use string(…)`;
}

/** Only what the expressions read is converted: an object may have a megabyte of spec, and a status of ten lines. */
function valuesFor(expressions: Compiled, object: KubeObject): Readonly<Record<string, unknown>> {
  const read = new Set(Object.values(expressions).flatMap(({ variables }) => [...variables]));
  const values: Record<string, unknown> = {};
  for (const name of VARIABLES) {
    if (!read.has(name)) continue;
    // Without a status yet, has(status.phase) is false rather than an error.
    values[name] = celValue(name === 'self' || name === 'object' ? object : (object[name] ?? {}));
  }
  return values;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a map';
  switch (typeof value) {
    case 'bigint':
    case 'number':
      return 'a number';
    case 'string':
      return 'text';
    case 'boolean':
      return `${value}`;
    default:
      return 'something else';
  }
}
