import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/types.ts';
import { adoptOwned, ownedPaths, type RolloutTargets } from './owned-paths.ts';

const rollout: RolloutTargets = {
  namespace: 'demo',
  name: 'fraud',
  stableService: 'fraud-stable',
  canaryService: 'fraud-canary',
  httpRoutes: ['fraud'],
};

const service = (name: string, selector: Record<string, string>, extra: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'demo', ...extra },
  spec: { selector },
});

interface Rule {
  name?: string;
  matches?: unknown;
  timeouts?: unknown;
  backendRefs: { name: string; port?: number; weight?: number }[];
}
const route = (...rules: Rule[]): KubeObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'fraud', namespace: 'demo' },
  spec: { rules },
});
const pair = (stable?: number, canary?: number) => [
  { name: 'fraud-stable', port: 80, ...(stable === undefined ? {} : { weight: stable }) },
  { name: 'fraud-canary', port: 80, ...(canary === undefined ? {} : { weight: canary }) },
];
const adopt = (desired: KubeObject, live: KubeObject | undefined) =>
  adoptOwned(desired, live, ownedPaths([rollout], desired));

describe('a Service of a Rollout', () => {
  it('keeps the hash and the annotation of the live object, and follows Git in the rest', () => {
    const live = service(
      'fraud-canary',
      { app: 'fraud', 'rollouts-pod-template-hash': 'abc' },
      { annotations: { 'slipway.dev/managed-by-rollout': 'fraud' } },
    );
    const desired = service('fraud-canary', { app: 'fraud', tier: 'new' });
    expect(adopt(desired, live)).toEqual(
      service(
        'fraud-canary',
        { app: 'fraud', tier: 'new', 'rollouts-pod-template-hash': 'abc' },
        { annotations: { 'slipway.dev/managed-by-rollout': 'fraud' } },
      ),
    );
  });

  it('drops a hash that stands in Git but not in the cluster', () => {
    const desired = service('fraud-stable', { app: 'fraud', 'rollouts-pod-template-hash': 'old' });
    expect(adopt(desired, service('fraud-stable', { app: 'fraud' }))).toEqual(
      service('fraud-stable', { app: 'fraud' }),
    );
  });

  it('of the blue-green kind is the same', () => {
    const blueGreen = {
      namespace: 'demo',
      name: 'fraud',
      activeService: 'active',
      previewService: 'preview',
      httpRoutes: [],
    };
    for (const name of ['active', 'preview']) {
      expect(ownedPaths([blueGreen], service(name, {}))).toContain('/spec/selector/rollouts-pod-template-hash');
    }
  });

  it('leaves the number of pods of the Deployment that it drains to the Rollout', () => {
    const drains = { namespace: 'demo', name: 'fraud', deployment: 'old', httpRoutes: [] };
    const deployment = (name: string, replicas: number): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'demo' },
      spec: { replicas },
    });
    const desired = deployment('old', 3);
    expect(adoptOwned(desired, deployment('old', 0), ownedPaths([drains], desired))).toEqual(deployment('old', 0));
    expect(ownedPaths([drains], deployment('other', 3))).toEqual([]);
  });

  it("is Git's alone when no Rollout in its namespace names it", () => {
    expect(ownedPaths([rollout], service('other', {}))).toEqual([]);
    expect(ownedPaths([{ ...rollout, namespace: 'elsewhere' }], service('fraud-stable', {}))).toEqual([]);
  });
});

