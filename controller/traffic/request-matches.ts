import type { RequestMatch, TextMatch } from '../rollout/snapshot.ts';

/** A match of an HTTPRoute as far as Slipway reads it; the API server has filled in its defaults. */
export interface HttpRouteMatch {
  path?: PathMatch;
  headers?: HeaderMatch[];
  method?: string;
  [field: string]: unknown;
}

interface PathMatch {
  type?: string;
  value?: string;
}

interface HeaderMatch {
  type?: string;
  name?: string;
  value?: string;
}

/** Two matches that an HTTPRoute cannot ask for together. */
export class NotCombinable extends Error {}

/**
 * The match for requests that meet both: `given`, of a rule of the user, and `wanted`, of a managed route. undefined when no
 * request can. Throws NotCombinable when an HTTPRoute has no match for it, as with two regular expressions.
 */
export function bothMatches(given: HttpRouteMatch, wanted: RequestMatch): HttpRouteMatch | undefined {
  if (wanted.method !== undefined && given.method !== undefined && wanted.method !== given.method) return undefined;
  const path = bothPaths(given.path ?? EVERY_PATH, wanted.path);
  const headers = bothHeaders(given.headers ?? [], wanted.headers);
  if (path === undefined || headers === undefined) return undefined;
  const method = wanted.method ?? given.method;
  return {
    ...given,
    path,
    ...(headers.length === 0 ? {} : { headers }),
    ...(method === undefined ? {} : { method }),
  };
}

const EVERY_PATH: PathMatch = { type: 'PathPrefix', value: '/' };
const PATH_TYPES = { exact: 'Exact', prefix: 'PathPrefix', regex: 'RegularExpression' } as const;

function bothPaths(given: PathMatch, match: TextMatch | undefined): PathMatch | undefined {
  if (match === undefined) return given;
  const wanted = { type: PATH_TYPES[match.type], value: match.value };
  const [a, b] = [given.value ?? '/', wanted.value];
  const type = given.type ?? 'PathPrefix';
  if (type === 'PathPrefix' && a === '/') return wanted;
  if (wanted.type === 'PathPrefix' && b === '/') return given;
  if (type === wanted.type && a === b) return given;
  if (type === 'RegularExpression' || wanted.type === 'RegularExpression') {
    throw new NotCombinable(`path ${type} ${a} cannot be matched together with path ${wanted.type} ${b}`);
  }
  if (type === 'PathPrefix' && isUnder(b, a)) return wanted;
  return wanted.type === 'PathPrefix' && isUnder(a, b) ? given : undefined;
}

/** A prefix matches whole elements of a path. */
function isUnder(path: string, prefix: string): boolean {
  const base = prefix.replace(/\/+$/, '');
  return path === base || path.startsWith(`${base}/`);
}

function bothHeaders(given: readonly HeaderMatch[], wanted: RequestMatch['headers']): HeaderMatch[] | undefined {
  const result = [...given];
  for (const { name, value } of wanted) {
    const header = { name, ...headerValue(value) };
    const same = given.find((one) => one.name?.toLowerCase() === name.toLowerCase());
    if (same === undefined) {
      result.push(header);
    } else if ((same.type ?? 'Exact') !== header.type || header.type !== 'Exact') {
      if (same.type === header.type && same.value === header.value) continue;
      throw new NotCombinable(`header ${name} is matched already`);
    } else if (same.value !== header.value) {
      return undefined;
    }
  }
  return result;
}

/** An HTTPRoute knows no prefix of a header. Anchored, since some routers search and others match the whole value. */
function headerValue(match: TextMatch): { type: string; value: string } {
  switch (match.type) {
    case 'exact':
      return { type: 'Exact', value: match.value };
    case 'prefix':
      return { type: 'RegularExpression', value: `^${match.value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}.*` };
    case 'regex':
      return { type: 'RegularExpression', value: match.value };
  }
}
