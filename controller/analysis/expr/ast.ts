/**
 * What a value of an expression can be. As in Go there are two kinds of numbers: `bigint` is Go's int (literals without a
 * point, len, count), `number` is float64 (measured values, literals with a point, every division).
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | { readonly [key: string]: Value };

export type BinaryOperator =
  | 'or'
  | 'and'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | 'in'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '**'
  | '??';

export type Node =
  | { kind: 'literal'; value: null | boolean | number | bigint | string }
  | { kind: 'array'; items: readonly Node[] }
  /** The measured value. */
  | { kind: 'result' }
  /** `#`: the element that a predicate is asked about. */
  | { kind: 'element' }
  | { kind: 'unary'; operator: 'not' | '-' | '+'; operand: Node }
  | { kind: 'binary'; operator: BinaryOperator; left: Node; right: Node }
  | { kind: 'conditional'; test: Node; yes: Node; no: Node }
  /** `a.b`, `a["b"]`, `a[0]`; optional ones end their chain with nil when `object` is nil. */
  | { kind: 'member'; object: Node; property: Node; optional: boolean }
  /** How far an optional member reaches. */
  | { kind: 'chain'; inner: Node }
  | { kind: 'call'; name: string; args: readonly Node[]; predicate?: Node };

/** Calls `visit` for a node and everything below it. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  switch (node.kind) {
    case 'literal':
    case 'result':
    case 'element':
      return;
    case 'array':
      for (const item of node.items) walk(item, visit);
      return;
    case 'unary':
      walk(node.operand, visit);
      return;
    case 'binary':
      walk(node.left, visit);
      walk(node.right, visit);
      return;
    case 'conditional':
      walk(node.test, visit);
      walk(node.yes, visit);
      walk(node.no, visit);
      return;
    case 'member':
      walk(node.object, visit);
      walk(node.property, visit);
      return;
    case 'chain':
      walk(node.inner, visit);
      return;
    case 'call':
      for (const arg of node.args) walk(arg, visit);
      if (node.predicate !== undefined) walk(node.predicate, visit);
      return;
  }
}
