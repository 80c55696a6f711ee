import jsonpatch, { type Operation } from 'fast-json-patch';
import type { KubeObject } from '../kube/types.ts';
import { managedRouteOf } from '../manifest/managed-rule-names.ts';
import { pairsOf } from '../manifest/route-pairs.ts';
import type { AdditionalWeight, ManagedRoute, RouteState } from '../rollout/snapshot.ts';
import { managedIn, managedOperations } from './managed-rules.ts';

const { applyPatch } = jsonpatch;

/** A backend that an Experiment gets. */
export interface AdditionalBackend extends AdditionalWeight {
  port: number;
}

/** The kind that carries the split. v1 is the standard channel since Gateway API 1.0. */
export const HTTP_ROUTE = { group: 'gateway.networking.k8s.io', version: 'v1', kind: 'HTTPRoute' } as const;

/** An HTTPRoute as far as Slipway reads it. */
export interface HttpRoute extends KubeObject {
  spec?: { parentRefs?: ParentRef[]; rules?: HttpRouteRule[] };
  status?: { parents?: ParentStatus[] };
}

export interface HttpRouteRule {
  backendRefs?: BackendRef[];
  [field: string]: unknown;
}

export interface BackendRef {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  /** The API server's default is 1. */
  weight?: number;
  [field: string]: unknown;
}

export interface ParentRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name?: string;
  sectionName?: string;
  port?: number;
}

interface ParentStatus {
  parentRef?: ParentRef;
  controllerName?: string;
  conditions?: { type?: string; status?: string; reason?: string; message?: string; observedGeneration?: number }[];
}

/** Where the two Services stand in one managed rule: indexes of the rule and of its backendRefs. */
interface ManagedRule {
  rule: number;
  canary: number;
  stable: number;
  canaryWeight: number;
  stableWeight: number;
}

/**
 * What an HTTPRoute says of the split between two Services of its namespace.
 *
 * Managed are the rules that have both Services as backends. A rule with only one of them (say, a header that sends
 * testers to the canary) is the user's own and never looked at. The pair shares 100 parts in each managed rule; further
 * backends of the rule keep the weight that the user gave them, measured against those 100. Services of Experiments, which
 * the rollout half puts there and takes away, have their part of the 100.
 *
 * @param beside the managed routes that the steps of the Rollout can ask for
 */
export function readRoute(
  route: HttpRoute,
  canaryService: string,
  stableService: string,
  experimentServices: readonly string[] = [],
  beside?: { rollout: string; candidates: readonly ManagedRoute[] },
): RouteState {
  const name = route.metadata.name;
  const managed = managedRules(route, canaryService, stableService, beside?.rollout);
  if (typeof managed === 'string') return { name, state: 'invalid', message: managed };
  const weights = new Set(
    managed.map((rule) => {
      const sum = rule.canaryWeight + rule.stableWeight + sumOf(additionalIn(route, rule.rule, experimentServices));
      return sum === 100 ? rule.canaryWeight : undefined;
    }),
  );
  const [canaryWeight] = weights;
  const additional = managed.map(({ rule }) => additionalIn(route, rule, experimentServices));
  const same = additional.every((one) => JSON.stringify(one) === JSON.stringify(additional[0]));
  return {
    name,
    state: 'present',
    canaryWeight: weights.size === 1 && same ? canaryWeight : undefined,
    ...(additional.flat().length > 0 ? { additional: unionOf(additional) } : {}),
    ...(beside === undefined
      ? {}
      : managedIn(route, { rollout: beside.rollout, canaryService, stableService }, beside.candidates)),
    ...acceptance(route),
  };
}

/**
 * The JSON Patch (RFC 6902) that gives the canary `canaryWeight` percent in every managed rule: only weights of the two
 * Services change, and only if the route is still the one that was read. Empty when the weights are already so. With `beside`
 * it also gives the route these managed routes of the Rollout, and no others.
 *
 * The precondition is a `replace` of resourceVersion, which the API server answers with 409 Conflict when it is stale;
 * a failed `test` would come back as 422, like a mistake in the patch.
 */
