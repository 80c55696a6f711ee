/**
 * Globs as Argo CD's `directory.include` and `exclude` read them: `*` and `?` also match `/`, `[a-z]` and `[!a-z]` are
 * classes, `{a,b}` alternatives (nested too), `\` escapes. The pattern becomes a small automaton whose states are all
 * followed at once, so that time is linear in pattern times text and no pattern from a manifest can burn it.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const automaton = new Automaton();
  const end = automaton.accept(() => false, 0);
  const start = automaton.close([automaton.compile(parse([...pattern]), end)]);
  return (text) => {
    let active = start;
    for (const char of text) active = automaton.step(active, char);
    return active.has(end);
  };
}

type Node =
  | { kind: 'star' }
  | { kind: 'one'; accepts: (char: string) => boolean }
  | { kind: 'choice'; branches: Node[][] };

interface State {
  /** Takes a character and goes to `next`; a state without it goes to all of `free` at no cost. */
  accepts?: (char: string) => boolean;
  next: number;
  free: number[];
}

class Automaton {
  readonly #states: State[] = [];

  accept(accepts: (char: string) => boolean, next: number): number {
    return this.#states.push({ accepts, next, free: [] }) - 1;
  }

  /** Builds states for the nodes that end in `next`, and returns the first. */
  compile(nodes: readonly Node[], next: number): number {
    let at = next;
    for (const node of [...nodes].reverse()) {
      switch (node.kind) {
        case 'one':
          at = this.accept(node.accepts, at);
          break;
        case 'star': {
          const split = this.#states.push({ next: 0, free: [at] }) - 1;
          this.#states[split]?.free.push(this.accept(() => true, split));
          at = split;
          break;
        }
        case 'choice': {
          const after = at;
          at = this.#states.push({ next: 0, free: node.branches.map((branch) => this.compile(branch, after)) }) - 1;
        }
      }
    }
    return at;
  }

  /** The states and all that can be reached from them at no cost. */
  close(states: Iterable<number>): Set<number> {
    const reached = new Set<number>();
    const todo = [...states];
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      todo.push(...(this.#states[id]?.free ?? []));
    }
    return reached;
  }

  step(states: ReadonlySet<number>, char: string): Set<number> {
    const next: number[] = [];
    for (const id of states) {
      const state = this.#states[id];
      if (state?.accepts?.(char) === true) next.push(state.next);
    }
    return this.close(next);
  }
}

function parse(chars: readonly string[]): Node[] {
  const nodes: Node[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    const braces = char === '{' ? splitBraces(chars, i) : undefined;
    const classEnd = char === '[' ? chars.indexOf(']', i + 2) : -1;
    if (braces !== undefined) {
      nodes.push({ kind: 'choice', branches: braces.branches.map(parse) });
      i = braces.end;
    } else if (classEnd > 0) {
      nodes.push({ kind: 'one', accepts: charClass(chars.slice(i + 1, classEnd)) });
      i = classEnd;
    } else if (char === '*') {
      if (nodes.at(-1)?.kind !== 'star') nodes.push({ kind: 'star' });
    } else if (char === '?') {
      nodes.push({ kind: 'one', accepts: () => true });
    } else {
      const literal = char === '\\' && i + 1 < chars.length ? (chars[++i] ?? '') : char;
      nodes.push({ kind: 'one', accepts: (c) => c === literal });
    }
  }
  return nodes;
}

/** The alternatives of the brace at `open`; undefined when it is never closed and so is a character. */
function splitBraces(chars: readonly string[], open: number): { branches: string[][]; end: number } | undefined {
  const branches: string[][] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < chars.length; i++) {
    const char = chars[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if ((char === ',' && depth === 1) || (char === '}' && depth === 1)) {
      branches.push(chars.slice(from, i));
      from = i + 1;
      if (char === '}') return { branches, end: i };
    } else if (char === '}') depth--;
  }
  return undefined;
}

function charClass(body: readonly string[]): (char: string) => boolean {
  const negated = body[0] === '!' || body[0] === '^';
  const set = negated ? body.slice(1) : body;
  return (char) => {
    let found = false;
    for (let i = 0; i < set.length; i++) {
      const from = set[i] ?? '';
      const range = set[i + 1] === '-' && i + 2 < set.length;
      if (char >= from && char <= (range ? (set[i + 2] ?? from) : from)) found = true;
      if (range) i += 2;
    }
    return found !== negated;
  };
}
