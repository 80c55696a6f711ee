import { ExpressionSyntaxError } from './errors.ts';

/** `word` is a name or an operator that is written as a word; `mark` is any other operator or bracket. */
export interface Token {
  kind: 'int' | 'float' | 'string' | 'word' | 'mark' | 'end';
  /** As written; for strings the value without quotes and escapes. */
  text: string;
  /** Offset into the source. */
  at: number;
}

const SPACE = /[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const NUMBER =
  /0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
const WORD = /[\p{L}_$][\p{L}\p{Nd}_$]*/uy;
const MARK = /\*\*|\.\.|\?\.|\?\?|&&|\|\||[=!<>]=|::|[-+*/%^<>!?:=.,;#|()[\]{}]/y;
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Splits an expression into tokens; the last one is always `end`. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  for (;;) {
    const space = take(SPACE);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (at >= source.length) return [...tokens, { kind: 'end', text: '', at }];
    const first = source[at] ?? '';
    if (first === "'" || first === '"' || first === '`') {
      const { value, end } = readString(source, at, first);
      tokens.push({ kind: 'string', text: value, at });
      at = end;
      continue;
    }
    const number = take(NUMBER);
    const text = number ?? take(WORD) ?? take(MARK);
    if (text === undefined) throw new ExpressionSyntaxError(`unexpected character ${JSON.stringify(first)}`, at);
    if (number === undefined) {
      tokens.push({ kind: /^[\p{L}_$]/u.test(text) ? 'word' : 'mark', text, at });
    } else {
      if (/^[\p{L}\p{Nd}_$]/u.test(source.slice(at + number.length))) {
        throw new ExpressionSyntaxError(`bad number "${source.slice(at, at + number.length + 1)}"`, at);
      }
      const decimal = !/^0[xXbBoO]/.test(number);
      tokens.push({ kind: decimal && /[.eE]/.test(number) ? 'float' : 'int', text: number.replaceAll('_', ''), at });
    }
    at += text.length;
  }
}

function readString(source: string, start: number, quote: string): { value: string; end: number } {
  const unclosed = new ExpressionSyntaxError('a string is not closed; it begins', start);
  if (quote === '`') {
    const end = source.indexOf('`', start + 1);
    if (end < 0) throw unclosed;
    return { value: source.slice(start + 1, end), end: end + 1 };
  }
  let value = '';
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at] ?? '';
    if (char === quote) return { value, end: at + 1 };
    if (char === '\n') throw unclosed;
    if (char !== '\\') {
      value += char;
      continue;
    }
    const coded = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(source.slice(at + 1));
    const plain = ESCAPES[source[at + 1] ?? ''];
    if (coded !== null) {
      value += String.fromCharCode(Number.parseInt(coded[1] ?? coded[2] ?? '', 16));
      at += coded[0].length;
    } else if (plain !== undefined) {
      value += plain;
      at += 1;
    } else {
      throw new ExpressionSyntaxError(`unknown escape "\\${source[at + 1] ?? ''}"`, at);
    }
  }
  throw unclosed;
}
