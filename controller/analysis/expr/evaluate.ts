import type { BinaryOperator, Node, Value } from './ast.ts';
import { PLAIN_FUNCTIONS } from './builtins.ts';
import { ExpressionEvaluationError } from './errors.ts';
import { equal, isNumeric, less, own, toFloat, typeName } from './values.ts';

/** Nodes that one evaluation may visit: what `all(result, any(result, ...))` over a long list can cost. */
const MAX_STEPS = 1_000_000;

/** What an optional member of nil gives, until the end of its chain. */
const NOTHING = Symbol('nothing');

/**
 * Evaluates a condition. It can reach nothing but `result` and the functions of builtins.ts, and only own keys of objects.
 * Throws ExpressionEvaluationError when it cannot be decided or does not give a bool.
 */
export function evaluateCondition(node: Node, result: Value): boolean {
  const value = new Evaluation(result).run(node, null);
  if (typeof value !== 'boolean') {
    throw new ExpressionEvaluationError(`the condition must give true or false and gives ${typeName(value)}`);
  }
  return value;
}

class Evaluation {
  readonly #result: Value;
  /** All types are known when the result is made of numbers: comparing with another type is then a mistake, not false. */
  readonly #typed: boolean;
  #steps = 0;

  constructor(result: Value) {
    this.#result = result;
    this.#typed = result === null || isNumeric(result) || (Array.isArray(result) && result.every(isNumeric));
  }

  run(node: Node, element: Value): Value {
    const value = this.#visit(node, element);
    return value === NOTHING ? null : value;
  }

  #visit(node: Node, element: Value): Value | typeof NOTHING {
    if (++this.#steps > MAX_STEPS) throw new ExpressionEvaluationError('the condition takes too many steps');
    switch (node.kind) {
      case 'literal':
        return node.value;
      case 'result':
        return this.#result;
      case 'element':
        return element;
      case 'array':
        return node.items.map((item) => this.run(item, element));
      case 'unary':
        return unary(node.operator, this.run(node.operand, element));
      case 'binary':
        return this.#binary(node, element);
      case 'conditional':
        return this.run(bool(this.run(node.test, element), '?') ? node.yes : node.no, element);
      case 'chain':
        return this.run(node.inner, element);
      case 'member': {
        const object = this.#visit(node.object, element);
        if (object === NOTHING || (object === null && node.optional)) return NOTHING;
        return member(object, this.run(node.property, element));
      }
      case 'call':
        return this.#call(node, element);
    }
  }

  #binary(node: Node & { kind: 'binary' }, element: Value): Value {
    const left = this.run(node.left, element);
    switch (node.operator) {
      case 'and':
        return bool(left, '&&') && bool(this.run(node.right, element), '&&');
      case 'or':
        return bool(left, '||') || bool(this.run(node.right, element), '||');
      case '??':
        return left === null ? this.run(node.right, element) : left;
      default: {
        const right = this.run(node.right, element);
        if (this.#typed && (node.operator === '==' || node.operator === '!=')) requireSameType(left, right);
        return binary(node.operator, left, right);
      }
    }
  }

  #call(node: Node & { kind: 'call' }, element: Value): Value {
    const args = node.args.map((arg) => this.run(arg, element));
    const plain = PLAIN_FUNCTIONS[node.name];
    if (plain !== undefined) return plain.call(args);
    const [list = null] = args;
    if (!Array.isArray(list)) throw new ExpressionEvaluationError(`${node.name}() needs a list, not ${typeName(list)}`);
    const { predicate } = node;
    const mapped = (item: Value): Value => (predicate === undefined ? item : this.run(predicate, item));
    const test = (item: Value): boolean => bool(mapped(item), `${node.name}()`);
    switch (node.name) {
      case 'all':
        return list.every(test);
      case 'any':
        return list.some(test);
      case 'none':
        return !list.some(test);
      case 'one':
        return list.filter(test).length === 1;
      case 'filter':
        return list.filter(test);
      case 'map':
        return list.map(mapped);
      case 'count':
        return BigInt(list.filter(test).length);
      case 'sum':
        return list.map(mapped).reduce((sum: Value, item) => arithmetic('+', sum, numeric(item, 'sum()')), 0n);
      default:
        throw new ExpressionEvaluationError(`unknown function ${node.name}()`);
    }
  }
}

