import { ARGO_MANAGED_BY_ANNOTATION, MANAGED_BY_ANNOTATION, POD_TEMPLATE_HASH_LABEL } from '../api/names.ts';
import type { KubeObject } from '../kube/types.ts';
import { managedRouteOf } from './managed-rule-names.ts';
import { matchingBackend, pairsOf } from './route-pairs.ts';

/**
 * One writer per field. Server-side apply alone cannot give a weight or a selector key to one writer and the rest of the
 * object to another, since `Service.spec.selector` is an atomic map and the lists of an HTTPRoute are atomic. So this file
 * is the one place that says which paths the rollout half owns; the sync half takes the live values in at them, and the
 * rollout half writes nothing else. docs/reference/field-ownership.md is the same in words.
 */

/** What a Rollout mentions of Services and routes. All of them are in its own namespace. */
export interface RolloutTargets {
  namespace: string;
  name: string;
  stableService?: string;
  canaryService?: string;
  activeService?: string;
  previewService?: string;
  /** The Deployment whose pods it takes. */
  deployment?: string;
  httpRoutes: readonly string[];
  /** Services of its Experiments that it may have put into the routes beside its own two. */
  experimentServices?: readonly string[];
}

/** The Services whose selector the Rollout writes. */
export function servicesOf(targets: RolloutTargets): string[] {
  const { stableService, canaryService, activeService, previewService } = targets;
  return [canaryService, stableService, activeService, previewService].filter((name) => name !== undefined);
}

/**
 * RFC 6901; one that ends in a name instead of a position is what only the live object has: the backend with the name of that
 * Service, or the rules for managed routes of that Rollout.
 */
export type JsonPointer = string;

/** The paths in `object` that a Rollout owns; empty for what no Rollout mentions. Total on rubbish. */
export function ownedPaths(rollouts: readonly RolloutTargets[], object: KubeObject): JsonPointer[] {
  const namespace = object?.metadata?.namespace;
  const name = object?.metadata?.name;
  const here = rollouts.filter((rollout) => rollout.namespace === namespace);
  if (object?.kind === 'Service' && object.apiVersion === 'v1') {
    const named = here.some((rollout) => servicesOf(rollout).includes(name));
    return named ? SERVICE_PATHS : [];
  }
  if (object?.kind === 'Deployment' && object.apiVersion === 'apps/v1') {
    return here.some((rollout) => rollout.deployment === name) ? ['/spec/replicas'] : [];
  }
  if (object?.kind === 'HTTPRoute' && String(object.apiVersion).startsWith('gateway.networking.k8s.io/')) {
    const pointers = new Set<JsonPointer>();
    for (const rollout of here.filter(({ httpRoutes }) => httpRoutes.includes(name))) {
      for (const { rule, stable, canary } of pairsOf(rollout, object)) {
        for (const backend of [...stable, ...canary]) pointers.add(`/spec/rules/${rule}/backendRefs/${backend}/weight`);
        for (const service of rollout.experimentServices ?? []) {
          pointers.add(`/spec/rules/${rule}/backendRefs/${service}`);
        }
        pointers.add(`/spec/rules/${escapeToken(rollout.name)}`);
      }
    }
    return [...pointers];
  }
  return [];
}

/**
 * `desired` with the live values taken in at `pointers`, which are paths of `desired`. A value that is absent in the live
 * object becomes absent. Routes are matched by content, not by position, so that a commit which adds a rule moves no weight;
 * where nothing live corresponds, and when there is no live object yet, Git's value stands. Neither argument is changed.
 */
export function adoptOwned<T extends KubeObject>(
  desired: T,
  live: KubeObject | undefined,
  pointers: readonly JsonPointer[],
): T {
  if (live === undefined) return desired;
  const paths = pointers.map(parsePointer);
  let result: unknown = desired;
  for (const path of paths) {
    const extra = extraBackend(path);
    if (extra !== undefined) {
      result = withExtra(result as T, live, extra, paths);
      continue;
    }
    if (managedBy(path) !== undefined) continue;
    const source = livePath(desired, live, path, paths);
    if (source !== undefined) result = write(result, path, read(live, source));
  }
  // They stand in front, so all positions come before.
  for (const rollout of paths.flatMap((path) => managedBy(path) ?? [])) result = withManaged(result, live, rollout);
  return result as T;
}

const SERVICE_PATHS: JsonPointer[] = [
  `/spec/selector/${escapeToken(POD_TEMPLATE_HASH_LABEL)}`,
  `/metadata/annotations/${escapeToken(MANAGED_BY_ANNOTATION)}`,
  `/metadata/annotations/${escapeToken(ARGO_MANAGED_BY_ANNOTATION)}`,
];

