import { asInteger, asList, asObject, asText, type Json } from './plain.ts';
import type { ManagedRoute, RequestMatch, TextMatch } from './snapshot.ts';

/** A step that sets or, without a match, removes a managed route. */
export interface RouteStep {
  kind: 'setHeaderRoute' | 'setMirrorRoute';
  name: string;
  /** undefined: the step removes it. */
  route: ManagedRoute | undefined;
}

/** Why a step makes no sense; the field is relative to the step. */
export interface RouteStepProblem {
  kind: 'invalid';
  field: string;
  problem: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** Reads `setHeaderRoute`. All entries of `match` have to match, as with the Gateway API plugin of Argo Rollouts. */
export function parseHeaderRoute(raw: Json): RouteStep | RouteStepProblem {
  const kind = 'setHeaderRoute';
  return parsed(() => {
    const name = nameOf(raw, kind);
    const headers = asList(raw['match']).map((entry, index) => {
      const field = `.${kind}.match[${index}]`;
      const header = asObject(entry);
      const value = textMatch(header?.['headerValue'], `${field}.headerValue`);
      return { name: required(header?.['headerName'], `${field}.headerName`), value };
    });
    refuseTwice(headers, `.${kind}.match`);
    const route: ManagedRoute = { kind: 'header', name, matches: [{ headers }] };
    return { kind, name, route: headers.length === 0 ? undefined : route };
  });
}

/** Reads `setMirrorRoute`. One entry of `match` has to match, with everything that it has. */
export function parseMirrorRoute(raw: Json): RouteStep | RouteStepProblem {
  const kind = 'setMirrorRoute';
  return parsed(() => {
    const name = nameOf(raw, kind);
    const matches = asList(raw['match']).map((entry, index) => mirrorMatch(entry, `.${kind}.match[${index}]`));
    const given = raw['percentage'] ?? 100;
    const percentage = asInteger(given, 0, 100);
    if (percentage === undefined) throw new Invalid(`.${kind}.percentage`, 'write a whole number from 0 to 100');
    const route: ManagedRoute = { kind: 'mirror', name, matches, percentage };
    return { kind, name, route: matches.length === 0 ? undefined : route };
  });
}

function mirrorMatch(raw: unknown, field: string): RequestMatch {
  const entry = asObject(raw) ?? {};
  const given = (name: string): boolean => (entry[name] ?? undefined) !== undefined;
  const headers = Object.entries(asObject(entry['headers']) ?? {}).map(([name, value]) => ({
    name,
    value: textMatch(value, `${field}.headers.${name}`),
  }));
  refuseTwice(headers, `${field}.headers`);
  if (!given('method') && !given('path') && headers.length === 0) {
    throw new Invalid(field, 'write at least one of method, path, headers');
  }
  const match: RequestMatch = { headers };
  if (given('method')) {
    const method = textMatch(entry['method'], `${field}.method`);
    if (method.type !== 'exact' || !METHODS.includes(method.value)) {
      throw new Invalid(
        `${field}.method`,
        `write exact with one of ${METHODS.join(', ')}: an HTTPRoute knows no other`,
      );
    }
    match.method = method.value;
  }
  if (given('path')) {
    match.path = textMatch(entry['path'], `${field}.path`);
    if (match.path.type !== 'regex' && !match.path.value.startsWith('/')) {
      throw new Invalid(`${field}.path.${match.path.type}`, 'must begin with /');
    }
  }
  return match;
}

function textMatch(raw: unknown, field: string): TextMatch {
  const value = asObject(raw);
  const given = (['exact', 'prefix', 'regex'] as const).filter((type) => (value?.[type] ?? '') !== '');
  const [type] = given;
  if (given.length !== 1 || type === undefined) throw new Invalid(field, 'write exactly one of exact, prefix, regex');
  return { type, value: required(value?.[type], `${field}.${type}`) };
}

function nameOf(raw: Json, kind: string): string {
  return required(raw['name'], `.${kind}.name`);
}

function required(value: unknown, field: string): string {
  const text = asText(value) ?? '';
  if (text === '') throw new Invalid(field, 'write a text that is not empty');
  return text;
}

function refuseTwice(headers: readonly { name: string }[], field: string): void {
  const names = headers.map(({ name }) => name.toLowerCase());
  const twice = headers.find(({ name }, index) => names.indexOf(name.toLowerCase()) !== index);
  if (twice !== undefined) throw new Invalid(field, `names header ${twice.name} twice: write it once`);
}

class Invalid extends Error {
  readonly field: string;
  constructor(field: string, problem: string) {
    super(problem);
    this.field = field;
  }
}

function parsed(read: () => RouteStep): RouteStep | RouteStepProblem {
  try {
    return read();
  } catch (error) {
    if (error instanceof Invalid) return { kind: 'invalid', field: error.field, problem: error.message };
    throw error;
  }
}