export function weightPatch(
  route: HttpRoute,
  canaryService: string,
  stableService: string,
  canaryWeight: number,
  experiments: { wanted: readonly AdditionalBackend[]; known: readonly string[] } = { wanted: [], known: [] },
  beside?: { rollout: string; wanted: readonly ManagedRoute[] },
): Operation[] {
  const stableWeight = 100 - canaryWeight - sumOf(experiments.wanted);
  if (!Number.isInteger(canaryWeight) || canaryWeight < 0 || stableWeight < 0) {
    throw new RangeError(`${canaryWeight} is not a percentage, or leaves less than nothing`);
  }
  const managed = managedRules(route, canaryService, stableService);
  if (typeof managed === 'string') throw new TypeError(managed);
  const operations: Operation[] = [];
  const set = (rule: number, backend: number, value: number): void => {
    // `add` also replaces, so a weight that is missing needs no case of its own.
    if (route.spec?.rules?.[rule]?.backendRefs?.[backend]?.weight === value) return;
    operations.push({ op: 'add', path: `/spec/rules/${rule}/backendRefs/${backend}/weight`, value });
  };
  for (const { rule, canary, stable } of managed) {
    const backends = route.spec?.rules?.[rule]?.backendRefs ?? [];
    const own = (ref: BackendRef): boolean => isExperiment(ref, route, experiments.known);
    const shown = additionalIn(route, rule, experiments.known);
    const names = (weights: readonly AdditionalWeight[]): string =>
      JSON.stringify(weights.map(({ service }) => service).sort());
    if (names(shown) === names(experiments.wanted)) {
      set(rule, canary, canaryWeight);
      set(rule, stable, stableWeight);
      for (const [at, ref] of backends.entries()) {
        if (own(ref)) set(rule, at, experiments.wanted.find(({ service }) => service === ref.name)?.weight ?? 0);
      }
      continue;
    }
    const pair = backends.map((ref, at) =>
      at === canary ? { ...ref, weight: canaryWeight } : at === stable ? { ...ref, weight: stableWeight } : ref,
    );
    const added = experiments.wanted
      .map(({ service, port, weight }) => ({ name: service, port, weight }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const value = [...pair.filter((ref) => !own(ref)), ...added];
    operations.push({ op: 'replace', path: `/spec/rules/${rule}/backendRefs`, value });
  }
  if (beside !== undefined) {
    // Rules that mirror have the weights of those that they come from.
    const weighed = applyPatch(structuredClone(route), structuredClone(operations)).newDocument;
    const by = { rollout: beside.rollout, canaryService, stableService };
    operations.push(...managedOperations(weighed, by, beside.wanted));
  }
  if (operations.length === 0) return [];
  return [{ op: 'replace', path: '/metadata/resourceVersion', value: route.metadata.resourceVersion }, ...operations];
}

/** What the Services of Experiments have in one rule, by name. */
function additionalIn(route: HttpRoute, rule: number, services: readonly string[]): AdditionalWeight[] {
  return (route.spec?.rules?.[rule]?.backendRefs ?? [])
    .filter((ref) => isExperiment(ref, route, services))
    .map((ref) => ({ service: ref.name ?? '', weight: ref.weight ?? 1 }))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

function isExperiment(ref: BackendRef, { metadata }: HttpRoute, services: readonly string[]): boolean {
  return (
    services.includes(ref.name ?? '') &&
    (ref.kind ?? 'Service') === 'Service' &&
    (ref.group ?? '') === '' &&
    (ref.namespace ?? metadata.namespace) === metadata.namespace
  );
}

function sumOf(weights: readonly AdditionalWeight[]): number {
  return weights.reduce((sum, { weight }) => sum + weight, 0);
}

/** Each Service once: rules that disagree are put right as a whole. */
function unionOf(all: readonly AdditionalWeight[][]): AdditionalWeight[] {
  return [...new Map(all.flat().map((one) => [one.service, one])).values()];
}

/**
 * The managed rules, or the message that says why there is none that can be used. Which rules these are is decided in one
 * place for both halves: the sync half must leave the weights alone in exactly these.
 */
function managedRules(
  route: HttpRoute,
  canaryService: string,
  stableService: string,
  rollout?: string,
): ManagedRule[] | string {
  const namespace = route.metadata.namespace ?? '';
  const id = `HTTPRoute ${namespace}/${route.metadata.name}`;
  const found: ManagedRule[] = [];
  for (const { rule, canary, stable } of pairsOf({ namespace, canaryService, stableService }, route)) {
    const [c, s] = [canary[0] as number, stable[0] as number];
    if (canary.length > 1 || stable.length > 1) {
      const twice = canary.length > 1 ? canaryService : stableService;
      return `${id}: spec.rules[${rule}].backendRefs names Service ${twice} more than once; split it into one rule each`;
    }
    const weightOf = (at: number): number => route.spec?.rules?.[rule]?.backendRefs?.[at]?.weight ?? 1;
    found.push({ rule, canary: c, stable: s, canaryWeight: weightOf(c), stableWeight: weightOf(s) });
  }
  const isOwn = ({ rule }: ManagedRule): boolean =>
    rollout !== undefined && managedRouteOf(route.spec?.rules?.[rule]?.['name'], rollout) !== undefined;
  // Those that mirror were made from others, and go with them.
  if (found.some((rule) => !isOwn(rule))) return found;
  return `${id}: no rule has both Services ${canaryService} and ${stableService} in its backendRefs; add both to each rule that is to be split`;
}

/**
 * Whether the routers behind all parents took this very generation. Each parent of the spec needs an answer, and each
 * answer must say Accepted and ResolvedRefs for `metadata.generation`; answers for parents that the spec no longer
 * names are left-overs and are ignored.
 */
function acceptance(route: HttpRoute): { accepted: 'yes' | 'pending' | 'refused'; reason?: string } {
  const namespace = route.metadata.namespace ?? '';
  const parents = route.spec?.parentRefs ?? [];
  if (parents.length === 0) return { accepted: 'refused', reason: 'spec.parentRefs is empty: no Gateway serves it' };
  let pending: string | undefined;
  for (const parent of parents) {
    const id = parentId(parent, namespace);
    const answers = (route.status?.parents ?? []).filter((p) => parentId(p.parentRef ?? {}, namespace) === id);
    if (answers.length === 0) pending ??= `${parent.kind ?? 'Gateway'} ${parent.name} has not answered yet`;
    for (const answer of answers) {
      for (const type of ['Accepted', 'ResolvedRefs']) {
        const condition = answer.conditions?.find((c) => c.type === type);
        const current = condition?.observedGeneration === route.metadata.generation;
        if (condition !== undefined && current && condition.status === 'False') {
          const why = `${condition.reason ?? ''}: ${condition.message ?? ''}`.replace(/\s+/g, ' ').trim();
          return { accepted: 'refused', reason: `${parent.kind ?? 'Gateway'} ${parent.name}: ${type}=False (${why})` };
        }
        if (condition?.status !== 'True' || !current) {
          pending ??= `${parent.kind ?? 'Gateway'} ${parent.name} has not reported ${type} for this generation yet`;
        }
      }
    }
  }
  return pending === undefined ? { accepted: 'yes' } : { accepted: 'pending', reason: pending };
}

function parentId(ref: ParentRef, namespace: string): string {
  return JSON.stringify([
    ref.group ?? HTTP_ROUTE.group,
    ref.kind ?? 'Gateway',
    ref.namespace ?? namespace,
    ref.name,
    ref.sectionName,
    ref.port,
  ]);
}
