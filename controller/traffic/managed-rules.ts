import type { Operation } from 'fast-json-patch';
import { canonicalJson } from '../manifest/canonical.ts';
import { isManagedRule, managedRouteOf, managedRuleName } from '../manifest/managed-rule-names.ts';
import { pairsOf } from '../manifest/route-pairs.ts';
import type { ManagedRoute, ShownRoute } from '../rollout/snapshot.ts';
import type { HttpRoute, HttpRouteRule } from './gateway-api.ts';
import { bothMatches, type HttpRouteMatch, NotCombinable } from './request-matches.ts';

/** Whose managed routes: the Rollout and its two Services. */
export interface ManagedBy {
  rollout: string;
  canaryService: string;
  stableService: string;
}

/**
 * Which of the `candidates` an HTTPRoute has, and which it cannot have. A managed route counts as there when its rules are
 * exactly those that would be made from the rules of the user as they are now, and all managed rules come first.
 */
export function managedIn(
  route: HttpRoute,
  by: ManagedBy,
  candidates: readonly ManagedRoute[],
): { managed: readonly ShownRoute[]; cannot: readonly { key: string; message: string }[] } {
  const rules = route.spec?.rules ?? [];
  const own = rules.filter((rule) => managedRouteOf(rule['name'], by.rollout) !== undefined);
  // Of several Rollouts on one route each has its own in front of the user's, in any order.
  const last = rules.findLastIndex((rule) => managedRouteOf(rule['name'], by.rollout) !== undefined);
  const inFront = rules.slice(0, last + 1).every((rule) => isManagedRule(rule['name']));
  const names = [...new Set(own.map((rule) => managedRouteOf(rule['name'], by.rollout) ?? ''))];
  const made = candidates.map((one) => ({ one, key: canonicalJson(one), rules: rulesFor(route, by, one) }));
  const managed = names.map((name): ShownRoute => {
    const there = own.filter((rule) => managedRouteOf(rule['name'], by.rollout) === name);
    const same = made.find(({ one, rules: wanted }) => one.name === name && isSame(there, wanted));
    return { name, key: inFront ? same?.key : undefined };
  });
  const cannot = made.flatMap(({ key, rules: wanted }) =>
    typeof wanted === 'string' ? [{ key, message: wanted }] : [],
  );
  return { managed, cannot };
}

/**
 * The operations that leave an HTTPRoute with exactly the `wanted` managed routes, in front and in that order; rules of the
 * user are not touched. In front, since of two rules that match a request equally well the first one gets it.
 */
export function managedOperations(route: HttpRoute, by: ManagedBy, wanted: readonly ManagedRoute[]): Operation[] {
  const rules = route.spec?.rules ?? [];
  const old = rules.flatMap((rule, index) => (managedRouteOf(rule['name'], by.rollout) === undefined ? [] : [index]));
  const made = wanted.flatMap((one) => {
    const added = rulesFor(route, by, one);
    if (typeof added === 'string') throw new TypeError(added);
    return added;
  });
  return [
    ...old.reverse().map((index): Operation => ({ op: 'remove', path: `/spec/rules/${index}` })),
    ...made.reverse().map((value): Operation => ({ op: 'add', path: '/spec/rules/0', value })),
  ];
}

/** The rules of one managed route: one for each rule of the user that splits requests; or why there can be none. */
function rulesFor(route: HttpRoute, by: ManagedBy, managed: ManagedRoute): HttpRouteRule[] | string {
  const namespace = route.metadata.namespace ?? '';
  const rules = route.spec?.rules ?? [];
  const sources = pairsOf({ namespace, ...by }, route).filter(
    ({ rule }) => managedRouteOf(rules[rule]?.['name'], by.rollout) === undefined,
  );
  const where = `HTTPRoute ${namespace}/${route.metadata.name}`;
  const made: HttpRouteRule[] = [];
  for (const { rule, canary } of sources) {
    const source = rules[rule] ?? {};
    try {
      const matches = combined(source, managed);
      if (matches.length === 0) continue;
      const name = managedRuleName(by.rollout, managed.name, made.length);
      made.push({ ...ruleOf(source, canary[0] ?? 0, managed), name, matches });
    } catch (error) {
      if (!(error instanceof NotCombinable)) throw error;
      return `${where}: spec.rules[${rule}] cannot carry managed route "${managed.name}": ${error.message}`;
    }
  }
  return made.length > 0
    ? made
    : `${where}: no rule that splits requests can match what managed route "${managed.name}" asks for`;
}

function combined(source: HttpRouteRule, { matches }: ManagedRoute): HttpRouteMatch[] {
  const listed = (source['matches'] ?? []) as HttpRouteMatch[];
  const given: HttpRouteMatch[] = listed.length > 0 ? listed : [{}];
  return given.flatMap((one) =>
    matches.flatMap((wanted): HttpRouteMatch[] => {
      const both = bothMatches(one, wanted);
      return both === undefined ? [] : [both];
    }),
  );
}

/** Filters, timeouts and all else are those of the user's rule. */
function ruleOf(source: HttpRouteRule, canary: number, managed: ManagedRoute): HttpRouteRule {
  const backend = source.backendRefs?.[canary] ?? {};
  switch (managed.kind) {
    case 'header':
      return { ...source, backendRefs: [{ ...backend, weight: 1 }] };
    case 'mirror': {
      const { group = '', kind = 'Service', name, namespace, port } = backend;
      const backendRef = { group, kind, name, port, ...(namespace === undefined ? {} : { namespace }) };
      // Routers that know no percent can still mirror everything.
      const percent = managed.percentage === 100 ? {} : { percent: managed.percentage };
      const filters = Array.isArray(source['filters']) ? source['filters'] : [];
      return { ...source, filters: [...filters, { type: 'RequestMirror', requestMirror: { backendRef, ...percent } }] };
    }
  }
}

/** But for weights, which are written and read apart. */
function isSame(there: readonly HttpRouteRule[], wanted: readonly HttpRouteRule[] | string): boolean {
  const plain = (rules: readonly HttpRouteRule[]): string =>
    canonicalJson(
      rules.map((rule) => ({ ...rule, backendRefs: rule.backendRefs?.map(({ weight: _, ...ref }) => ref) })),
    );
  return typeof wanted !== 'string' && plain(there) === plain(wanted);
}
