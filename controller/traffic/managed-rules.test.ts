import jsonpatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../manifest/canonical.ts';
import type { ManagedRoute, RequestMatch } from '../rollout/snapshot.ts';
import { type HttpRoute, type HttpRouteRule, readRoute, weightPatch } from './gateway-api.ts';
import { bothMatches } from './request-matches.ts';

const ROOT = { path: { type: 'PathPrefix', value: '/' } };
const backends = (canary: number) => [
  { group: '', kind: 'Service', name: 'canary', port: 80, weight: canary },
  { group: '', kind: 'Service', name: 'stable', port: 80, weight: 100 - canary },
];
const split: HttpRouteRule = { matches: [ROOT], backendRefs: backends(10), timeouts: { request: '9s' } };
const testers: HttpRouteRule = {
  name: 'slipway.other.beta.0',
  matches: [{ ...ROOT, headers: [{ type: 'Exact', name: 'tester', value: 'yes' }] }],
  backendRefs: [{ name: 'canary', port: 80 }],
};
const routeOf = (...rules: HttpRouteRule[]): HttpRoute => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'fraud', namespace: 'ml', resourceVersion: '41' },
  spec: { parentRefs: [{ name: 'gw' }], rules },
});
const BETA: ManagedRoute = {
  kind: 'header',
  name: 'beta',
  matches: [{ headers: [{ name: 'agent', value: { type: 'prefix', value: 'a+b' } }] }],
};
const COPY: ManagedRoute = {
  kind: 'mirror',
  name: 'copy',
  percentage: 25,
  matches: [{ headers: [], method: 'POST', path: { type: 'prefix', value: '/v1' } }],
};
const ALL = [BETA, COPY];
const write = (route: HttpRoute, wanted: readonly ManagedRoute[], weight = 10): HttpRoute => {
  const none = { wanted: [], known: [] };
  const patch = weightPatch(route, 'canary', 'stable', weight, none, { rollout: 'fraud', wanted });
  return jsonpatch.applyPatch(structuredClone(route), patch).newDocument;
};
const read = (route: HttpRoute, candidates: readonly ManagedRoute[] = ALL) =>
  readRoute(route, 'canary', 'stable', [], { rollout: 'fraud', candidates });
const keys = (...routes: ManagedRoute[]) => routes.map((one) => ({ name: one.name, key: canonicalJson(one) }));