/** The Rollout that `/spec/rules/<rollout>` speaks of. */
function managedBy(path: readonly string[]): string | undefined {
  const [spec, rules, rollout, ...rest] = path;
  return spec === 'spec' && rules === 'rules' && rest.length === 0 ? rollout : undefined;
}

/** With the rules for managed routes that the live object has, and no others. */
function withManaged(desired: unknown, live: KubeObject, rollout: string): unknown {
  const isOwn = (rule: unknown): boolean => managedRouteOf(read(rule, ['name']), rollout) !== undefined;
  const path = ['spec', 'rules'];
  const [there, rules] = [listAt(live, path).filter(isOwn), listAt(desired, path)];
  if (there.length === 0 && !rules.some(isOwn)) return desired;
  return write(desired, path, [...there, ...rules.filter((rule) => !isOwn(rule))]);
}

/** The rule and the Service that `/spec/rules/<rule>/backendRefs/<service>` speaks of. */
function extraBackend(path: readonly string[]): { rule: number; service: string } | undefined {
  const [spec, rules, rule, backendRefs, service = '', ...rest] = path;
  if (spec !== 'spec' || rules !== 'rules' || backendRefs !== 'backendRefs' || rest.length > 0) return undefined;
  return /^\d*$/.test(service) ? undefined : { rule: Number(rule), service };
}

/** With the backend that the live rule has and Git does not know, at the end. */
function withExtra<T extends KubeObject>(
  desired: T,
  live: KubeObject,
  { rule, service }: { rule: number; service: string },
  all: readonly (readonly string[])[],
): T {
  const owned = all.map(weightPosition).flatMap((other) => (other?.rule === rule ? [other.backend] : []));
  const match = matchingBackend(desired, live, rule, owned[0] ?? 0, owned);
  const named = (backend: unknown): boolean => read(backend, ['name']) === service;
  const there = match && listAt(live, ['spec', 'rules', String(match.rule), 'backendRefs']).find(named);
  const path = ['spec', 'rules', String(rule), 'backendRefs'];
  const backends = listAt(desired, path);
  if (there === undefined || backends.some(named)) return desired;
  return write(desired, path, [...backends, there]) as T;
}

function listAt(object: unknown, path: readonly string[]): readonly unknown[] {
  const list = read(object, path);
  return Array.isArray(list) ? list : [];
}

/** Where the live object keeps what `desired` has at `path`. */
function livePath(
  desired: KubeObject,
  live: KubeObject,
  path: readonly string[],
  all: readonly (readonly string[])[],
): readonly string[] | undefined {
  const at = weightPosition(path);
  if (at === undefined) return path;
  const owned = all.map(weightPosition).flatMap((other) => (other?.rule === at.rule ? [other.backend] : []));
  const match = matchingBackend(desired, live, at.rule, at.backend, owned);
  return match && ['spec', 'rules', String(match.rule), 'backendRefs', String(match.backend), 'weight'];
}

/** The rule and backend that `/spec/rules/<rule>/backendRefs/<backend>/weight` speaks of. */
function weightPosition(path: readonly string[]): { rule: number; backend: number } | undefined {
  const [spec, rules, rule, backendRefs, backend, weight, ...rest] = path;
  if (spec !== 'spec' || rules !== 'rules' || backendRefs !== 'backendRefs' || weight !== 'weight') return undefined;
  return rest.length > 0 ? undefined : { rule: Number(rule), backend: Number(backend) };
}

export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The tokens of a pointer; the root is `[]`. */
export function parsePointer(pointer: JsonPointer): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const token of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, token)) return undefined;
    here = (here as Record<string, unknown>)[token];
  }
  return here;
}

/** A copy with `value` at `path` (undefined removes it); missing parents are made only for a value. */
function write(target: unknown, path: readonly string[], value: unknown): unknown {
  const [token, ...rest] = path;
  if (token === undefined) return value;
  if (Array.isArray(target)) {
    const index = Number(token);
    return Number.isInteger(index) && index >= 0 && index < target.length
      ? target.with(index, write(target[index], rest, value))
      : target;
  }
  if (target === undefined || target === null) return value === undefined ? target : nest(path, value);
  if (typeof target !== 'object') return target;
  const has = Object.hasOwn(target, token);
  if (!has && value === undefined) return target;
  const next = write(has ? (target as Record<string, unknown>)[token] : undefined, rest, value);
  const entries = Object.entries(target).filter(([key]) => key !== token);
  // A definition, not an assignment, so that a key called __proto__ stays a key.
  return Object.fromEntries(next === undefined ? entries : [...entries, [token, next]]);
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, token) => Object.fromEntries([[token, inner]]), value);
}
