import fc from 'fast-check';
import jsonpatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { type BackendRef, type HttpRoute, readRoute, weightPatch } from './gateway-api.ts';

const { applyPatch } = jsonpatch;

function route(rules: BackendRef[][], overrides: Partial<HttpRoute> = {}): HttpRoute {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'fraud', namespace: 'ml', resourceVersion: '41', generation: 3 },
    spec: {
      parentRefs: [{ name: 'gw' }],
      rules: rules.map((backendRefs) => ({ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs })),
    },
    status: { parents: [answer('gw', 3)] },
    ...overrides,
  };
}

function answer(name: string, observedGeneration: number, accepted = 'True', resolved = 'True') {
  return {
    parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name, namespace: 'ml' },
    controllerName: 'example.com/gateway',
    conditions: [
      { type: 'Accepted', status: accepted, reason: 'R1', message: 'about\nacceptance', observedGeneration },
      { type: 'ResolvedRefs', status: resolved, reason: 'R2', message: 'about refs', observedGeneration },
    ],
  };
}

const pair = (canary?: number, stable?: number): BackendRef[] => [
  { name: 'canary', port: 80, ...(canary === undefined ? {} : { weight: canary }) },
  { kind: 'Service', group: '', name: 'stable', port: 80, ...(stable === undefined ? {} : { weight: stable }) },
];
const read = (r: HttpRoute) => readRoute(r, 'canary', 'stable');

describe('reading the split of an HTTPRoute', () => {
  it('reports the weight and that the Gateway accepted it', () => {
    expect(read(route([pair(20, 80)]))).toEqual({ name: 'fraud', state: 'present', canaryWeight: 20, accepted: 'yes' });
  });

  it('reports no weight when two rules disagree', () => {
    expect(read(route([pair(20, 80), pair(0, 100)]))).toMatchObject({ state: 'present', canaryWeight: undefined });
  });

  it('reports no weight when the pair does not share 100 parts', () => {
    expect(read(route([pair(), pair(1, 1)]))).toMatchObject({ state: 'present', canaryWeight: undefined });
  });

  it('ignores rules that have only one of the Services, and Services of other namespaces and kinds', () => {
    const testers = [{ name: 'canary', weight: 1 }];
    const foreign = [
      { name: 'canary', namespace: 'other', weight: 7 },
      { name: 'stable', weight: 3 },
    ];
    const imported = [
      { name: 'canary', kind: 'ServiceImport', group: 'x', weight: 7 },
      { name: 'stable', weight: 3 },
    ];
    expect(read(route([testers, foreign, imported, pair(10, 90)]))).toMatchObject({ canaryWeight: 10 });
  });

  it('names both Services and the remedy when no rule has both', () => {
    expect(read(route([[{ name: 'stable' }]]))).toEqual({
      name: 'fraud',
      state: 'invalid',
      message:
        'HTTPRoute ml/fraud: no rule has both Services canary and stable in its backendRefs; add both to each rule that is to be split',
    });
  });

  it('refuses a rule that names one Service twice, because its share would be ambiguous', () => {
    expect(read(route([[...pair(10, 90), { name: 'canary', port: 81, weight: 5 }]]))).toMatchObject({
      state: 'invalid',
      message: expect.stringContaining('spec.rules[0].backendRefs names Service canary more than once'),
    });
  });

  it('survives an object without spec and status', () => {
    const { spec: _, status: __, ...bare } = route([]);
    expect(read(bare as HttpRoute)).toMatchObject({ state: 'invalid' });
  });
});

describe('acceptance by the router', () => {
  const accepted = (overrides: Partial<HttpRoute>) => {
    const state = read(route([pair(20, 80)], overrides));
    return state.state === 'present' ? { accepted: state.accepted, reason: state.reason } : state;
  };

  it('is pending until the status speaks of this generation', () => {
    expect(accepted({ status: { parents: [answer('gw', 2)] } })).toEqual({
      accepted: 'pending',
      reason: 'Gateway gw has not reported Accepted for this generation yet',
    });
  });

  it('is pending while any of several parents has not answered', () => {
    const spec = { ...route([pair(20, 80)]).spec, parentRefs: [{ name: 'gw' }, { name: 'edge', sectionName: 'web' }] };
    expect(accepted({ spec })).toEqual({ accepted: 'pending', reason: 'Gateway edge has not answered yet' });
  });

  it('is refused with the reason of the router, on one line', () => {
    expect(accepted({ status: { parents: [answer('gw', 3, 'False')] } })).toEqual({
      accepted: 'refused',
      reason: 'Gateway gw: Accepted=False (R1: about acceptance)',
    });
    expect(accepted({ status: { parents: [answer('gw', 3, 'True', 'False')] } })).toMatchObject({
      accepted: 'refused',
      reason: 'Gateway gw: ResolvedRefs=False (R2: about refs)',
    });
  });

  it('does not count a refusal of an older generation', () => {
    expect(accepted({ status: { parents: [answer('gw', 2, 'False')] } })).toMatchObject({ accepted: 'pending' });
  });

  it('ignores answers for parents that the spec no longer names', () => {
    expect(accepted({ status: { parents: [answer('old', 1, 'False'), answer('gw', 3)] } })).toEqual({
      accepted: 'yes',
      reason: undefined,
    });
  });

  it('is refused without any parent', () => {
    expect(accepted({ spec: { ...route([pair(20, 80)]).spec, parentRefs: [] } })).toMatchObject({
      accepted: 'refused',
    });
  });
});

