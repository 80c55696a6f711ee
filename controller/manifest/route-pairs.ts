import type { KubeObject } from '../kube/types.ts';
import { canonicalJson } from './canonical.ts';

/** Where a rule of an HTTPRoute splits requests between the two Services of a Rollout. Indexes of `backendRefs`. */
export interface RoutePair {
  rule: number;
  stable: number[];
  canary: number[];
}

/** The Services of one Rollout; see RolloutTargets. */
export interface PairServices {
  namespace: string;
  stableService?: string;
  canaryService?: string;
}

/**
 * The rules in which both Services are backends. A rule with only one of them is the user's: a path that always goes to
 * stable, or a header that always goes to the canary.
 */
export function pairsOf(services: PairServices, route: KubeObject): RoutePair[] {
  const { stableService, canaryService } = services;
  if (stableService === undefined || canaryService === undefined || stableService === canaryService) return [];
  return rulesOf(route).flatMap((rule, index) => {
    const backends = backendsOf(rule);
    const named = (name: string): number[] =>
      backends.flatMap((backend, n) => (isService(backend, services.namespace) && backend['name'] === name ? [n] : []));
    const [stable, canary] = [named(stableService), named(canaryService)];
    return stable.length > 0 && canary.length > 0 ? [{ rule: index, stable, canary }] : [];
  });
}

/**
 * The backend in `live` that corresponds to a backend of `desired`, by what the rules say rather than where they stand.
 * `owned` are the positions in the desired rule whose weights a Rollout owns. A live rule counts when it has the wanted
 * backend beside another of these; among such rules the most alike wins: equal but for weights, then the same rule name,
 * then the same matches, then the same position, then the first: all rules of a Rollout carry the same weights.
 */
export function matchingBackend(
  desired: KubeObject,
  live: KubeObject,
  rule: number,
  backend: number,
  owned: readonly number[],
): { rule: number; backend: number } | undefined {
  const wantedRule = rulesOf(desired)[rule];
  const wanted = wantedRule && backendsOf(wantedRule)[backend];
  if (wantedRule === undefined || wanted === undefined) return undefined;
  const names = new Set(owned.map((n) => backendsOf(wantedRule)[n]?.['name']));

  let best: { rule: number; backend: number; score: number } | undefined;
  for (const [index, candidate] of rulesOf(live).entries()) {
    const backends = backendsOf(candidate);
    const at = findBackend(backends, wanted);
    if (at === undefined) continue;
    const shared = [...names].filter((name) => backends.some((ref) => ref['name'] === name)).length;
    // A rule with only one Service of a pair says nothing about how the pair is split.
    if (shared < 2) continue;
    const score = likeness(wantedRule, candidate) * 1000 + Math.min(shared, 99) * 10 + (index === rule ? 1 : 0);
    if (best === undefined || score > best.score) best = { rule: index, backend: at, score };
  }
  return best && { rule: best.rule, backend: best.backend };
}

function findBackend(backends: readonly Fields[], wanted: Fields): number | undefined {
  const key = (ref: Fields): string =>
    canonicalJson([ref['group'] ?? '', ref['kind'] ?? 'Service', ref['namespace'], ref['name'], ref['port']]);
  const exact = backends.findIndex((ref) => key(ref) === key(wanted));
  if (exact >= 0) return exact;
  const named = backends.findIndex((ref) => ref['name'] === wanted['name']);
  return named >= 0 ? named : undefined;
}

function likeness(a: Fields, b: Fields): number {
  if (canonicalJson(withoutWeights(a)) === canonicalJson(withoutWeights(b))) return 3;
  if (typeof a['name'] === 'string' && a['name'] === b['name']) return 2;
  return canonicalJson(a['matches']) === canonicalJson(b['matches']) ? 1 : 0;
}

function withoutWeights(rule: Fields): unknown {
  return { ...rule, backendRefs: backendsOf(rule).map((ref) => ({ ...ref, weight: undefined })) };
}

type Fields = Record<string, unknown>;

function rulesOf(route: KubeObject): Fields[] {
  const spec = fields(route?.['spec']);
  return Array.isArray(spec['rules']) ? spec['rules'].map(fields) : [];
}

function backendsOf(rule: Fields): Fields[] {
  return Array.isArray(rule['backendRefs']) ? rule['backendRefs'].map(fields) : [];
}

function isService(ref: Fields, namespace: string): boolean {
  return (
    (ref['kind'] ?? 'Service') === 'Service' &&
    (ref['group'] ?? '') === '' &&
    (ref['namespace'] ?? namespace) === namespace
  );
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