describe('an HTTPRoute of a Rollout', () => {
  it('keeps the managed rules of its Rollout in front, as they are, whatever Git changes; and no others', () => {
    const beta = { name: 'slipway.fraud.beta.0', backendRefs: [{ name: 'fraud-canary', port: 80, weight: 1 }] };
    const copy = { name: 'slipway.fraud.copy.0', backendRefs: pair(70, 30) };
    const stranger = { name: 'slipway.other.beta.0', backendRefs: [{ name: 'other', port: 80 }] };
    const live = route(beta, copy, stranger, { backendRefs: pair(70, 30) });
    const own = { backendRefs: [{ name: 'own', port: 80 }] };
    expect(adopt(route(own, { backendRefs: pair(100, 0) }), live)).toEqual(
      route(beta, copy, own, { backendRefs: pair(70, 30) }),
    );
    // Somebody committed what the cluster had.
    expect(adopt(live, route({ backendRefs: pair(70, 30) }))).toEqual(route(stranger, { backendRefs: pair(70, 30) }));
  });

  it('takes the first weights from Git', () => {
    expect(adopt(route({ backendRefs: pair(100, 0) }), undefined)).toEqual(route({ backendRefs: pair(100, 0) }));
  });

  it('keeps live weights while a commit adds a timeout', () => {
    const desired = route({ timeouts: { request: '5s' }, backendRefs: pair(100, 0) });
    expect(adopt(desired, route({ backendRefs: pair(70, 30) }))).toEqual(
      route({ timeouts: { request: '5s' }, backendRefs: pair(70, 30) }),
    );
  });

  it('keeps live weights when a commit adds a rule before, which gets the same split', () => {
    const live = route({ matches: 'a', backendRefs: pair(70, 30) });
    const desired = route({ matches: 'new', backendRefs: pair(100, 0) }, { matches: 'a', backendRefs: pair() });
    expect(adopt(desired, live)).toEqual(
      route({ matches: 'new', backendRefs: pair(70, 30) }, { matches: 'a', backendRefs: pair(70, 30) }),
    );
  });

  it('does not mind the order of backends', () => {
    const desired = route({ backendRefs: pair(100, 0).reverse() });
    expect(adopt(desired, route({ backendRefs: pair(70, 30) }))).toEqual(
      route({ backendRefs: pair(70, 30).reverse() }),
    );
  });

  it('leaves rules with one of the Services, and other backends, to Git', () => {
    const live = route(
      { name: 'pinned', backendRefs: [{ name: 'fraud-stable', weight: 1 }] },
      { backendRefs: [...pair(70, 30), { name: 'shadow', weight: 9 }] },
    );
    const desired = route(
      { name: 'pinned', backendRefs: [{ name: 'fraud-stable', weight: 5 }] },
      { backendRefs: [...pair(100, 0), { name: 'shadow', weight: 3 }] },
    );
    expect(adopt(desired, live)).toEqual(
      route(
        { name: 'pinned', backendRefs: [{ name: 'fraud-stable', weight: 5 }] },
        { backendRefs: [...pair(70, 30), { name: 'shadow', weight: 3 }] },
      ),
    );
  });

  it('takes the split from a rule with both Services, never from one that is pinned to stable', () => {
    const live = route({ backendRefs: [{ name: 'fraud-stable', port: 80, weight: 1 }] }, { backendRefs: pair(70, 30) });
    const desired = route({ backendRefs: pair(100, 0) });
    expect(adopt(desired, live)).toEqual(route({ backendRefs: pair(70, 30) }));
  });

  it('lets Git decide where nothing live is split between the two', () => {
    const live = route({ backendRefs: [{ name: 'fraud-stable', port: 80, weight: 7 }] });
    expect(adopt(route({ backendRefs: pair(90, 10) }), live)).toEqual(route({ backendRefs: pair(90, 10) }));
  });

  it('keeps two Rollouts of one route apart', () => {
    const other = { ...rollout, name: 'spam', stableService: 'spam-stable', canaryService: 'spam-canary' };
    const spam = (a: number, b: number) => [
      { name: 'spam-stable', weight: a },
      { name: 'spam-canary', weight: b },
    ];
    const live = route({ backendRefs: pair(70, 30) }, { backendRefs: spam(10, 90) });
    const desired = route({ backendRefs: spam(100, 0) }, { backendRefs: pair(100, 0) });
    expect(adoptOwned(desired, live, ownedPaths([rollout, other], desired))).toEqual(
      route({ backendRefs: spam(10, 90) }, { backendRefs: pair(70, 30) }),
    );
  });
});

describe('properties', () => {
  const weight = fc.integer({ min: 0, max: 100 });
  const rule = fc.record({
    matches: fc.string(),
    backendRefs: fc
      .tuple(weight, fc.boolean(), fc.boolean())
      .map(([w, extra, both]) => [
        ...(both ? pair(100 - w, w) : pair(100 - w, w).slice(0, 1)),
        ...(extra ? [{ name: 'shadow', weight: w }] : []),
      ]),
  });
  const routes = fc.array(rule, { maxLength: 4 }).map((rules) => route(...(rules as Rule[])));
  const weightless = (object: KubeObject) =>
    JSON.parse(JSON.stringify(object), (key, value) => (key === 'weight' ? undefined : value));

  it('changes nothing but owned weights, and is stable under repetition', () => {
    fc.assert(
      fc.property(routes, routes, (desired, live) => {
        const before = structuredClone(desired);
        const once = adopt(desired, live);
        expect(desired).toEqual(before);
        expect(weightless(once)).toEqual(weightless(desired));
        expect(adopt(once, live)).toEqual(once);
        expect(adopt(once, once)).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on rubbish', () => {
    const rubbish = fc.anything().map((spec) => ({ ...route(), spec }) as KubeObject);
    const rules = fc
      .anything()
      .map((inner) => ({ ...route(), spec: { rules: [{ backendRefs: inner }, inner, ...pair()] } }) as KubeObject);
    const anything = fc.oneof(rubbish, rules, routes, fc.anything() as fc.Arbitrary<KubeObject>);
    fc.assert(
      fc.property(anything, anything, (desired, live) => {
        adoptOwned(desired, live, [
          ...ownedPaths([rollout], desired),
          '/spec/selector/x',
          '/metadata/annotations/a~1b',
          '',
        ]);
      }),
    );
  });
});

describe('a route with the backends of an Experiment', () => {
  const testing = { ...rollout, experimentServices: ['exp-a', 'exp-gone'] };
  const adoptTesting = (desired: KubeObject, live: KubeObject) =>
    adoptOwned(desired, live, ownedPaths([testing], desired));
  const extra = { name: 'exp-a', port: 8080, weight: 10 };

  it('keeps them while the Rollout has them, and follows Git in the rest', () => {
    const live = route({ backendRefs: [...pair(70, 20), extra] });
    const desired = route(
      { name: 'new', backendRefs: [{ name: 'other' }] },
      { timeouts: { request: '5s' }, backendRefs: pair(100, 0) },
    );
    expect(adoptTesting(desired, live)).toEqual(
      route(
        { name: 'new', backendRefs: [{ name: 'other' }] },
        { timeouts: { request: '5s' }, backendRefs: [...pair(70, 20), extra] },
      ),
    );
  });

  it('loses what no Experiment of the Rollout is behind', () => {
    const live = route({ backendRefs: [...pair(70, 20), { name: 'stranger', port: 80, weight: 10 }] });
    expect(adoptTesting(route({ backendRefs: pair(100, 0) }), live)).toEqual(route({ backendRefs: pair(70, 20) }));
  });
});
