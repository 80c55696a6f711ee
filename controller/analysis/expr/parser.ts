import type { BinaryOperator, Node } from './ast.ts';
import { LIST_FUNCTIONS, PLAIN_FUNCTIONS } from './builtins.ts';
import { ExpressionSyntaxError } from './errors.ts';
import { type Token, tokenize } from './lexer.ts';
import { BINARY, CHAINABLE, LEFT_OUT, NEGATABLE, UNARY } from './operators.ts';

const MAX_DEPTH = 100;

/** Parses an expression; throws ExpressionSyntaxError with the column of what is wrong. */
export function parse(source: string): Node {
  const parser = new Parser(tokenize(source));
  const node = parser.expression(0);
  parser.expectEnd();
  return node;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #predicates = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expectEnd(): void {
    if (this.#token.kind !== 'end') throw this.#unexpected();
  }

  /** Parses operators that bind at least as tightly as `power` (precedence climbing). */
  expression(power: number): Node {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionSyntaxError('nested too deeply', this.#token.at);
    let left = this.#operand();
    let previous = '';
    for (;;) {
      const token = this.#token;
      const negated = this.#is('not') && NEGATABLE.has(this.#peek(1).text) && this.#peek(1).kind === 'word';
      const word = negated ? this.#peek(1).text : token.text;
      const entry = token.kind === 'word' || token.kind === 'mark' ? own(BINARY, word) : undefined;
      if (entry === undefined || entry.power < power) break;
      if (previous === '??' && word !== '??') {
        throw new ExpressionSyntaxError(`"${word}" cannot follow ?? without parentheses`, token.at);
      }
      this.#next += negated ? 2 : 1;
      if (CHAINABLE.has(word)) {
        left = this.#comparison(left, entry.operator, entry.power);
      } else {
        const right = this.expression(entry.right === true ? entry.power : entry.power + 1);
        left = { kind: 'binary', operator: entry.operator, left, right };
        if (negated) left = { kind: 'unary', operator: 'not', operand: left };
      }
      previous = word;
    }
    if (power === 0) left = this.#conditional(left);
    this.#depth--;
    return left;
  }

  /** `a < b < c` means `a < b && b < c`. */
  #comparison(first: Node, operator: BinaryOperator, power: number): Node {
    let left = first;
    let current = operator;
    let all: Node | undefined;
    for (;;) {
      const right = this.expression(power + 1);
      const pair: Node = { kind: 'binary', operator: current, left, right };
      all = all === undefined ? pair : { kind: 'binary', operator: 'and', left: all, right: pair };
      const entry = this.#token.kind === 'mark' ? own(BINARY, this.#token.text) : undefined;
      if (entry === undefined || !CHAINABLE.has(this.#token.text)) return all;
      this.#next++;
      left = right;
      current = entry.operator;
    }
  }

  #conditional(test: Node): Node {
    let node = test;
    while (this.#accept('?')) {
      if (this.#accept(':')) {
        node = { kind: 'conditional', test: node, yes: node, no: this.expression(0) };
      } else {
        const yes = this.expression(0);
        this.#expect(':');
        node = { kind: 'conditional', test: node, yes, no: this.expression(0) };
      }
    }
    return node;
  }

  #operand(): Node {
    const token = this.#token;
    const unary = token.kind === 'word' || token.kind === 'mark' ? own(UNARY, token.text) : undefined;
    if (unary !== undefined) {
      this.#next++;
      return { kind: 'unary', operator: unary.operator, operand: this.expression(unary.power) };
    }
    if (token.kind === 'word' && ['true', 'false', 'nil'].includes(token.text)) {
      this.#next++;
      return { kind: 'literal', value: token.text === 'nil' ? null : token.text === 'true' };
    }
    return this.#postfix(this.#primary());
  }

  #primary(): Node {
    const token = this.#token;
    switch (token.kind) {
      case 'int':
        this.#next++;
        return { kind: 'literal', value: integerLiteral(token) };
      case 'float':
        this.#next++;
        return { kind: 'literal', value: Number(token.text) };
      case 'string':
        this.#next++;
        return { kind: 'literal', value: token.text };
      case 'end':
        throw this.#unexpected();
      case 'word':
        if (own(BINARY, token.text) !== undefined || own(LEFT_OUT, token.text) !== undefined) throw this.#unexpected();
        this.#next++;
        if (this.#is('(')) return this.#call(token);
        if (token.text === 'result') return { kind: 'result' };
        throw new ExpressionSyntaxError(`unknown name "${token.text}"; the measured value is called result`, token.at);
      case 'mark':
        break;
    }
    if (this.#accept('(')) {
      const inner = this.expression(0);
      this.#expect(')');
      return inner;
    }
    if (this.#is('[')) return { kind: 'array', items: this.#list('[', ']') };
    if (this.#predicates > 0 && this.#is('.')) return { kind: 'element' };
    if (this.#is('#')) {
      if (this.#predicates === 0) {
        throw new ExpressionSyntaxError('# is the element of a list and can only stand in a predicate', token.at);
      }
      this.#next++;
      const name = this.#token;
      if (name.kind === 'word' && name.at === token.at + 1) {
        throw new ExpressionSyntaxError(`#${name.text} is not supported`, token.at);
      }
      return { kind: 'element' };
    }
    throw this.#unexpected();
  }

  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const optional = this.#is('?.');
      if (optional || this.#is('.')) {
        this.#next++;
        if (!(optional && this.#is('['))) {
          const name = this.#token;
          if (name.kind !== 'word') throw this.#unexpected();
          this.#next++;
          const property: Node = { kind: 'literal', value: name.text };
          const chained = node.kind === 'chain';
          node = { kind: 'member', object: node.kind === 'chain' ? node.inner : node, property, optional };
          if (chained || optional) node = { kind: 'chain', inner: node };
          if (this.#is('(')) throw new ExpressionSyntaxError(`"${name.text}" cannot be called`, name.at);
          continue;
        }
      } else if (!this.#is('[')) {
        return node;
      }
      this.#expect('[');
      if (this.#is(':')) throw new ExpressionSyntaxError('slices are not supported', this.#token.at);
      const property = this.expression(0);
      if (this.#is(':')) throw new ExpressionSyntaxError('slices are not supported', this.#token.at);
      this.#expect(']');
      node = { kind: 'member', object: node, property, optional };
      if (optional) node = { kind: 'chain', inner: node };
    }
  }

  #call(name: Token): Node {
    const list = own(LIST_FUNCTIONS, name.text);
    if (list !== undefined) return this.#listCall(name, list);
    const plain = own(PLAIN_FUNCTIONS, name.text);
    if (plain === undefined) {
      const known = [...Object.keys(LIST_FUNCTIONS), ...Object.keys(PLAIN_FUNCTIONS)].sort().join(', ');
      throw new ExpressionSyntaxError(`unknown function "${name.text}" (known: ${known})`, name.at);
    }
    const args = this.#list('(', ')');
    if (args.length < plain.min || args.length > plain.max) {
      const wanted = plain.max === plain.min ? `${plain.min}` : `at least ${plain.min}`;
      throw new ExpressionSyntaxError(`${name.text}() takes ${wanted} arguments, not ${args.length}`, name.at);
    }
    return { kind: 'call', name: name.text, args };
  }

  #listCall(name: Token, predicate: 'required' | 'optional'): Node {
    this.#expect('(');
    const args = [this.expression(0)];
    if (predicate === 'optional' && !this.#is(',')) {
      this.#expect(')');
      return { kind: 'call', name: name.text, args };
    }
    if (!this.#is(',')) {
      throw new ExpressionSyntaxError(
        `${name.text}() needs a predicate, for example ${name.text}(result, # > 0)`,
        name.at,
      );
    }
    this.#next++;
    const braced = this.#accept('{');
    this.#predicates++;
    const body = this.expression(0);
    this.#predicates--;
    if (braced) this.#expect('}');
    this.#accept(',');
    this.#expect(')');
    return { kind: 'call', name: name.text, args, predicate: body };
  }

  #list(open: string, close: string): Node[] {
    this.#expect(open);
    const items: Node[] = [];
    while (!this.#accept(close)) {
      if (items.length > 0) {
        this.#expect(',');
        if (this.#accept(close)) break;
      }
      items.push(this.expression(0));
    }
    return items;
  }

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new ExpressionSyntaxError('the expression is empty', 0);
    return token;
  }

  #is(text: string): boolean {
    const token = this.#token;
    return (token.kind === 'mark' || token.kind === 'word') && token.text === text;
  }

  #accept(text: string): boolean {
    const found = this.#is(text);
    if (found) this.#next++;
    return found;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) throw this.#unexpected(text);
  }

  #unexpected(wanted?: string): ExpressionSyntaxError {
    const token = this.#token;
    const leftOut = token.kind === 'word' || token.kind === 'mark' ? own(LEFT_OUT, token.text) : undefined;
    if (leftOut !== undefined) return new ExpressionSyntaxError(leftOut, token.at);
    const found = token.kind === 'end' ? 'the expression ends' : `unexpected "${token.text}"`;
    const hint = token.text === '=' ? '; compare with ==' : '';
    return new ExpressionSyntaxError(
      `${found}${wanted === undefined ? '' : ` where "${wanted}" belongs`}${hint}`,
      token.at,
    );
  }
}

function integerLiteral(token: Token): bigint {
  // A leading zero does not mean octal.
  const value = BigInt(/^0\d/.test(token.text) ? token.text.replace(/^0+(?=\d)/, '') : token.text);
  if (value >= 2n ** 63n) throw new ExpressionSyntaxError(`the integer ${token.text} is too large`, token.at);
  return value;
}

function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