describe('setting the weights', () => {
  it('writes exactly the weights of the pair, on the version that was read', () => {
    expect(weightPatch(route([[{ name: 'mirror' }], pair(0, 100)]), 'canary', 'stable', 10)).toEqual([
      { op: 'replace', path: '/metadata/resourceVersion', value: '41' },
      { op: 'add', path: '/spec/rules/1/backendRefs/0/weight', value: 10 },
      { op: 'add', path: '/spec/rules/1/backendRefs/1/weight', value: 90 },
    ]);
  });

  it('writes nothing when the weights are already so', () => {
    expect(weightPatch(route([pair(10, 90), pair(10, 90)]), 'canary', 'stable', 10)).toEqual([]);
  });

  it('refuses what is not a percentage', () => {
    expect(() => weightPatch(route([pair(0, 100)]), 'canary', 'stable', 101)).toThrow(RangeError);
    expect(() => weightPatch(route([pair(0, 100)]), 'canary', 'stable', 0.5)).toThrow(RangeError);
  });

  const weight = fc.option(fc.nat({ max: 1_000_000 }), { nil: undefined });
  const other = fc.record(
    { name: fc.constantFrom('shadow', 'legacy'), weight: fc.nat(1000), port: fc.nat(65535) },
    { requiredKeys: ['name'] },
  );
  const rule = fc
    .record({ canary: weight, stable: weight, others: fc.array(other, { maxLength: 3 }), managed: fc.boolean() })
    .chain(({ canary, stable, others, managed }) =>
      fc.shuffledSubarray([...(managed ? pair(canary, stable) : []), ...others], {
        minLength: others.length + (managed ? 2 : 0),
      }),
    );

  it('gives each managed rule weights that share 100 and leaves everything else as it is', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 4 }), fc.integer({ min: 0, max: 100 }), (rules, canaryWeight) => {
        const before = route([...rules, pair()]);
        const after = applyPatch(
          structuredClone(before),
          weightPatch(before, 'canary', 'stable', canaryWeight),
        ).newDocument;
        expect(read(after)).toMatchObject({ state: 'present', canaryWeight });
        const withoutPair = (r: HttpRoute) =>
          JSON.stringify(r, (_key, value) =>
            value?.name === 'canary' || value?.name === 'stable' ? { ...value, weight: undefined } : value,
          );
        expect(withoutPair(after)).toBe(withoutPair(before));
        expect(weightPatch(after, 'canary', 'stable', canaryWeight)).toEqual([]);
      }),
    );
  });
});

describe('Services of Experiments', () => {
  const known = ['exp-a', 'exp-b'];
  const wanted = [
    { service: 'exp-b', port: 8080, weight: 5 },
    { service: 'exp-a', port: 8080, weight: 10 },
  ];
  const changed = (from: HttpRoute, weight: number, experiments: Parameters<typeof weightPatch>[4]): HttpRoute =>
    applyPatch(structuredClone(from), weightPatch(from, 'canary', 'stable', weight, experiments)).newDocument;

  it('get their part of the 100 from the stable Service, and give it back', () => {
    const others = [{ name: 'user', port: 80, weight: 3 }];
    const before = route([[...pair(20, 80), ...others], others, pair(20, 80)]);
    const during = changed(before, 20, { wanted, known });
    expect(
      during.spec?.rules?.map(({ backendRefs }) => backendRefs?.map(({ name, weight }) => [name, weight])),
    ).toEqual([
      [
        ['canary', 20],
        ['stable', 65],
        ['user', 3],
        ['exp-a', 10],
        ['exp-b', 5],
      ],
      [['user', 3]],
      [
        ['canary', 20],
        ['stable', 65],
        ['exp-a', 10],
        ['exp-b', 5],
      ],
    ]);
    expect(readRoute(during, 'canary', 'stable', known)).toMatchObject({
      canaryWeight: 20,
      additional: [
        { service: 'exp-a', weight: 10 },
        { service: 'exp-b', weight: 5 },
      ],
    });
    // The same again writes nothing; another weight touches weights alone; none takes them away.
    expect(weightPatch(during, 'canary', 'stable', 20, { wanted, known })).toEqual([]);
    const paths = weightPatch(during, 'canary', 'stable', 30, { wanted, known }).map(({ path }) => path);
    expect(paths.slice(1).every((path) => path.endsWith('/weight'))).toBe(true);
    expect(changed(during, 20, { wanted: [], known })).toEqual(before);
  });

  it("are not taken for the user's own backends, and never get more than there is", () => {
    const during = changed(route([pair(20, 80)]), 20, { wanted, known });
    expect(readRoute(during, 'canary', 'stable')).toMatchObject({ canaryWeight: undefined });
    expect(() => weightPatch(during, 'canary', 'stable', 90, { wanted, known })).toThrow(RangeError);
  });
});
