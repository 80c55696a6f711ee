import { parsePointer } from '../../manifest/owned-paths.ts';

/**
 * A path into an object, one step after the other. `each` without a condition means every item of a list; with one, the
 * items of which the field at `field` is the text `equals`. `keyed` is the item that has these values in its key fields.
 */
export type PathStep =
  | { step: 'field'; name: string }
  | { step: 'item'; index: number }
  | { step: 'each'; where?: { field: readonly string[]; equals: string } }
  | { step: 'keyed'; keys: Readonly<Record<string, unknown>> };

/** What parsing gives: the steps, or what is wrong in words that follow the name of the field. */
export type ParsedPath = { ok: true; steps: readonly PathStep[] } | { ok: false; problem: string };

/** A path with more steps than this is taken for a mistake; no Kubernetes type is as deep. */
const MAX_STEPS = 32;

const FIELD = /^\.([A-Za-z_][A-Za-z0-9_]*)/;
const QUOTED = /^\.?\[\s*("(?:[^"\\]|\\.)*")\s*\]/;
const ITEM = /^\.?\[\s*(\d{1,6})\s*\]/;
const EACH = /^\.?\[\s*\]/;
const SELECT = /^\s*\|\s*select\(\s*((?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*==\s*("(?:[^"\\]|\\.)*")\s*\)/;
const PIPE = /^\s*\|\s*(?=\.)/;

/**
 * Parses the part of jq that names paths: `.a.b`, `.a["x/y"]`, `.a[0]`, `.a[]`, each with `?` behind it, joined by `|`, and
 * `select(.name == "x")` right after `[]`. It is a fixed grammar without functions, so that no expression can run for long.
 */
export function parsePathExpression(text: string): ParsedPath {
  const steps: PathStep[] = [];
  let rest = text.trim();
  if (!rest.startsWith('.')) return refuse(text, rest);
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(rest) ?? undefined;
    if (match !== undefined) rest = rest.slice(match[0].length);
    return match;
  };
  while (rest !== '') {
    const last = steps.at(-1);
    const select = last?.step === 'each' && last.where === undefined ? take(SELECT) : undefined;
    if (select !== undefined) {
      const equals = unquote(select[2] ?? '');
      if (equals === undefined) return refuse(text, rest);
      steps[steps.length - 1] = { step: 'each', where: { field: (select[1] ?? '').slice(1).split('.'), equals } };
      continue;
    }
    if (steps.length > 0) take(PIPE);
    const step = takeStep(take);
    if (step === undefined) return refuse(text, rest);
    take(/^\?/);
    steps.push(step);
    if (steps.length > MAX_STEPS)
      return { ok: false, problem: `has more than ${MAX_STEPS} steps; name a shorter path` };
  }
  return steps.length === 0 ? refuse(text, rest) : { ok: true, steps };
}

/** Parses an RFC 6901 pointer. A number is an item of a list if there is a list, and else the name of a field. */
export function parsePointerPath(pointer: string): ParsedPath {
  if (!pointer.startsWith('/')) return { ok: false, problem: 'must begin with /, for example /spec/replicas' };
  if (/~(?![01])/.test(pointer))
    return { ok: false, problem: 'has a ~ that is not ~0 or ~1; write ~ as ~0 and / as ~1' };
  const names = parsePointer(pointer);
  if (names.length > MAX_STEPS) return { ok: false, problem: `has more than ${MAX_STEPS} steps; name a shorter path` };
  return { ok: true, steps: names.map((name) => ({ step: 'field', name })) };
}

function takeStep(take: (pattern: RegExp) => RegExpExecArray | undefined): PathStep | undefined {
  const field = take(FIELD);
  if (field !== undefined) return { step: 'field', name: field[1] ?? '' };
  const quoted = take(QUOTED);
  if (quoted !== undefined) {
    const name = unquote(quoted[1] ?? '');
    return name === undefined ? undefined : { step: 'field', name };
  }
  const item = take(ITEM);
  if (item !== undefined) return { step: 'item', index: Number(item[1]) };
  return take(EACH) === undefined ? undefined : { step: 'each' };
}

function refuse(text: string, rest: string): ParsedPath {
  const at = text.trimEnd().length - rest.length + 1;
  return {
    ok: false,
    problem: `is not understood from character ${at} on; use a path such as .spec.replicas, .a["x/y"], .a[0], .a[] or .a[] | select(.name == "x") | .b`,
  };
}

function unquote(text: string): string | undefined {
  try {
    return String(JSON.parse(text));
  } catch {
    return undefined;
  }
}
