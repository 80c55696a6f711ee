import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { messageOf } from '../../platform/errors.ts';
import { Meter, TOO_MANY_STEPS } from './meter.ts';

/** What an expression gave. `missing`: it reads a field, or an item of a list, that is not there. */
export type CelOutcome = { type: 'value'; value: unknown } | { type: 'missing' } | { type: 'failed'; why: string };

/** A checked expression: total, deterministic, and bounded in steps. */
export interface CelExpression {
  text: string;
  /** The variables that it reads. */
  variables: ReadonlySet<string>;
  /** Values as {@link celValue} makes them, by variable. */
  evaluate(values: Readonly<Record<string, unknown>>): CelOutcome;
  /** Steps of the last evaluation. */
  readonly steps: number;
}

export type CompiledCel = { ok: true; expression: CelExpression } | { ok: false; problem: string };

/** Comprehensions inside one another: `parents.all(p, p.conditions.exists(c, …))` has two. */
const DEEPEST_NESTING = 2;
const COMPREHENSIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...COMPREHENSIONS,
  ...['has', 'size', 'string', 'int', 'double', 'bool', 'dyn', 'timestamp', 'duration'],
  ...['contains', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf', 'substring', 'split', 'join'],
  ...['trim', 'lowerAscii', 'upperAscii'],
]);

/** Reading what is not there. CEL makes it an error; for a question about a status that is not written yet it is a no. */
const MISSING: ReadonlySet<string> = new Set(['no_such_key', 'index_out_of_bounds']);

const LIMITS = { maxAstNodes: 500, maxDepth: 50, maxListElements: 64, maxMapEntries: 64, maxCallArguments: 8 };

/**
 * Compiles one CEL expression over `variables` that gives `type`. The problem, if there is one, is a clause that follows the
 * name of the field.
 */
export function compileCel(text: string, variables: readonly string[], type: 'bool' | 'string'): CompiledCel {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
  for (const name of variables) environment.registerVariable(name, 'dyn');
  try {
    const run = environment.parse(text);
    const used = new Set<string>();
    const objection = objectionTo(run.ast, 0, (name) => used.add(name));
    if (objection !== undefined) return { ok: false, problem: objection };
    const { valid, type: found = '', error } = run.check();
    if (!valid) return { ok: false, problem: `is refused: ${describe(error, variables)}` };
    if (found !== type && found !== 'dyn') {
      return { ok: false, problem: `gives ${found}, not ${type === 'bool' ? 'true or false' : 'text; use string(…)'}` };
    }
    const meter = new Meter();
    meter.watch(run.ast);
    const read = new Set(variables.filter((name) => used.has(name)));
    return { ok: true, expression: expressionOf(text, read, run, meter) };
  } catch (error) {
    return { ok: false, problem: `is no CEL: ${describe(error, variables)}` };
  }
}

function expressionOf(
  text: string,
  variables: ReadonlySet<string>,
  run: (values: Record<string, unknown>) => unknown,
  meter: Meter,
): CelExpression {
  return {
    text,
    variables,
    get steps() {
      return meter.steps;
    },
    evaluate(values) {
      meter.start();
      try {
        const value = run({ ...values });
        if (!meter.spent) return { type: 'value', value };
      } catch (error) {
        if (!meter.spent && MISSING.has(codeOf(error))) return { type: 'missing' };
        if (!meter.spent) return { type: 'failed', why: describe(error, []) };
      }
      return { type: 'failed', why: TOO_MANY_STEPS };
    },
  };
}

/** Why an expression may not be evaluated although it is CEL. Notes every name that it reads. */
function objectionTo(node: ASTNode, nesting: number, reads: (name: string) => void): string | undefined {
  const among = (nodes: readonly ASTNode[], inside = nesting): string | undefined => {
    for (const one of nodes) {
      const objection = objectionTo(one, inside, reads);
      if (objection !== undefined) return objection;
    }
    return undefined;
  };
  switch (node.op) {
    case 'value':
      return undefined;
    case 'id':
      reads(node.args);
      return undefined;
    case '.':
    case '.?':
      return among([node.args[0]]);
    case 'call':
      return refusedFunction(node.args[0]) ?? among(node.args[1]);
    case 'rcall': {
      const [name, receiver, args] = node.args;
      const inside = COMPREHENSIONS.has(name) ? nesting + 1 : nesting;
      if (inside > DEEPEST_NESTING)
        return `has ${name}() inside ${DEEPEST_NESTING} others; ${DEEPEST_NESTING} levels are allowed`;
      return refusedFunction(name) ?? among([receiver]) ?? among(args, inside);
    }
    case '!_':
    case '-_':
      return among([node.args]);
    case 'map':
      return among(node.args.flat());
    default:
      return among(node.args);
  }
}

function refusedFunction(name: string): string | undefined {
  if (FUNCTIONS.has(name)) return undefined;
  if (name === 'matches') {
    return 'calls matches(), which may take for ever on some texts; use ==, contains, startsWith or endsWith';
  }
  return `calls ${name}(), which is not one of ${[...FUNCTIONS].join(', ')}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The library's message without its drawing of the expression. */
function describe(error: unknown, variables: readonly string[]): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  const { summary, range } = (error ?? {}) as { summary?: unknown; range?: { start?: unknown } };
  const text = typeof summary === 'string' ? summary : messageOf(error);
  const at = typeof range?.start === 'number' ? ` (character ${range.start + 1})` : '';
  const known =
    codeOf(error) === 'unknown_variable' && variables.length > 0 ? `; there are ${variables.join(', ')}` : '';
  return `${text.replace(/\s+/g, ' ').trim()}${at}${known}`;
}
