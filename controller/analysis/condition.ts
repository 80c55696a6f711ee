import { type Node, type Value, walk } from './expr/ast.ts';
import { evaluateCondition } from './expr/evaluate.ts';
import { parse } from './expr/parser.ts';

/** A successCondition or failureCondition that was parsed. */
export interface Condition {
  text: string;
  /** It says itself what an empty result means: it uses len, isNil or default on the result. */
  handlesEmpty: boolean;
  /** It says itself what NaN means: it uses isNaN on the result. */
  handlesNaN: boolean;
  /** Throws ExpressionEvaluationError. */
  evaluate(result: Value): boolean;
}

const ABOUT_EMPTY: ReadonlySet<string> = new Set(['len', 'isNil', 'default']);
const ABOUT_NAN: ReadonlySet<string> = new Set(['isNaN']);

/** Parses a condition; throws ExpressionSyntaxError. */
export function parseCondition(text: string): Condition {
  const node = parse(text);
  return {
    text,
    handlesEmpty: asks(node, ABOUT_EMPTY),
    handlesNaN: asks(node, ABOUT_NAN),
    evaluate: (result) => evaluateCondition(node, result),
  };
}

/** True when one of the functions is called on something that comes from the result. */
function asks(node: Node, functions: ReadonlySet<string>): boolean {
  let found = false;
  walk(node, (call) => {
    if (call.kind !== 'call' || !functions.has(call.name)) return;
    for (const arg of call.args) {
      walk(arg, (part) => {
        if (part.kind === 'result' || part.kind === 'element') found = true;
      });
    }
  });
  return found;
}