describe('managed routes of an HTTPRoute', () => {
  it('are rules in front, made from the rules that split; the rest of the rules stays', () => {
    const route = write(routeOf(testers, split), ALL, 30);
    const mirror = { backendRef: { group: '', kind: 'Service', name: 'canary', port: 80 }, percent: 25 };
    expect(route.spec?.rules).toEqual([
      {
        name: 'slipway.fraud.beta.0',
        matches: [{ ...ROOT, headers: [{ name: 'agent', type: 'RegularExpression', value: '^a\\+b.*' }] }],
        backendRefs: [{ group: '', kind: 'Service', name: 'canary', port: 80, weight: 1 }],
        timeouts: { request: '9s' },
      },
      {
        name: 'slipway.fraud.copy.0',
        matches: [{ path: { type: 'PathPrefix', value: '/v1' }, method: 'POST' }],
        filters: [{ type: 'RequestMirror', requestMirror: mirror }],
        backendRefs: backends(30),
        timeouts: { request: '9s' },
      },
      testers,
      { ...split, backendRefs: backends(30) },
    ]);
    expect(read(route)).toMatchObject({ state: 'present', canaryWeight: 30, managed: keys(BETA, COPY) });
  });

  it('are written and removed without a trace, and only once', () => {
    const before = routeOf(testers, split);
    const route = write(before, ALL);
    expect(write(write(route, ALL), ALL)).toEqual(route);
    expect(write(route, [])).toEqual(before);
    expect(read(write(route, [COPY]))).toMatchObject({ managed: keys(COPY) });
  });

  it('stay where they are beside those of another Rollout of the route', () => {
    const route = write(routeOf(split), ALL);
    const both = { ...route, spec: { ...route.spec, rules: [testers, ...(route.spec?.rules ?? [])] } };
    expect(read(both)).toMatchObject({ managed: keys(BETA, COPY) });
    const behind = { ...route, spec: { ...route.spec, rules: [split, ...(route.spec?.rules ?? [])] } };
    expect(read(behind)).toMatchObject({ managed: [{ key: undefined }, { key: undefined }] });
  });

  it('that mirror follow the weight', () => {
    const route = write(write(routeOf(split), [COPY], 10), [COPY], 60);
    expect(route.spec?.rules?.map(({ backendRefs }) => backendRefs)).toEqual([backends(60), backends(60)]);
  });

  it.each<[string, (rules: HttpRouteRule[]) => HttpRouteRule[]]>([
    ['changed by somebody', ([beta, ...rest]) => [{ ...beta, backendRefs: backends(50) }, ...rest]],
    ['made from a rule that is another now', ([beta, rule]) => [beta ?? {}, { ...rule, timeouts: { request: '1s' } }]],
    ['behind a rule of the user', ([beta, rule]) => [rule ?? {}, beta ?? {}]],
  ])('count for nothing when %s', (_, change) => {
    const route = write(routeOf(split), [BETA]);
    const changed = routeOf(...change(route.spec?.rules ?? []));
    expect(read(changed)).toMatchObject({ managed: [{ name: 'beta', key: undefined }] });
    expect(read(write(changed, [BETA]))).toMatchObject({ managed: keys(BETA) });
  });

  it('say what an HTTPRoute cannot ask for', () => {
    const regex = { ...split, matches: [{ path: { type: 'RegularExpression', value: '/a.*' } }] };
    const { cannot } = read(routeOf(regex), [COPY]) as { cannot?: { message: string }[] };
    expect(cannot?.[0]?.message).toBe(
      'HTTPRoute ml/fraud: spec.rules[0] cannot carry managed route "copy": path RegularExpression /a.* cannot be matched together with path PathPrefix /v1',
    );
    expect(read(write(routeOf(split), ALL), ALL)).toMatchObject({ cannot: [] });
  });

  it('are no rules to split by', () => {
    const [mirror] = write(routeOf(split), [COPY]).spec?.rules ?? [];
    expect(read(routeOf(mirror ?? {}))).toMatchObject({ state: 'invalid' });
  });
});

describe('a request that meets two matches', () => {
  const path = (type: string, value: string) => ({ path: { type, value } });
  const wanted = (type: 'exact' | 'prefix' | 'regex', value: string): RequestMatch => ({
    headers: [],
    path: { type, value },
  });
  it.each([
    [path('PathPrefix', '/'), wanted('regex', '/a.*'), path('RegularExpression', '/a.*')],
    [path('PathPrefix', '/a'), wanted('prefix', '/a/b'), path('PathPrefix', '/a/b')],
    [path('PathPrefix', '/a/b'), wanted('prefix', '/a/'), path('PathPrefix', '/a/b')],
    [path('PathPrefix', '/a'), wanted('exact', '/a'), path('Exact', '/a')],
    [path('Exact', '/a/b'), wanted('prefix', '/a'), path('Exact', '/a/b')],
    [path('PathPrefix', '/a'), wanted('prefix', '/ab'), undefined],
    [path('Exact', '/a'), wanted('exact', '/b'), undefined],
    [path('Exact', '/a'), wanted('prefix', '/a/b'), undefined],
    [{ ...ROOT, method: 'GET' }, { headers: [], method: 'POST' }, undefined],
  ])('%j and %j', (given, asked, both) => {
    expect(bothMatches(given, asked)).toEqual(both);
  });

  it('keeps a header that both want, and is none when they want other values', () => {
    const given = { ...ROOT, headers: [{ type: 'Exact', name: 'Agent', value: 'x' }] };
    const agent = (value: string): RequestMatch => ({ headers: [{ name: 'agent', value: { type: 'exact', value } }] });
    expect(bothMatches(given, agent('x'))).toEqual(given);
    expect(bothMatches(given, agent('y'))).toBeUndefined();
    const regex: RequestMatch = { headers: [{ name: 'agent', value: { type: 'regex', value: '.' } }] };
    expect(() => bothMatches(given, regex)).toThrow('header agent is matched already');
  });
});
