import { CelLimitError } from './values.ts';

/** Steps of one evaluation; a rule over 50 conditions takes some hundreds. All of them take some tens of milliseconds. */
export const MOST_STEPS = 50_000;

export const TOO_MANY_STEPS = `it takes more than ${MOST_STEPS} steps`;

/** A node of a checked expression, as the library evaluates it. Of these fields its types have only `op` and `args`. */
interface Node {
  op: string;
  args: unknown;
  meta: { evaluate: Evaluate; alternate?: Node; macro?: { evaluate: Evaluate } };
  evaluate: Evaluate;
  handle?: (...args: unknown[]) => unknown;
}
type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** What an error costs at each node that it passes: it carries a stack and a drawing of the expression. */
const ERROR_STEPS = 16;
/** Text is read at least this many characters at a time. */
const TEXT_STEP = 64;
/** Methods that look for one text in another: the product of both lengths in the worst case. */
const SEARCHES: ReadonlySet<string> = new Set(['contains', 'indexOf', 'lastIndexOf', 'split']);

/**
 * Counts the steps of an evaluation and ends it when there are too many. The library bounds what an expression may look like,
 * not what it may cost: comprehensions multiply, and `+` in one of them doubles. A node costs one step, and so does what it
 * reads or makes beyond that, before it does so where that can be known.
 */
export class Meter {
  /** One for all, since thousands may be swallowed on the way out. */
  static readonly #TOO_LONG = new CelLimitError(TOO_MANY_STEPS);
  #left = 0;

  /** Begins an evaluation. */
  start(): void {
    this.#left = MOST_STEPS;
  }

  get steps(): number {
    return MOST_STEPS - this.#left;
  }

  /** Whether it ended for want of steps. CEL's `||` and `exists` swallow the error, so that no result is to be trusted then. */
  get spent(): boolean {
    return this.#left < 0;
  }

  /** Throws {@link CelLimitError}. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw Meter.#TOO_LONG;
  }

  /** Puts itself into every node below `root`, which the library has checked already. */
  watch(root: unknown): void {
    const seen = new Set<unknown>();
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value)) return;
      seen.add(value);
      if (isNode(value)) {
        for (const part of Object.values(value.meta)) visit(part);
        visit(value.args);
        this.#watchNode(value);
      } else for (const part of Object.values(value)) visit(part);
    };
    visit(root);
  }

  #watchNode(node: Node): void {
    const { alternate, macro, evaluate } = node.meta;
    const target = alternate ?? macro ?? node;
    const run = alternate?.evaluate ?? macro?.evaluate ?? evaluate;
    const makes = node.op === '+' || (target === node && (node.op === 'call' || node.op === 'rcall'));
    const { handle } = node;
    if (handle !== undefined) {
      node.handle = (...args) => {
        this.#spendOnInput(node, args);
        return handle.apply(node, args);
      };
    }
    node.evaluate = (evaluator, _, context) => {
      this.spend(1);
      try {
        const value = run.call(target, evaluator, target, context);
        if (makes) this.spend(breadth(value));
        return value;
      } catch (error) {
        this.spend(ERROR_STEPS);
        throw error;
      }
    };
  }

  #spendOnInput({ op, args }: Node, input: readonly unknown[]): void {
    switch (op) {
      case '==':
      case '!=':
        // Unequal kinds are told apart at once; else the smaller side bounds the comparison.
        if (typeof input[0] === typeof input[1]) this.#spendOnDepth(input[0]);
        return;
      case 'in':
        if (!(input[1] instanceof Map)) this.#spendOnDepth(input[1]);
        return;
      case 'comprehension':
        if (input[0] instanceof Map) this.spend(input[0].size);
        return;
      case 'call':
      case 'rcall': {
        const values = Array.isArray(input[0]) ? input[0] : [];
        for (const value of values) this.spend(breadth(value));
        const [a, b] = values.map((value) => (typeof value === 'string' ? value.length : 0));
        const name = Array.isArray(args) ? args[0] : '';
        if (SEARCHES.has(name)) this.spend(((a ?? 0) * Math.max(b ?? 0, 1)) >>> 10);
        // Its pattern goes through digits without a unit again and again.
        if (name === 'duration') this.spend(Math.ceil((a ?? 0) ** 3 / 1000));
        return;
      }
    }
  }

  #spendOnDepth(value: unknown): void {
    this.spend(1 + breadth(value));
    if (value instanceof Map) for (const item of value.values()) this.#spendOnDepth(item);
    else if (Array.isArray(value)) for (const item of value) this.#spendOnDepth(item);
  }
}

function isNode(value: object): value is Node {
  return 'op' in value && 'meta' in value && typeof value.op === 'string';
}

function breadth(value: unknown): number {
  if (typeof value === 'string') return Math.floor(value.length / TEXT_STEP);
  if (Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 0;
}