function binary(operator: Exclude<BinaryOperator, 'and' | 'or' | '??'>, left: Value, right: Value): Value {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return less(left, right);
    case '>':
      return less(right, left);
    case '<=':
      return less(left, right) || equal(left, right);
    case '>=':
      return less(right, left) || equal(left, right);
    case 'in':
      return isIn(left, right);
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return compareText(operator, left, right);
    case '+':
      return typeof left === 'string' && typeof right === 'string' ? left + right : arithmetic('+', left, right);
    case '-':
    case '*':
    case '/':
    case '%':
    case '**':
      return arithmetic(operator, left, right);
  }
}

/** Two ints give an int that wraps at 64 bits; `/` and `**` always give a float; `%` takes ints only. */
function arithmetic(operator: '+' | '-' | '*' | '/' | '%' | '**', a: Value, b: Value): Value {
  const left = numeric(a, operator);
  const right = numeric(b, operator);
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    switch (operator) {
      case '+':
        return BigInt.asIntN(64, left + right);
      case '-':
        return BigInt.asIntN(64, left - right);
      case '*':
        return BigInt.asIntN(64, left * right);
      case '%':
        if (right === 0n) throw new ExpressionEvaluationError('integer division by zero in %');
        return left % right;
      default:
        break;
    }
  }
  const x = toFloat(left);
  const y = toFloat(right);
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '**':
      // IEEE 754 and Go say 1 where ECMAScript says NaN.
      return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
    case '%':
      throw new ExpressionEvaluationError('% takes integers only; use asInt()');
  }
}

function unary(operator: 'not' | '-' | '+', value: Value): Value {
  if (operator === 'not') return !bool(value, 'not');
  const number = numeric(value, operator);
  if (operator === '+') return number;
  return typeof number === 'bigint' ? BigInt.asIntN(64, -number) : -number;
}

function member(object: Value, property: Value): Value {
  if (Array.isArray(object)) {
    if (typeof property !== 'bigint') {
      throw new ExpressionEvaluationError(`a list is indexed by an integer, not by ${typeName(property)}`);
    }
    const index = Number(property);
    const value: Value | undefined = object[index < 0 ? object.length + index : index];
    if (value === undefined) {
      throw new ExpressionEvaluationError(`index ${property} is out of range: the list has ${object.length} elements`);
    }
    return value;
  }
  if (object === null || typeof object !== 'object' || typeof property !== 'string') {
    throw new ExpressionEvaluationError(`${typeName(object)} has no field ${String(property)}`);
  }
  return own(object, property);
}

function requireSameType(left: Value, right: Value): void {
  const kind = (value: Value): string => (isNumeric(value) ? 'number' : Array.isArray(value) ? 'list' : typeof value);
  if (left !== null && right !== null && kind(left) !== kind(right)) {
    throw new ExpressionEvaluationError(`cannot compare ${typeName(left)} with ${typeName(right)}`);
  }
}

function isIn(needle: Value, container: Value): boolean {
  if (container === null) return false;
  if (Array.isArray(container)) return container.some((item) => equal(item, needle));
  if (typeof container === 'object' && typeof needle === 'string') return Object.hasOwn(container, needle);
  throw new ExpressionEvaluationError(`cannot look for ${typeName(needle)} in ${typeName(container)}`);
}

function compareText(operator: 'contains' | 'startsWith' | 'endsWith', left: Value, right: Value): boolean {
  const text = (value: Value): boolean => value === null || typeof value === 'string';
  if (text(left) && text(right) && (left === null || right === null)) return false;
  if (typeof left !== 'string' || typeof right !== 'string') {
    throw new ExpressionEvaluationError(`${operator} compares strings, not ${typeName(left)} and ${typeName(right)}`);
  }
  switch (operator) {
    case 'contains':
      return left.includes(right);
    case 'startsWith':
      return left.startsWith(right);
    case 'endsWith':
      return left.endsWith(right);
  }
}

function bool(value: Value, where: string): boolean {
  if (typeof value !== 'boolean')
    throw new ExpressionEvaluationError(`${where} needs true or false, not ${typeName(value)}`);
  return value;
}

function numeric(value: Value, where: string): number | bigint {
  if (!isNumeric(value)) throw new ExpressionEvaluationError(`${where} needs numbers, not ${typeName(value)}`);
  return value;
}
