import { readFileSync } from 'node:fs';
import { isKubeError } from '../../controller/kube/errors.ts';
import type { KubeObject } from '../../controller/kube/types.ts';
import { parseYaml } from '../../controller/manifest/yaml-profile.ts';
import type { Random } from '../../controller/platform/random.ts';
import type { FieldDifference } from '../../controller/sync/local-diff/difference.ts';

const FILE = 'test/fixtures/diff/objects.yaml';

/** Objects of many kinds; those of namespaced kinds have no namespace yet. */
export function manifests(): KubeObject[] {
  return parseYaml(readFileSync(FILE, 'utf8'), FILE).map(({ value }) => value as KubeObject);
}

/** An object with one change, and what that is. */
export interface Change {
  object: KubeObject;
  what: string;
}

/** What says which object it is, and what the API server writes. */
const UNTOUCHED: ReadonlySet<string> = new Set([
  '.apiVersion',
  '.kind',
  '.status',
  ...['creationTimestamp', 'generation', 'managedFields', 'name', 'namespace', 'resourceVersion', 'uid'].map(
    (field) => `.metadata.${field}`,
  ),
]);

/** One random change of one random field: another value, an empty one, null, another type, another order, or none. */
export function changed(object: KubeObject, random: Random): Change {
  const copy = structuredClone(object);
  const places: { of: Record<string, unknown>; name: string; path: string }[] = [];
  const walk = (of: Record<string, unknown>, path: string): void => {
    for (const [name, value] of Object.entries(of)) {
      const here = `${path}.${name}`;
      if (UNTOUCHED.has(here)) continue;
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>, here);
      if (here !== '.metadata') places.push({ of, name, path: here });
    }
  };
  walk(copy as unknown as Record<string, unknown>, '');
  const pick = (n: number): number => Math.floor(random() * n);
  const place = places[pick(places.length)];
  if (place === undefined) throw new Error('nothing to change');
  const { of, name, path } = place;
  const before = of[name];
  const how = pick(5);
  if (how === 4 && !Array.isArray(of)) delete of[name];
  else of[name] = anotherValue(before, how);
  return { object: copy, what: `${object.kind} ${path}: ${JSON.stringify(before)} -> ${JSON.stringify(of[name])}` };
}

function anotherValue(value: unknown, how: number): unknown {
  if (Array.isArray(value)) return [[], [...value].reverse(), value.slice(1), null, [...value]][how];
  switch (typeof value) {
    case 'string':
      return how === 0 ? '' : how === 1 ? null : `${value}x`;
    case 'number':
      return [0, null, String(value)][how] ?? value + 1;
    case 'boolean':
      return how === 1 ? null : !value;
    default:
      return how < 2 ? {} : null;
  }
}

/** The answer to a request, or undefined when the API server refuses what it was given: a list with keys that makes no sense is a 500. */
export function unlessRefused<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (isKubeError(error) && error.status > 0) return undefined;
    throw error;
  });
}

/** The order in which lists with keys stand is no difference without a cluster, but that of init containers. */
const OF_NO_ORDER = /(?<!initContainers) \(order\)$/;

/** What the API server says and what is said without it, if one says that there is a difference and the other does not. */
export function disagreement(
  what: string,
  predicted: readonly FieldDifference[],
  here: readonly FieldDifference[],
): string[] {
  const [server, local] = [predicted, here].map((found) => found.filter(({ path }) => !OF_NO_ORDER.test(path)));
  if ((server ?? []).length > 0 === (local ?? []).length > 0) return [];
  const paths = (found: readonly FieldDifference[]): string =>
    found.map(({ change, path }) => `${change} ${path}`).join(', ');
  return [`${what}\n  server: ${paths(predicted)}\n  here: ${paths(here)}`];
}
