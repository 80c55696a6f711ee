/**
 * Globs as Argo CD's `directory.include` and `exclude` read them: `*` and `?` also match `/`, `[a-z]` and `[!a-z]` are
 * classes, `{a,b}` alternatives (nested too), `\` escapes. Matching is linear in pattern times text, so that no pattern from
 * a manifest can burn time.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  return expandBraces(pattern).some((plain) => matchTokens(tokenise(plain), [...text]));
}

/** More alternatives than this are cut off: nobody writes them, and each costs a match. */
const MAX_ALTERNATIVES = 1000;

type Token = { kind: 'star' } | { kind: 'one'; accepts: (char: string) => boolean };

function expandBraces(pattern: string): string[] {
  const open = findUnescaped(pattern, 0, '{');
  if (open < 0) return [pattern];
  let depth = 0;
  const commas: number[] = [];
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === ',' && depth === 1) commas.push(i);
    else if (char === '}' && --depth === 0) {
      const head = pattern.slice(0, open);
      const edges = [open, ...commas, i];
      const result: string[] = [];
      for (const tail of expandBraces(pattern.slice(i + 1))) {
        for (let n = 0; n + 1 < edges.length; n++) {
          for (const middle of expandBraces(pattern.slice((edges[n] ?? 0) + 1, edges[n + 1]))) {
            if (result.length < MAX_ALTERNATIVES) result.push(head + middle + tail);
          }
        }
      }
      return result;
    }
  }
  return [`${pattern.slice(0, open)}\\${pattern.slice(open)}`]; // An unclosed brace is a character.
}

function findUnescaped(text: string, from: number, wanted: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === wanted) return i;
  }
  return -1;
}

function tokenise(pattern: string): Token[] {
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') {
      tokens.push({ kind: 'one', accepts: () => true });
    } else if (char === '[' && chars.indexOf(']', i + 2) > 0) {
      const end = chars.indexOf(']', i + 2);
      tokens.push({ kind: 'one', accepts: charClass(chars.slice(i + 1, end)) });
      i = end;
    } else {
      const literal = char === '\\' && i + 1 < chars.length ? (chars[++i] ?? '') : char;
      tokens.push({ kind: 'one', accepts: (c) => c === literal });
    }
  }
  return tokens;
}

function charClass(body: readonly string[]): (char: string) => boolean {
  const negated = body[0] === '!' || body[0] === '^';
  const set = negated ? body.slice(1) : body;
  return (char) => {
    let found = false;
    for (let i = 0; i < set.length; i++) {
      const from = set[i] ?? '';
      const to = set[i + 1] === '-' && i + 2 < set.length ? (set[i + 2] ?? from) : from;
      if (char >= from && char <= to) found = true;
      if (to !== from) i += 2;
    }
    return found !== negated;
  };
}

function matchTokens(tokens: readonly Token[], text: readonly string[]): boolean {
  let t = 0;
  let star = -1;
  let resume = 0;
  let i = 0;
  while (i < text.length) {
    const token = tokens[t];
    if (token?.kind === 'star') {
      star = t++;
      resume = i;
    } else if (token?.kind === 'one' && token.accepts(text[i] ?? '')) {
      t++;
      i++;
    } else if (star >= 0) {
      t = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (tokens[t]?.kind === 'star') t++;
  return t === tokens.length;
}
